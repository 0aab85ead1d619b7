"""Which controls of the energy page belong to a config, and data of one's own: atoms from a file, a painted field."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.player.player import Stroke
from demos.physics.clusters.xyz import read_xyz
from demos.physics.clusters.xyz_text import encode_atoms
from demos.physics.config import EnergyConfig
from demos.physics.menu import MENU
from demos.physics.phase_field.drawing import draw_stroke, encode_drawing, read_drawing

OWN = frozenset(name for row in MENU.values() for name in row.controls)
TEXTS = ("atoms", "drawing")  # never typed: a file or the brush writes them
POTENTIAL = {"steepness": "morse", "repulsion": "power_law", "attraction": "power_law"}
SEARCH = {"walks": ("hopping", "starts"), "hops": ("hopping",), "hot": ("annealing",), "cold": ("annealing",)}
STABILIZED = ("etdrk2", "semi_implicit")


def not_for(config: EnergyConfig) -> frozenset[str]:
    """The fields that mean nothing for this system and method: they keep their values, undrawn."""
    hidden = (OWN - set(config.row.controls)) | set(TEXTS)
    hidden |= {name for name, potential in POTENTIAL.items() if config.potential != potential}
    hidden |= {name for name, methods in SEARCH.items() if config.method not in methods}
    hidden |= {"stabilizer"} if config.method not in STABILIZED else set()
    hidden |= {"mean"} if config.start != "spinodal" else set()
    hidden |= {"film_metric"} if config.optimizes else set()
    hidden |= {"rotation"} if config.dimensions == "1" else {"trap"}
    hidden |= {"start"} if len(config.row.starts) == 1 else set()
    hidden |= {"color"} if config.system != "cluster" else set()
    timed = config.method == "annealing" or not (config.optimizes or config.searches)
    hidden |= {"iterations"} if timed or config.searches else set()
    hidden |= {"duration"} if not timed else set()
    hidden |= {"tolerance"} if not config.adapts else set()
    hidden |= {"step"} if config.adapts or config.method in ("hopping", "starts") else set()
    return frozenset(hidden)


def step_label(config: EnergyConfig) -> str:
    """What the step is for this method."""
    if config.optimizes:
        return "Longest move" if config.method == "lbfgs" else "Step size"
    return "Step size h"


class own_data:  # noqa: N801 - used like a function
    """Where a visitor's own data come in: an XYZ file for a cluster, a drawing for a phase field."""

    def __init__(self, controls: Controls) -> None:
        self._controls, self._config = controls, controls.config

    def upload(self) -> None:
        """The place for a file, where the system takes one. What cannot be read is told, and the picture stays."""
        if self._config.system != "cluster" or st.context.is_embedded:
            return
        with st.expander("Your own atoms"):
            st.caption("An .xyz file with 2 to 75 atoms: their number, a comment, then a name and x y z on each line.")
            st.file_uploader(
                "File",
                type=["xyz", "txt"],
                key="energy-file",
                on_change=self._uploaded,
                label_visibility="collapsed",
                max_upload_size=1,
            )

    def _uploaded(self) -> None:
        file = st.session_state.get("energy-file")
        if file is None:
            return
        try:
            positions = read_xyz(file.getvalue())
            self._controls.change(system="cluster", start="given", count=len(positions), atoms=encode_atoms(positions))
        except ValueError as problem:
            self._controls.refuse(str(problem))

    def stroke(self, stroke: Stroke) -> None:
        """A callback of the player: paint on the phase field's start, or wipe it."""
        if self._config.system != "phase":
            return
        side = float(self._config.grid)
        points = np.array(stroke.points).reshape(-1, 2) / side
        try:
            field = read_drawing(self._config.drawing) if self._config.drawing else None
            drawn = encode_drawing(draw_stroke(field, points, stroke.radius / side, stroke.mode))
        except ValueError as problem:
            self._controls.refuse(str(problem))
            return
        self._controls.change(start="drawn", drawing=drawn)

"""A visitor's own data on the energy page: an XYZ file for a system of atoms, a drawing for a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.own_data import OwnData
from dashboard.player.player import Stroke
from demos.physics.clusters.model import FEWEST, MOST
from demos.physics.clusters.xyz import atoms_of_file
from demos.physics.clusters.xyz_text import encode_atoms
from demos.physics.phase_field.drawing import draw_stroke, encode_drawing, read_drawing


class SystemData(OwnData):
    """The upload and the brush of /energy: for a config with a field "atoms", and for one with a field "drawing"."""

    def __init__(self, controls: Controls) -> None:
        super().__init__(controls, "energy-file")
        self._config = controls.config
        self._fields = self._config.controls()

    def upload(self) -> None:
        """Draw the upload widget, if the system has atoms and the page is not embedded."""
        if "atoms" in self._fields and not st.context.is_embedded:
            caption = (
                f"An .xyz file with {FEWEST} to {MOST} atoms: their number, a comment, then a name and x y z on each "
                "line. Files in Ångström are scaled; of several frames the last is used."
            )
            self.upload_place("Your own atoms", caption, ("xyz", "txt"), self.read, megabytes=1)

    def read(self, name: str, content: bytes) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """(The fields that make a file's atoms the start of the run, sentences about how the file was converted)."""
        config = self.controls.current
        kind = config.controls()["potential"].options[config.potential]
        found = atoms_of_file(content, config.pair_potential().distance, kind)
        atoms = found.positions
        return {"start": "given", "count": len(atoms), "atoms": encode_atoms(atoms)}, found.notes

    def stroke(self, stroke: Stroke) -> None:
        """The player's callback of a stroke: paint on the initial field, or erase."""
        if "drawing" in self._fields:
            self.change(lambda: self._painted(stroke))

    def _painted(self, stroke: Stroke) -> Mapping[str, Any]:
        side = float(self._config.grid)
        points = np.array(stroke.points).reshape(-1, 2) / side
        field = read_drawing(self._config.drawing) if self._config.drawing else None
        drawn = encode_drawing(draw_stroke(field, points, stroke.radius / side, stroke.mode))
        return {"start": "drawn", "drawing": drawn}

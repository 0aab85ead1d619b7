"""A visitor's own data on the energy page: an XYZ file for a system of atoms, a drawing for a field."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.player.player import Stroke
from demos.physics.clusters.xyz import read_xyz
from demos.physics.clusters.xyz_text import encode_atoms
from demos.physics.phase_field.drawing import draw_stroke, encode_drawing, read_drawing


class OwnData:
    """Where own data come in: for a config that has a field "atoms" or a field "drawing"."""

    def __init__(self, controls: Controls) -> None:
        self._controls, self._config = controls, controls.config
        self._fields = self._config.controls()

    def upload(self) -> None:
        """The place for a file, where the system takes one. What cannot be read is reported, and the picture stays."""
        if "atoms" not in self._fields or st.context.is_embedded:
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
            self._controls.change(start="given", count=len(positions), atoms=encode_atoms(positions))
        except ValueError as problem:
            self._controls.refuse(str(problem))

    def stroke(self, stroke: Stroke) -> None:
        """A callback of the player: paint on the field's start, or erase."""
        if "drawing" not in self._fields:
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

"""Data of one's own: strokes of the player's brush, or an uploaded file, as the points of a config.

A drawing is nothing but the config's points: a stroke adds to those that are shown, wherever they came from, and an
eraser takes away from them. So it is always what one sees, in a link too.
"""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.player.player import Stroke
from demos.diffusion.config import POINTS, DiffusionConfig
from demos.diffusion.data import add_stroke, decode_points, encode_points, erase, points_from_upload


class Drawing:
    """The brush, the eraser and the file of one session; all end in the config's `points`, and so in the address."""

    def __init__(self, controls: Controls, key: str) -> None:
        self._controls, self._key = controls, key

    def stroke(self, stroke: Stroke) -> None:
        """A callback of the player: add to the points that are shown, or take away from them."""
        shown = self._shown()
        try:
            if stroke.mode == "add":
                self._show(add_stroke(shown, stroke.points, stroke.radius))
            elif self._controls.current.data != POINTS:
                self._controls.refuse("There is nothing drawn yet that could be taken away.")
            else:
                left = shown[:0] if stroke.mode == "clear" else erase(shown, stroke.points, stroke.radius)
                self._show(left) if len(np.unique(left, axis=0)) > 1 else self._back()
        except ValueError as problem:
            self._controls.refuse(str(problem))

    def upload(self) -> None:
        """The place for a file. What cannot be read is told in a sentence, and the picture stays."""
        with st.expander("Your own points"):
            st.caption(
                "Choose Draw under the picture and paint, or send a file: .csv or .npy with two columns, or a .png."
            )
            st.file_uploader(
                "File",
                type=["csv", "npy", "png"],
                key=self._key,
                on_change=self._uploaded,
                label_visibility="collapsed",
                max_upload_size=5,
            )

    def _uploaded(self) -> None:
        file = st.session_state.get(self._key)
        if file is None:
            return
        content = file.getvalue()
        seed = int.from_bytes(hashlib.sha256(content).digest()[:4], "little")
        try:
            self._show(points_from_upload(file.name, content, seed=seed))
        except ValueError as problem:
            self._controls.refuse(str(problem))

    def _shown(self) -> np.ndarray:
        """The config's points (n, 2); none where its text is not one that can be read."""
        config = self._controls.current
        try:
            return decode_points(config.points if config.data == POINTS else "")
        except ValueError:
            return np.empty((0, 2))

    def _show(self, points: np.ndarray) -> None:
        """Where they are: a drawing that was fitted into the panel would leave the place where it was drawn."""
        text, before = encode_points(points, fit=False), self._controls.current.data
        if before != POINTS:
            st.session_state[f"{self._key}-before"] = before
        self._controls.change(data=POINTS, points=text)

    def _back(self) -> None:
        """Nothing is left: the data that were there before."""
        self._controls.change(data=st.session_state.get(f"{self._key}-before", DiffusionConfig.data), points="")

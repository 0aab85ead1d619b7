"""Data of one's own: strokes of the player's brush, or an uploaded file, as the points of a config."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st

from dashboard.parts.controls import Controls
from dashboard.parts.player.player import Stroke
from demos.diffusion.config import POINTS
from demos.diffusion.data import encode_points, points_from_strokes, points_from_upload


class Drawing:
    """The strokes of one session, and the file it sent; both end in the config's `points`, and so in the address."""

    def __init__(self, controls: Controls, key: str) -> None:
        self._controls, self._key = controls, key

    @property
    def _strokes(self) -> list[np.ndarray]:
        return st.session_state.setdefault(f"{self._key}-strokes", [])

    def stroke(self, stroke: Stroke) -> None:
        """A callback of the player: take the stroke, and make points of the drawing once it is more than a dot."""
        kept = self._strokes
        if stroke.mode == "clear":
            kept.clear()
            return
        corners = np.array(stroke.points)
        if stroke.mode == "add":
            kept.append(corners)
        else:
            kept[:] = [part for line in kept for part in _without(line, corners, stroke.radius)]
        try:
            points = points_from_strokes(kept, width=stroke.radius / 2)
        except ValueError as problem:
            self._controls.tell(str(problem))
            return
        self._controls.change(data=POINTS, points=encode_points(points))

    def upload(self) -> None:
        """The place for a file. What cannot be read is told in a sentence, and the picture stays."""
        with st.expander("Your own points"):
            st.caption("Choose Draw under the picture and paint, or send a file: .csv or .npy with two columns, or a "
                       ".png.")
            st.file_uploader("File", type=["csv", "npy", "png"], key=self._key, on_change=self._uploaded,
                             label_visibility="collapsed", max_upload_size=5)

    def _uploaded(self) -> None:
        file = st.session_state.get(self._key)
        if file is None:
            return
        content = file.getvalue()
        seed = int.from_bytes(hashlib.sha256(content).digest()[:4], "little")
        try:
            points = points_from_upload(file.name, content, seed=seed)
        except ValueError as problem:
            self._controls.tell(str(problem))
            return
        self._controls.change(data=POINTS, points=encode_points(points))


def _without(line: np.ndarray, eraser: np.ndarray, radius: float) -> list[np.ndarray]:
    """What is left of a stroke where an eraser went over it: the pieces between."""
    kept = np.linalg.norm(line[:, None] - eraser[None], axis=2).min(axis=1) > radius
    cuts = np.flatnonzero(np.diff(kept.astype(int))) + 1
    pieces = zip(np.split(line, cuts), np.split(kept, cuts), strict=True)
    return [piece for piece, keep in pieces if len(piece) and keep[0]]

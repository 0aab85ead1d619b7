"""A visitor's own data on /diffusion: strokes of the player's brush, or an uploaded file, become the config's points.

A drawing is stored only in the config's points. A stroke adds points to those on the page, wherever they came from, and
the eraser removes some. So the page and its link always show the same drawing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from dashboard.frame.own_data import OwnData
from dashboard.player.player import Stroke
from demos.diffusion.config import POINTS, DiffusionConfig
from demos.diffusion.data import add_stroke, decode_points, encode_points, erase, read_upload
from demos.diffusion.data.upload.read import TYPES
from demos.diffusion.data.upload.table import MOST_BYTES


class Drawing(OwnData):
    """The brush, the eraser and the upload. All of them set the config's `points`, which the address stores."""

    def stroke(self, stroke: Stroke) -> None:
        """The player's callback of a stroke: add points, or remove some."""
        self.change(lambda: self._after(stroke))

    def upload(self) -> None:
        """Draw the upload widget."""
        self.upload_place(
            "Your own points",
            "Choose Draw under the picture and paint, or send a file: a table with two columns of numbers (.csv, .txt, "
            ".json, .npy …), perhaps a third with the class, or a picture (.png, .jpg …).",
            TYPES,
            self.read,
            megabytes=MOST_BYTES >> 20,
        )

    def read(self, name: str, content: bytes) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """(The fields that a file's points set, sentences about how the file was converted)."""
        seed = int.from_bytes(hashlib.sha256(content).digest()[:4], "little")
        found = read_upload(name, content, seed=seed)
        text = encode_points(found.points, fit=False, labels=found.labels, names=found.names)
        return self._with_text(text), found.notes

    def _after(self, stroke: Stroke) -> Mapping[str, Any]:
        points = self._points()
        if stroke.mode == "add":
            return self._with(add_stroke(points, stroke.points, stroke.radius))
        if self.controls.current.data != POINTS:
            raise ValueError("There is nothing drawn yet that could be taken away.")
        left = points[:0] if stroke.mode == "clear" else erase(points, stroke.points, stroke.radius)
        if len(np.unique(left, axis=0)) > 1:
            return self._with(left)
        # Nothing is left: return to the data set that was chosen before the drawing.
        return {"data": st.session_state.get(f"{self.key}-before", DiffusionConfig.data), "points": ""}

    def _points(self) -> np.ndarray:
        """The config's points (n, 2); n = 0 where the config has none or they cannot be decoded."""
        config = self.controls.current
        try:
            return decode_points(config.points if config.data == POINTS else "")
        except ValueError:
            return np.empty((0, 2))

    def _with(self, points: np.ndarray) -> Mapping[str, Any]:
        """The fields for these points. They are not fitted into the box, which would move a drawing under the brush."""
        return self._with_text(encode_points(points, fit=False))

    def _with_text(self, text: str) -> Mapping[str, Any]:
        before = self.controls.current.data
        if before != POINTS:
            st.session_state[f"{self.key}-before"] = before
        changes = {"data": POINTS, "points": text}
        # The new points may not have the class that the config asks for.
        return changes | ({} if self.controls.current.target in ("all", "each") else {"target": "all"})

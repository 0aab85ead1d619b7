"""Data of one's own: strokes of the player's brush, or an uploaded file, as the points of a config.

A drawing is nothing but the config's points: a stroke adds to those that are on the page, wherever they came from, and
an eraser takes away from them. So it is always what one sees, in a link too.
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
    """The brush, the eraser and the file of one session; all set the config's `points`, and so the address."""

    def stroke(self, stroke: Stroke) -> None:
        """A callback of the player: add to the points, or take away from them."""
        self.change(lambda: self._after(stroke))

    def upload(self) -> None:
        """The place for a file."""
        self.upload_place(
            "Your own points",
            "Choose Draw under the picture and paint, or send a file: a table with two columns of numbers (.csv, .txt, "
            ".json, .npy …), perhaps a third with the class, or a picture (.png, .jpg …).",
            TYPES,
            self.read,
            megabytes=MOST_BYTES >> 20,
        )

    def read(self, name: str, content: bytes) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """The points of a file, and what was done to it."""
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
        # Nothing is left: the data that were there before.
        return {"data": st.session_state.get(f"{self.key}-before", DiffusionConfig.data), "points": ""}

    def _points(self) -> np.ndarray:
        """The config's points (n, 2); none where its text is not one that can be read."""
        config = self.controls.current
        try:
            return decode_points(config.points if config.data == POINTS else "")
        except ValueError:
            return np.empty((0, 2))

    def _with(self, points: np.ndarray) -> Mapping[str, Any]:
        """Where they are: a drawing that was fitted into the panel would leave the place where it was drawn."""
        return self._with_text(encode_points(points, fit=False))

    def _with_text(self, text: str) -> Mapping[str, Any]:
        before = self.controls.current.data
        if before != POINTS:
            st.session_state[f"{self.key}-before"] = before
        changes = {"data": POINTS, "points": text}
        # A class that the new points do not have is asked for no more.
        return changes | ({} if self.controls.current.target in ("all", "each") else {"target": "all"})

"""Named presets: each teaches one thing in one sentence."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from demos.contract import Scene

PARTS = ("scenes_fields", "scenes_rods")

SCENES: tuple[Scene, ...] = tuple(
    scene
    for part in PARTS
    if find_spec(f"demos.physics.{part}") is not None
    for scene in import_module(f"demos.physics.{part}").SCENES
)

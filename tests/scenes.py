"""Every scene of every demo, run once in a session by all tests that look at its result."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from demos.contract import Demo, Result, Scene
from demos.registry import demo, demos

SCENES = [(demo, scene) for demo in demos().values() for scene in demo.scenes]


def scene_parameters(*names: str) -> list[Any]:
    """(demo, scene) of the demos of these names, or of all, as parameters of a test."""
    return [
        pytest.param(demo, scene, id=f"{demo.name}-{scene.name}")
        for demo, scene in SCENES
        if not names or demo.name in names
    ]


def scene_result(demo: Demo, scene: Scene) -> Result:
    """What `demo.run` gives for the scene. Shared by all tests: never change it."""
    return _run(demo.name, scene.name)


@cache
def _run(demo_name: str, scene_name: str) -> Result:
    one = demo(demo_name)
    return one.run(next(scene.config for scene in one.scenes if scene.name == scene_name))

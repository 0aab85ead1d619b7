"""Ways in which the engine of the two wells can be wrong."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Demo, Scene
from tests.verdicts.stochastic import FRAMES, SHARED


def moves(demo: Demo, scene: Scene) -> bool:
    """A cloud that stands still in its well looks the same in any order."""
    return scene.name != "large_batch"


MUTATIONS = tuple(
    replace(mutation, matters=moves) if mutation.name == "frames shuffled" and mutation in FRAMES else mutation
    for mutation in SHARED
)

"""Ways in which the engine of heavy tails can be wrong."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Demo, Scene
from tests.verdicts.stochastic import SHARED


def has_a_tail(demo: Demo, scene: Scene) -> bool:
    """Normal numbers as wide as a law that is nearly normal are no other picture."""
    return scene.name != "normal"


MUTATIONS = tuple(
    replace(mutation, matters=has_a_tail) if mutation.name == "states ← noise" else mutation for mutation in SHARED
)

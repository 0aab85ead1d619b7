"""Ways in which the chain's engine can be wrong."""

from __future__ import annotations

from demos.contract import Demo, Scene
from tests.verdicts.harness import Mutation
from tests.verdicts.particles import other_curve
from tests.verdicts.rods import frames, slow_clock, system_of


def rests(demo: Demo, scene: Scene) -> bool:
    """The picture of a chain that trembles shows no energy that is compared: only joints and tensions."""
    return scene.name != "trembling"


MUTATIONS = (
    Mutation("force + 2 %", system_of("hanging_chain", force=1.02)),
    Mutation("force − 2 %", system_of("hanging_chain", force=0.98)),
    Mutation("force + 10 %", system_of("hanging_chain", force=1.1)),
    Mutation("force − 10 %", system_of("hanging_chain", force=0.9)),
    Mutation("energy + 1 %", system_of("hanging_chain", energy=1.01), rests),
    Mutation("clock × ½", slow_clock(0.5)),
    Mutation("frozen", frames("frozen")),
    Mutation("frames shuffled", frames("shuffled")),
    Mutation("states ← noise", frames("noise")),
    Mutation("energy curve of another run", other_curve),
)

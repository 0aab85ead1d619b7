"""Ways in which the column's engine can be wrong."""

from __future__ import annotations

import pytest

from demos.contract import Demo, Scene
from demos.physics.column.model import Bending
from tests.verdicts.harness import Mutation
from tests.verdicts.particles import other_curve
from tests.verdicts.rods import Apply, frames, slow_clock, system_of


def push(factor: float) -> Apply:
    """The load pushes harder than it should, in the energy, the force and the Hessian alike."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        build = Bending.__init__
        monkeypatch.setattr(Bending, "__init__", lambda self, links, load: build(self, links, factor * load))

    return apply


def flows(demo: Demo, scene: Scene) -> bool:
    """An optimizer has no clock, and only wants the end: a force that is longer in all places leads there too."""
    return not scene.config.optimizes


MUTATIONS = (
    Mutation("push + 2 %", push(1.02)),
    Mutation("push − 2 %", push(0.98)),
    Mutation("push + 10 %", push(1.1)),
    Mutation("push − 10 %", push(0.9)),
    Mutation("force + 2 %", system_of("column", force=1.02), flows),
    Mutation("force − 2 %", system_of("column", force=0.98), flows),
    Mutation("force + 10 %", system_of("column", force=1.1), flows),
    Mutation("clock × ½", slow_clock(0.5), flows),
    Mutation("frozen", frames("frozen")),
    Mutation("frames shuffled", frames("shuffled")),
    Mutation("states ← noise", frames("noise")),
    Mutation("energy curve of another run", other_curve),
)

"""Ways in which the engine of SGLD can be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from demos.contract import Demo, Scene
from demos.stochastic.bench.descent import Descent, descend
from tests.verdicts.harness import Mutation, replace_everywhere
from tests.verdicts.stochastic import FRAMES, GRADIENT, batches, first_chain, stale


def hotter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The injected noise has a temperature of 1.25, and not of 1."""

    def broken(*arguments, temperature: float, **named) -> Descent:
        return descend(*arguments, temperature=1.25 * temperature, **named)

    assert replace_everywhere(monkeypatch, descend, broken)


def half_of_the_data(drawn: torch.Tensor) -> torch.Tensor:
    """Batches come from the first half of the examples."""
    return drawn // 2


def loud(demo: Demo, scene: Scene) -> bool:
    """Where the injected noise is nearly all there is, batches that repeat are no other picture."""
    return scene.name in ("controlled", "no_sampler")


def remembers(demo: Demo, scene: Scene) -> bool:
    """At the largest rate the start is forgotten in a step: any two frames are alike."""
    return scene.name != "no_sampler"


MUTATIONS = (
    *GRADIENT,
    *(replace(mutation, matters=remembers) if mutation.name == "clock × ½" else mutation for mutation in FRAMES),
    Mutation("injected noise of temperature 1.25", hotter, lambda demo, scene: scene.name != "no_sampler"),
    Mutation("batches of half of the data", batches(half_of_the_data)),
    Mutation("every batch used twice", stale, loud),
    Mutation("one batch for all chains", lambda patch: batches(lambda d: first_chain(d.T).T)(patch), loud),
)

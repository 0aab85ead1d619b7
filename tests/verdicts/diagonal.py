"""Ways in which the engine of the diagonal linear network can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from demos.contract import Demo, Scene
from demos.gradient_flow import Trajectory, solve
from tests.verdicts.harness import Mutation, replace_everywhere
from tests.verdicts.stochastic import SHARED


def of_flow(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[pytest.MonkeyPatch], None]:
    """Replace what the solver recorded of gradient flow, and nothing else."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments, **named) -> Trajectory:
            path = solve(*arguments, **named)
            return replace(path, states=change(path.states)) if path.states.shape[1] == 1 else path

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply


def leaning(states: torch.Tensor) -> torch.Tensor:
    """Of w and v only w grows: β is another one, and w·v is not kept."""
    factor = torch.linspace(1.0, 1.001, len(states), dtype=states.dtype)[:, None, None]
    half = states.shape[2] // 2
    return torch.cat((factor * states[..., :half], states[..., half:]), 2)


def with_batches(demo: Demo, scene: Scene) -> bool:
    """In the scene of the start every batch is large, and all has come to rest soon."""
    return scene.name != "start"


MUTATIONS = (
    *(replace(mutation, matters=with_batches) for mutation in SHARED),
    Mutation("gradient flow: w·v grows by 0.1 %", of_flow(leaning)),
    Mutation("gradient flow backwards", of_flow(lambda states: states.flip(0))),
)

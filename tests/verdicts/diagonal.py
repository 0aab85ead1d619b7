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


def apart(first: int, last: int | None, label_noise: bool) -> Callable[[pytest.MonkeyPatch], None]:
    """In these frames of descent w is half as large again and v as much smaller: w·v is kept, and β is another one.
    label_noise: only in the chains with label noise."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments, **named) -> Trajectory:
            path = solve(*arguments, **named)
            count, width = path.states.shape[1:]
            if count == 1:  # gradient flow
                return path
            states = path.states.clone()
            part = states[first:last, (1 + count) // 2 if label_noise else 0 :]
            part[..., : width // 2] *= 1.5
            part[..., width // 2 :] /= 1.5
            return replace(path, states=states)

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply


def with_batches(demo: Demo, scene: Scene) -> bool:
    """In the scene of the start every batch is large, and all has come to rest soon."""
    return scene.name != "start"


def with_label_noise(demo: Demo, scene: Scene) -> bool:
    return scene.config.label_noise > 0


MUTATIONS = (
    Mutation("label noise: w × 1.5, v ÷ 1.5", apart(1, None, label_noise=True), with_label_noise),
    Mutation("descent on its way: w × 1.5, v ÷ 1.5", apart(1, -1, label_noise=False)),
    *(replace(mutation, matters=with_batches) for mutation in SHARED),
    Mutation("gradient flow: w·v grows by 0.1 %", of_flow(leaning)),
    Mutation("gradient flow backwards", of_flow(lambda states: states.flip(0))),
)

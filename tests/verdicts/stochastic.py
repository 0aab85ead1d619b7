"""Mutations that several panels of stochastic gradient flow share: gradients, batches and frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from demos.gradient_flow import Trajectory, solve
from demos.stochastic.bench.batches import Draws
from demos.stochastic.bench.descent import Descent, descend
from tests.verdicts.harness import Mutation, frozen, noise, one_point, replace_everywhere, shuffled

Apply = Callable[[pytest.MonkeyPatch], None]


def gradient(factor: float) -> Apply:
    """The gradient on each batch is too long, or too short."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(given, *arguments, **named) -> Descent:
            return descend(lambda x, step: factor * given(x, step), *arguments, **named)

        assert replace_everywhere(monkeypatch, descend, broken)

    return apply


def batches(change: Callable[[torch.Tensor], torch.Tensor]) -> Apply:
    """What is drawn at each step, changed."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        draw = Draws.__getitem__
        monkeypatch.setattr(Draws, "__getitem__", lambda self, step: change(draw(self, step)))

    return apply


def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch is used for two steps."""
    draw = Draws.__getitem__
    monkeypatch.setattr(Draws, "__getitem__", lambda self, step: draw(self, step - step % 2))


def first_chain(drawn: torch.Tensor) -> torch.Tensor:
    """All chains get the batches of the first."""
    return drawn[:1].expand_as(drawn)


def frames(change: Callable[[torch.Tensor], torch.Tensor]) -> Apply:
    """Replace what the solver has recorded, or observed: (F, n, d) -> like it."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments, **named) -> Trajectory:
            path = solve(*arguments, **named)
            observed = None if path.observed is None else change(path.observed)
            return replace(path, states=change(path.states), observed=observed)

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply


def timed(factor: float) -> Apply:
    """The recorded times are wrong."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments, **named) -> Trajectory:
            path = solve(*arguments, **named)
            return replace(path, times=factor * path.times)

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply


FRAMES = (
    Mutation("clock × ½", timed(0.5)),
    Mutation("states ← noise", frames(noise)),
    Mutation("frozen", frames(frozen)),
    Mutation("frames shuffled", frames(shuffled)),
    Mutation("all at one point", frames(one_point)),
)
BATCHES = (
    Mutation("noise + 10 %", batches(lambda drawn: 1.1 * drawn)),
    Mutation("noise − 10 %", batches(lambda drawn: 0.9 * drawn)),
    Mutation("the same batches for all chains", batches(first_chain)),
    Mutation("every batch used twice", stale),
)
GRADIENT = (
    Mutation("gradient + 5 %", gradient(1.05)),
    Mutation("gradient − 5 %", gradient(0.95)),
    Mutation("gradient 0", gradient(0.0)),
)
SHARED = (*GRADIENT, *BATCHES, *FRAMES)

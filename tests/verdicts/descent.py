"""Ways in which the engine of the page of descent can be wrong: its gradient, its rate, its clock, what it records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from demos.contract import Demo, Scene
from demos.descent.lsoda import lsoda
from demos.gradient_flow import GradientFlow, Run, Trajectory, solve
from demos.gradient_flow.together import stacked
from tests.verdicts.harness import Mutation, engine, frozen, noise, recorded, replace_everywhere, shuffled


def pushed(factor: float) -> Callable[[GradientFlow], GradientFlow]:
    def change(flow: GradientFlow) -> GradientFlow:
        gradient = flow.gradient
        return replace(flow, gradient=lambda x, t: factor * gradient(x, t))

    return change


def turned(flow: GradientFlow) -> GradientFlow:
    """The gradient turned by 3 degrees."""
    gradient, c, s = flow.gradient, 0.99863, 0.052336
    matrix = torch.tensor([[c, s], [-s, c]], dtype=torch.float64)
    return replace(flow, gradient=lambda x, t: gradient(x, t) @ matrix)


def timed(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    """Every step, and every recorded time of the flow, is that much longer than it says."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(flow: GradientFlow, start: torch.Tensor, times: Any, *arguments: Any, **named: Any) -> Trajectory:
            asked = named.get("record")
            if isinstance(asked, list):
                named["record"] = [factor * t for t in asked]
            return solve(flow, start, torch.as_tensor(times, dtype=torch.float64) * factor, *arguments, **named)

        def all_broken(flow: GradientFlow, x: torch.Tensor, runs: Sequence[Run], *rest: Any) -> list[Trajectory | None]:
            return stacked(flow, x, [replace(run, rate=factor * run.rate) for run in runs], *rest)

        assert replace_everywhere(monkeypatch, solve, broken)
        assert replace_everywhere(monkeypatch, stacked, all_broken)
        change_flow(monkeypatch, lambda gradient, hessian, starts, times, *rest: (
            lsoda(gradient, hessian, starts, factor * times, *rest)
        ))  # fmt: skip

    return apply


def change_flow(monkeypatch: pytest.MonkeyPatch, broken: Callable[..., np.ndarray]) -> None:
    """The integrator of the exact flow, which is none of the solver's methods."""
    assert replace_everywhere(monkeypatch, lsoda, broken)


def pushing(change: Callable[[GradientFlow], GradientFlow]) -> Callable[[pytest.MonkeyPatch], None]:
    """A change of what every method and the exact flow follow."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        engine(change)(monkeypatch)
        change_flow(monkeypatch, lambda gradient, *rest: lsoda(change(GradientFlow(gradient=gradient)).gradient, *rest))

    return apply


def recording(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[pytest.MonkeyPatch], None]:
    """A change of every recorded path, the exact flow's too."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        recorded(change)(monkeypatch)
        change_flow(monkeypatch, lambda *arguments: change(torch.from_numpy(lsoda(*arguments))).numpy())

    return apply


def shifted(states: torch.Tensor) -> torch.Tensor:
    """By a hundredth of the path's extent, at every moment after the start."""
    states = states.clone()
    extent = (states.nan_to_num().amax((0, 1)) - states.nan_to_num().amin((0, 1))).clamp(1e-3, 10.0)
    states[1:] += 0.01 * extent
    return states


def skipped(states: torch.Tensor) -> torch.Tensor:
    """Every frame is the one before it."""
    return torch.cat([states[:1], states[:-1]])


def wider(factor: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """Every path, about its own end: its length and its swings change alike."""
    return lambda states: states[-1:] + factor * (states - states[-1:])


def has(*methods: str) -> Callable[[Demo, Scene], bool]:
    return lambda demo, scene: bool(set(methods) & set(scene.config.methods))


MUTATIONS = (
    Mutation("gradient + 5 %", pushing(pushed(1.05))),
    Mutation("gradient − 5 %", pushing(pushed(0.95))),
    Mutation("gradient 0", pushing(pushed(0.0))),
    Mutation("uphill", pushing(pushed(-1.0))),
    Mutation("gradient turned by 3°", pushing(turned)),
    Mutation("rate + 5 %", timed(1.05)),
    Mutation("samples ← noise", recording(noise)),
    Mutation("frozen", recording(frozen)),
    Mutation("frames shuffled", recording(shuffled)),
    Mutation("shifted by 1 %", recording(shifted)),
    Mutation("a step late", recording(skipped)),
    Mutation("paths longer by a tenth", recorded(wider(1.1)), has("normalized_descent", "rmsprop")),
    Mutation("Adam's path a hundredth as long", recorded(wider(0.01)), has("adam")),
)

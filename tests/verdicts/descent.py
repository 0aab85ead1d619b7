"""Ways in which the engine of the page of descent can be wrong: its gradient, its rate, its clock, what it records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from demos.gradient_flow import GradientFlow, Trajectory, solve
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

        assert replace_everywhere(monkeypatch, solve, broken)

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


MUTATIONS = (
    Mutation("gradient + 5 %", engine(pushed(1.05))),
    Mutation("gradient − 5 %", engine(pushed(0.95))),
    Mutation("gradient 0", engine(pushed(0.0))),
    Mutation("uphill", engine(pushed(-1.0))),
    Mutation("gradient turned by 3°", engine(turned)),
    Mutation("rate + 5 %", timed(1.05)),
    Mutation("samples ← noise", recorded(noise)),
    Mutation("frozen", recorded(frozen)),
    Mutation("frames shuffled", recorded(shuffled)),
    Mutation("shifted by 1 %", recorded(shifted)),
    Mutation("a step late", recorded(skipped)),
)

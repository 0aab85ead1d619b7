"""Ways in which the engine of the Langevin page can be wrong: its flow, its noise, its clock, and what it records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from demos.contract import Demo, Scene
from demos.gradient_flow import GradientFlow, Trajectory, solve
from demos.langevin.samplers import TIMELESS
from tests.verdicts.harness import Mutation, engine, frozen, noise, one_point, recorded, replace_everywhere, shuffled


def hotter(factor: float) -> Callable[[GradientFlow], GradientFlow]:
    def change(flow: GradientFlow) -> GradientFlow:
        kT = flow.temperature
        return replace(flow, temperature=(lambda t: factor * kT(t)) if callable(kT) else factor * kT)

    return change


def steeper(factor: float) -> Callable[[GradientFlow], GradientFlow]:
    """Energy and force alike: another well."""

    def change(flow: GradientFlow) -> GradientFlow:
        energy, gradient, hessian = flow.energy, flow.gradient, flow.hessian
        return replace(
            flow,
            energy=lambda x, t: factor * energy(x, t),
            gradient=lambda x, t: factor * gradient(x, t),
            hessian=None if hessian is None else lambda x, t: factor * hessian(x, t),
        )

    return change


def pushed(factor: float) -> Callable[[GradientFlow], GradientFlow]:
    """The force alone, as if its code had a wrong factor."""

    def change(flow: GradientFlow) -> GradientFlow:
        gradient = flow.gradient
        return replace(flow, gradient=lambda x, t: factor * gradient(x, t))

    return change


def timed(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    """The recorded times are wrong."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments: Any, **named: Any) -> Trajectory:
            path = solve(*arguments, **named)
            return replace(path, times=path.times * factor)

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply


def same_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second particle gets the noise of the one before it, the other way along y: correlated, each one right."""
    from demos.gradient_flow.problem import Problem

    normal = Problem.normal

    def correlated(self: Problem) -> torch.Tensor:
        values = normal(self)
        values[:, 1] = (values[:, 0] + values[:, 1]) / 2**0.5
        return values

    monkeypatch.setattr(Problem, "normal", correlated)


def without_a_well(states: torch.Tensor) -> torch.Tensor:
    """Whoever is right of the middle of the cloud at the end is put where somebody on the left is."""
    states = states.clone()
    last = states[-1, :, 0].nan_to_num()
    right = last > (last.quantile(0.02) + last.quantile(0.98)) / 2
    left = torch.nonzero(~right).flatten()
    if right.any() and len(left):
        states[:, right] = states[:, left[torch.arange(int(right.sum())) % len(left)]]
    return states


def shifted(states: torch.Tensor) -> torch.Tensor:
    """By a fifth of the spread along x, at every moment after the start."""
    states = states.clone()
    states[1:, :, 0] += 0.2 * _spread(states[1:, :, 0])
    return states


def wider(states: torch.Tensor) -> torch.Tensor:
    """The variance 20 % too large about the mean of each moment."""
    states = states.clone()
    centre = states[1:].nanmean(1, keepdim=True)
    states[1:] = centre + 1.2**0.5 * (states[1:] - centre)
    return states


def _spread(values: torch.Tensor) -> torch.Tensor:
    """A robust standard deviation of each row (F, N), (F, 1): a runaway particle does not count."""
    low, high = values.nan_to_num().quantile(torch.tensor([0.159, 0.841]), dim=1)
    return ((high - low) / 2)[:, None]


def has_wells(demo: Demo, scene: Scene) -> bool:
    return len(scene.config.landscape.well_names) > 1


def has_clock(demo: Demo, scene: Scene) -> bool:
    """Proposals have no times; whoever calls them otherwise changes a label only."""
    return scene.config.method not in TIMELESS


WEAK = ("crossing", "falling", "formula")


def tells_five_percent(demo: Demo, scene: Scene) -> bool:
    """These scenes feel 5 % of the force by less than four standard errors of their 2,000 particles: pull, mean energy
    and ⟨y²⟩ move by one or two. (10 % are noticed in all scenes.)"""
    return scene.name not in WEAK


MUTATIONS = (
    Mutation("kT + 10 %", engine(hotter(1.1))),
    Mutation("kT − 10 %", engine(hotter(0.9))),
    Mutation("force + 10 %", engine(pushed(1.1))),
    Mutation("force − 10 %", engine(pushed(0.9))),
    Mutation("force + 5 %", engine(pushed(1.05)), tells_five_percent),
    Mutation("gradient 0", engine(pushed(0.0))),
    Mutation("well 5 % too steep", engine(steeper(1.05)), tells_five_percent),
    Mutation("clock × ½", timed(0.5), has_clock),
    Mutation("noise correlated", same_noise),
    Mutation("samples ← noise", recorded(noise)),
    Mutation("frozen", recorded(frozen)),
    Mutation("frames shuffled", recorded(shuffled)),
    Mutation("all at one point", recorded(one_point)),
    Mutation("one well dropped", recorded(without_a_well), has_wells),
    Mutation("mean shifted by 0.2 spreads", recorded(shifted)),
    Mutation("variance × 1.2", recorded(wider)),
)

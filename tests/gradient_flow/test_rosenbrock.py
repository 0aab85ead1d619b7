"""Rodas3: its order, its banded matrix, and what it is for."""

from __future__ import annotations

import math

import pytest
import torch

from demos.gradient_flow import GradientFlow, solve
from demos.gradient_flow.control import StepControl
from tests.gradient_flow.flows import fitted_order
from tests.gradient_flow.test_orders import CASES, START


@pytest.mark.parametrize("case", CASES)
def test_order(case, monkeypatch):
    """Equal steps, at a tolerance that refuses none, also where the flow itself changes with time."""
    parts, exact = CASES[case]
    monkeypatch.setattr(StepControl, "accepts", lambda self, error: True)
    errors, steps = [], [1 / n for n in (16, 32, 64)]
    for h in steps:
        monkeypatch.setattr(StepControl, "first_step", lambda self, *rest, h=h: setattr(self, "h", h))
        path = solve(GradientFlow(**parts), START, [0.0, 1.0], "rodas3", record=2, rtol=1.0, atol=1.0)
        assert path.steps == round(1 / h)
        errors.append(float((path.states[-1] - exact).abs().max()))
    assert fitted_order(steps, errors) == pytest.approx(3, abs=0.12)


def chain(x: torch.Tensor) -> torch.Tensor:
    """Neighbours pull, each is held by x⁴: (N, D) -> (N,)."""
    return x.diff(dim=1).square().sum(1) * 50 + (x**4).sum(1) / 4


def test_a_band_changes_the_cost_and_not_the_path():
    start = torch.rand(2, 15, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    flow = GradientFlow(energy=chain)
    whole, banded = (solve(flow, start, [0.0, 0.5], "rodas3", record=2, **rest) for rest in ({}, {"band": 1}))
    torch.testing.assert_close(banded.states, whole.states, rtol=0, atol=1e-8)
    assert whole.steps == banded.steps and banded.evaluations < 0.6 * whole.evaluations


@pytest.mark.parametrize("band", [0, None])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_no_step_leads_past_a_top_in_any_number_of_directions(size, band):
    """ẋ = x − x³ leaves 0 and ends at 1, from however near: a step longer than 2 would lead back to 0."""
    start = torch.full((2, size), 1e-9, dtype=torch.float64)
    flow = GradientFlow(gradient=lambda x, t: x**3 - x)
    path = solve(flow, start, [0.0, 60.0], "rodas3", record=2, rtol=1e-4, atol=1e-4, band=band)
    torch.testing.assert_close(path.states[-1], torch.ones(2, size).double(), rtol=0, atol=1e-3)


def test_a_stiff_flow_takes_few_steps():
    """200 points on a line, each drawn to its neighbours: the slowest wave decays with λ = 10, the fastest with
    160,000."""
    size = 200
    places = torch.arange(1, size + 1, dtype=torch.float64) * math.pi / (size + 1)
    slow, rough = places.sin()[None], torch.tensor([-1.0, 1.0]).repeat(size // 2)[None].double()

    def gradient(x: torch.Tensor, t: float) -> torch.Tensor:
        padded = torch.nn.functional.pad(x, (1, 1))
        return (size + 1) ** 2 * (2 * x - padded[:, 2:] - padded[:, :-2])

    start = slow + 0.5 * rough
    path = solve(GradientFlow(gradient=gradient), start, [0.0, 0.1], "rodas3", record=2, band=1, rtol=1e-4, atol=1e-4)
    assert path.steps < 80
    torch.testing.assert_close(path.states[-1], _exactly(start, 0.1), rtol=0, atol=1e-3)


def _exactly(start: torch.Tensor, time: float) -> torch.Tensor:
    """The sum of its waves, each with its own decay."""
    size = start.shape[1]
    modes = torch.arange(1, size + 1, dtype=torch.float64)
    waves = (modes[:, None] * modes * math.pi / (size + 1)).sin() * math.sqrt(2 / (size + 1))
    rates = 4 * (size + 1) ** 2 * (modes * math.pi / (2 * (size + 1))).sin() ** 2
    return (start @ waves.T * (-rates * time).exp()) @ waves

"""How a run ended, in words: the right word, the right step, the right count, the right limit."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, GradientFlow, Matrix, solve
from tests.gradient_flow.flows import DETERMINISTIC, FIXED, double_well, names, temperature_for

ONE = torch.ones(1, 1, dtype=torch.float64)
NEAR = 1e-8  # central differences of a linear force, step eps^(1/3): rounding of size eps^(2/3) = 4e-11


def _steep(L: float):
    return GradientFlow(energy=lambda x: L * x.square().sum(1) / 2)


def test_finished():
    path = solve(_steep(1.0), ONE, np.linspace(0, 1, 1001))
    assert (path.status.kind, str(path.status), path.status.step) == ("finished", "finished after 1,000 steps", 1000)
    assert path.status.diverged == 0


def test_divergence_names_its_step_and_the_limit():
    """Euler on L x²/2 with h = 1.4 × 2/L: |x| grows by 1.8 a step and passes 1e12 at step 48, as a plain loop finds."""
    L, h = 100.0, 0.028
    x, step = 1.0, 0
    while abs(x) < 1e12:
        x, step = x - h * L * x, step + 1
    path = solve(_steep(L), ONE, np.arange(401) * h)
    assert step == 48
    assert path.status.step == step and path.status.kind == "diverged" and path.status.diverged == 1
    assert path.status.step_limit == pytest.approx(2 / L, rel=NEAR)
    assert all(number in str(path.status) for number in ("48", "0.028", "1.4×", "0.02 "))


@pytest.mark.parametrize("method", [r.name for r in FIXED if r.limit is not None and not r.proposes])
def test_the_limit_is_that_of_the_row(method):
    row, L = METHODS[method], 50.0
    flow = GradientFlow(
        energy=lambda x: L * x.square().sum(1) / 2, temperature=temperature_for(row, 1e-9), mass=2.0, friction=0.0
    )
    h = 1.5 * row.step_limit(L, flow)
    status = solve(flow, ONE, np.arange(601) * h, method).status
    assert status.step_limit == pytest.approx(h / 1.5, rel=NEAR) and row.limit_formula in str(status)


def test_the_limit_knows_the_mobility():
    """With M the limit is that of M∇²E: here 2/(4·10)."""
    K = torch.diag(torch.tensor([10.0, 1.0])).double()
    M = Matrix(torch.diag(torch.tensor([4.0, 1.0])).double())
    flow = GradientFlow(energy=lambda x: ((x @ K) * x).sum(1) / 2, mobility=M)
    status = solve(flow, torch.ones(1, 2).double(), np.arange(201) * 0.1).status
    assert status.step_limit == pytest.approx(0.05, rel=NEAR)


def test_the_limit_is_known_in_single_precision():
    status = solve(_steep(100.0), torch.ones(1, 1), np.arange(401) * 0.028).status
    assert status.step_limit == pytest.approx(0.02, rel=1e-4)  # eps^(2/3) = 2.4e-5


def test_a_flow_that_answers_for_all_replicas_only_gets_no_limit():
    k = torch.tensor([1.0, 100.0, 50.0])
    path = solve(GradientFlow(gradient=lambda x: k[:, None] * x), torch.ones(3, 2), np.arange(401) * 0.05)
    assert path.status.kind == "diverged" and path.status.diverged == 2
    assert path.status.step_limit is None


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews", "baoab"])
@pytest.mark.parametrize("N", [1, 40])
def test_the_step_of_the_first_loss_is_found_in_any_block(method, N):
    """Hundreds of steps in, across blocks of noise: the first frame of a path of all steps that passes 1e12."""
    flow = GradientFlow(energy=lambda x: -x.square().sum(1) / 2, temperature=0.3, friction=0.1)
    start = torch.linspace(0.5, 1, N, dtype=torch.float64)[:, None]
    path = solve(flow, start, np.arange(1001) * 0.05, method, seed=2, record=1001)
    out = ~(path.states.abs().amax((1, 2)) < 1e12)
    first = int(torch.nonzero(out)[0])
    assert path.status.kind == "diverged" and path.status.step == first > 256
    few = solve(flow, start, np.arange(1001) * 0.05, method, seed=2, record=5)
    assert few.status.step == first
    assert (few.evaluations, few.acceptance) == (path.evaluations, path.acceptance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_part_of_a_cloud(dtype):
    """dx = −x³ dt by Euler runs away from |x| > √(2/h): those are counted, the others go on to the end."""
    h = 0.1
    start = torch.linspace(-8, 8, 101, dtype=dtype)[:, None]
    away = int((start.abs() > (2 / h) ** 0.5).sum())
    path = solve(GradientFlow(energy=lambda x: (x**4).sum(1) / 4), start, np.arange(301) * h)
    assert path.status.kind == "diverged" and path.status.diverged == away
    assert f"{away} of 101 left every bound; energy not finite; step 0.1 is " in str(path.status)
    assert path.steps == 300
    stayed = start[:, 0].abs() < (2 / h) ** 0.5 - 1e-3
    assert path.states[-1][stayed].abs().max() < 0.5
    assert not torch.isfinite(path.states[-1][~stayed]).any()  # neither clipped nor hidden
    assert path.status.step <= 10


def test_when_all_are_lost_the_run_ends_early():
    path = solve(_steep(100.0), torch.ones(500, 2), np.arange(100_001) * 0.1)
    assert path.status.kind == "diverged" and path.status.diverged == 500
    assert path.steps < 2_000 and len(path.times) == len(path.states)
    assert path.times[-1] == pytest.approx(path.steps * 0.1)


@pytest.mark.parametrize("method", names(DETERMINISTIC))
def test_an_energy_that_is_no_number(method):
    path = solve(GradientFlow(energy=lambda x: x.square().sum(1) * torch.nan), ONE, [0.0, 0.1, 0.2], method)
    assert path.status.kind == "diverged" and str(path.status).startswith("diverged at step ")
    assert path.states[0] == 1


RESTLESS = ("lion", "normalized_descent", "adamw")  # steps that keep their length; weights that decay


@pytest.mark.parametrize("method", names([row for row in DETERMINISTIC if row.name not in RESTLESS]))
def test_convergence(method):
    """All components of the gradient at most `tolerance`, and no further steps than the look at it needs."""
    flow = GradientFlow(energy=double_well)
    h, tolerance = (0.01, 1e-2) if method in ("adam", "rmsprop") else (0.04, 1e-4)
    start = torch.tensor([[0.6, 0.5], [-0.7, 0.2]]).double()
    path = solve(flow, start, np.arange(5_001) * h, method, tolerance=tolerance)
    assert path.status.kind == "converged" and path.steps < 5_000
    assert path.status.step == path.steps and path.status.diverged == 0
    steepest = float(flow.gradient(path.states[-1], 0.0).abs().max())
    assert steepest <= tolerance
    assert f"{steepest:.1e}" in str(path.status)


def test_not_yet_converged():
    path = solve(GradientFlow(energy=double_well), torch.tensor([[0.6, 0.5]]), np.arange(51) * 0.01, tolerance=1e-6)
    assert path.status.kind == "finished"


def test_cancelled_with_lost_replicas(monkeypatch):
    """A run that is stopped in the middle of a block in which it diverged tells both, without a look at why."""
    calls = []

    def gradient(x):
        calls.append(1)
        return -1000 * x

    monkeypatch.setattr(sys.modules["demos.gradient_flow.loop"], "REPORT_EVERY", 0.0)
    path = solve(
        GradientFlow(gradient=gradient),
        torch.full((1, 1), 1e11).double(),
        np.arange(1001) * 0.1,
        progress=lambda fraction: False,
    )
    assert path.status.kind == "cancelled" and path.status.step == 1 and path.status.diverged == 1
    assert len(calls) == 1


def test_optimizers_that_step_by_signs_have_no_limit_to_tell():
    flow = GradientFlow(gradient=lambda x: torch.full_like(x, torch.nan))
    assert str(solve(flow, ONE, [0.0, 0.1], "adam").status) == "diverged at step 1"

"""Methods that choose their own steps: error follows tolerance, frames lie on the path, hard starts are survived."""

from __future__ import annotations

import threading
from functools import cache
from math import cos, exp, isnan, sin

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from demos.gradient_flow import GradientFlow, solve
from demos.gradient_flow.control import StepControl
from tests.gradient_flow.flows import (
    ADAPTIVE_NAMES,
    double_well,
    fitted_order,
    muller_brown,
    muller_brown_gradient,
    quadratic,
)

START = torch.tensor([[1.0, -0.6], [0.4, 1.3]], dtype=torch.float64)
K = torch.tensor([[2.0, 0.7], [0.7, 1.0]], dtype=torch.float64)


def _quartic(x0, t):
    """dx = −x³ dt"""
    return x0 / (1 + 2 * x0**2 * t).sqrt()


def _trap(x0, t):
    """dx = −(x − sin t) dt"""
    return (x0 + 0.5) * exp(-t) + (sin(t) - cos(t)) / 2


CASES = {
    "quartic": (GradientFlow(energy=lambda x: (x**4).sum(1) / 4), _quartic),
    "moving trap": (GradientFlow(energy=lambda x, t: (x - sin(t)).square().sum(1) / 2), _trap),
    "gradient only": (GradientFlow(gradient=lambda x: x**3), _quartic),
    "mobility": (
        GradientFlow(energy=lambda x: (x**4).sum(1) / 4, mobility=lambda t: 2 * t),
        lambda x0, t: _quartic(x0, t * t),
    ),
}


def _allowed(method: str, tolerance: float) -> float:
    """RKC keeps an error per step of order 3 below the tolerance, and the path's is of order 2: its ⅔ power."""
    return 2 * tolerance ** (2 / 3) if method == "rkc" else 40 * tolerance


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_error_follows_the_tolerance(method, case):
    """At every recorded time, not only at the ends of steps."""
    flow, exact = CASES[case]
    errors = []
    for tolerance in (1e-4, 1e-6, 1e-8):
        path = solve(flow, START, [0.0, 2.0], method, record=41, rtol=tolerance, atol=tolerance)
        assert path.status.kind == "finished"
        assert path.times.tolist() == pytest.approx(np.linspace(0, 2, 41).tolist(), abs=1e-15)
        errors.append(
            max(float((x - exact(START, t)).abs().max()) for x, t in zip(path.states, path.times.tolist(), strict=True))
        )
        assert errors[-1] < _allowed(method, tolerance)
    assert errors[0] > 4 * errors[1] > 16 * errors[2]


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_there_and_back_again(method):
    """A falling grid runs the flow backwards: from the end it returns to the start."""
    flow = GradientFlow(energy=lambda x, t: double_well(x) * (1 + t / 2))
    there = solve(flow, START, [0.0, 0.3], method, rtol=1e-9, atol=1e-9)
    back = solve(flow, there.states[-1], [0.3, 0.0], method, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(back.states[-1], START, rtol=0, atol=2e-6)
    assert back.times[0] == 0.3 and back.times[-1] == 0.0
    assert (back.times.diff() < 0).all() and (back.step_sizes < 0).all()
    # and frame by frame it is the same path
    torch.testing.assert_close(back.states.flip(0), there.states, rtol=0, atol=2e-6)


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_it_lands_on_the_ends_exactly(method):
    """For ends that no sum of steps hits by itself; and the steps add up to the interval."""
    flow = GradientFlow(energy=double_well)
    for a, b in ((0.1, 0.7), (-1 / 3, 1e-7), (5.3, 0.0), (1e6, 1e6 + 0.1)):
        path = solve(flow, START * 0.1, [a, (a + b) / 2, b], method, record=5)
        assert path.times[0] == a and path.times[-1] == b
        assert path.status.kind == "finished"
        assert float(path.step_sizes.sum()) == pytest.approx(b - a, rel=1e-9)
        assert path.steps == len(path.step_sizes)


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_frames_do_not_change_the_steps(method):
    flow = GradientFlow(energy=double_well)
    paths = [solve(flow, START, [0.0, 1.0], method, record=record) for record in (2, 11, 1001)]
    assert all(torch.equal(path.states[-1], paths[0].states[-1]) for path in paths)
    assert all(torch.equal(path.step_sizes, paths[0].step_sizes) for path in paths)
    torch.testing.assert_close(paths[1].states, paths[2].states[::100], rtol=0, atol=1e-13)


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_frames_fall_where_the_given_times_say(method):
    """Evenly spaced over the given steps, so a grid that crowds early gives frames that crowd early."""
    times = np.linspace(0, 1, 9) ** 2
    path = solve(GradientFlow(energy=double_well), START, times, method, record=5)
    assert path.times.tolist() == pytest.approx(times[::2].tolist())


@pytest.mark.parametrize(("method", "order"), [("dopri5", 5), ("rkc", 3)])
def test_order_of_the_interpolant(method, order, monkeypatch):
    """Inside one step of size h from the exact start: 5 for Shampine's quartic; for RKC its own local error, 3."""
    flow = GradientFlow(energy=quadratic(K))
    values, vectors = torch.linalg.eigh(K)
    errors, steps = [], (0.1, 0.05, 0.025, 0.0125)
    for h in steps:
        monkeypatch.setattr(StepControl, "first_step", lambda self, *rest, h=h: setattr(self, "h", h))
        monkeypatch.setattr(StepControl, "accepts", lambda self, error: True)
        path = solve(flow, START, [0.0, h], method, record=12)
        assert path.steps == 1
        errors.append(
            max(
                float((x - START @ vectors @ torch.diag((-values * t).exp()) @ vectors.T).abs().max())
                for x, t in zip(path.states, path.times.tolist(), strict=True)
            )
        )
    assert fitted_order(steps, errors) == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_float32(method):
    """Single precision stays single, and is as good as single precision can be."""
    flow, exact = CASES["quartic"]
    path = solve(flow, START.float(), [0.0, 2.0], method, rtol=1e-4, atol=1e-5, record=21)
    assert path.states.dtype == torch.float32 and path.status.kind == "finished"
    assert (path.states[-1].double() - exact(START, 2.0)).abs().max() < 3e-3
    only = solve(GradientFlow(gradient=lambda x: x**3), START.float(), [0.0, 2.0], method, rtol=1e-4, atol=1e-5)
    assert (only.states[-1].double() - exact(START, 2.0)).abs().max() < 3e-3


NARROW, WIDE = ((-1.5, -0.2), (1.2, 2.0)), ((-3.0, -2.0), (3.0, 4.0))


def _points(count: int, box=NARROW) -> torch.Tensor:
    random = np.random.default_rng(0)
    return torch.from_numpy(random.uniform(*box, (count, 2)))


@cache
def _by_scipy(count: int, box: tuple) -> torch.Tensor:
    """Where those points are at t = 0.02: DOP853 at 1e-9."""

    def slope(t, flat):
        return -muller_brown_gradient(torch.from_numpy(flat).reshape(-1, 2)).reshape(-1).numpy()

    with np.errstate(all="ignore"):
        run = solve_ivp(slope, (0, 0.02), _points(count, box).reshape(-1).numpy(), "DOP853", rtol=1e-9, atol=1e-9)
    return torch.from_numpy(run.y[:, -1]).reshape(-1, 2)


@pytest.mark.parametrize(
    ("method", "count", "box"),
    [
        ("dopri5", 3_000, NARROW),
        ("dopri5", 1_000, WIDE),
        ("rkc", 3_000, NARROW),
        ("bdf", 200, WIDE),
        ("lsoda", 200, WIDE),
        ("radau", 200, WIDE),
    ],
)
def test_muller_brown_points_survive_a_first_step_that_overflows(method, count, box, monkeypatch):
    """Against SciPy's DOP853; the few that start on a watershed may differ more, as they do for every solver."""
    errors, judge = [], StepControl.accepts
    monkeypatch.setattr(StepControl, "accepts", lambda self, error: (errors.append(error), judge(self, error))[1])
    points = _points(count, box)
    flow = GradientFlow(energy=muller_brown, gradient=muller_brown_gradient)
    path = solve(flow, points, [0.0, 0.02], method, record=2)
    assert path.status.kind == "finished"
    # SciPy judges its own; RKC's first stages are short, so its first trial is refused without an overflow
    assert method not in ("dopri5", "rkc") or (isnan(errors[0]) if method == "dopri5" else errors[0] > 1)
    error = (path.states[-1] - _by_scipy(count, box)).abs().amax(1)
    assert error.quantile(0.99) < _allowed(method, 1e-6)
    assert error.quantile(0.999) < 10 * _allowed(method, 1e-6)


def test_slopes_of_every_size_are_resolved():
    """Points so far out that their first 1e-17 of time decides."""
    points = _points(200, ((-4.0, -3.0), (4.0, 5.0)))
    path = solve(GradientFlow(energy=muller_brown, gradient=muller_brown_gradient), points, [0.0, 0.02], "dopri5")
    assert path.status.kind == "finished"
    assert (path.step_sizes[0] < 1e-15) and path.states[-1].abs().max() < 5


def test_dopri5_costs_no_more_evaluations_than_scipy():
    """One step size for all, as SciPy's RK45, whose method this is: the same number of gradients within 10 %."""
    points = _points(2_000)
    flow = GradientFlow(energy=muller_brown, gradient=muller_brown_gradient)
    ours = solve(flow, points, [0.0, 0.02], "dopri5", record=2).evaluations

    def slope(t, flat):
        return -muller_brown_gradient(torch.from_numpy(flat).reshape(-1, 2)).reshape(-1).numpy()

    peer = solve_ivp(slope, (0, 0.02), points.reshape(-1).numpy(), "RK45", rtol=1e-6, atol=1e-6)
    assert ours < 1.1 * peer.nfev


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_blow_up_in_finite_time_is_told(method):
    """dx = x² dt from 1 reaches every bound at t = 1."""
    flow = GradientFlow(energy=lambda x: -(x**3).sum(1) / 3)
    path = solve(flow, torch.ones(1, 1, dtype=torch.float64), [0.0, 2.0], method, rtol=1e-4, atol=1e-4)
    assert path.status.kind == "diverged"
    assert float(path.times[-1]) == pytest.approx(1, abs=5e-3)
    assert path.status.step == path.steps and str(path.steps) in str(path.status).replace(",", "")
    assert float(path.states[-1]) > 1e5
    assert (path.times.diff() > 0).all()


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_slope_that_is_no_number_at_the_start(method, bad):
    path = solve(GradientFlow(gradient=lambda x: torch.full_like(x, bad)), START, [0.0, 1.0], method)
    assert path.status.kind == "diverged"
    assert torch.equal(path.states[0], START)


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_growth_past_every_bound_is_divergence(method):
    path = solve(GradientFlow(energy=lambda x: -x.square().sum(1) / 2), START, [0.0, 60.0], method, rtol=1e-4)
    assert path.status.kind == "diverged"
    assert path.status.diverged == 2
    assert 27 < float(path.times[-1]) < 35  # e^t reaches 1e12 at t = 27.6


@pytest.mark.parametrize("method", ADAPTIVE_NAMES)
def test_a_resting_start_stays(method):
    path = solve(GradientFlow(energy=double_well), torch.tensor([[1.0, 0.0]]).double(), [0.0, 5.0], method)
    assert path.status.kind == "finished"
    torch.testing.assert_close(path.states, path.states[:1].expand_as(path.states), rtol=0, atol=1e-12)


def test_runs_side_by_side_do_not_meet():
    """SciPy's LSODA was once a single Fortran common block: several threads must each get their own path."""
    flows = [GradientFlow(energy=lambda x, k=k: k * double_well(x)) for k in (1.0, 5.0, 25.0, 125.0)]
    alone = [solve(flow, START, [0.0, 2.0], "lsoda").states for flow in flows]
    together: dict[int, torch.Tensor] = {}

    def run(i: int) -> None:
        together[i] = solve(flows[i], START, [0.0, 2.0], "lsoda").states

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(alone[i], together[i]) for i in range(4))


@pytest.mark.parametrize("method", ["bdf", "lsoda", "radau"])
def test_errors_of_the_flow_itself_are_not_hidden(method):
    """Inside SciPy's steps, too, a mistake in an energy is a traceback and no way for a run to end."""
    calls = []

    def energy(x):
        calls.append(1)
        if len(calls) > 10:
            raise ValueError("my own mistake")
        return double_well(x)

    with pytest.raises(ValueError, match="my own mistake"):
        solve(GradientFlow(energy=energy), START, [0.0, 5.0], method)

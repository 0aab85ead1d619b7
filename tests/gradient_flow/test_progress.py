"""Progress and cancellation: heard within a tenth of a second, also inside long steps; no trace of it in a path."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, GradientFlow, solve
from demos.gradient_flow.methods.runge_kutta import DormandPrince
from tests.gradient_flow.flows import GENERAL, double_well, names, temperature_for


class Clock:
    """A clock that only the flow advances, five milliseconds for each gradient: nothing depends on the machine."""

    def __init__(self, monkeypatch):
        self.now, self.reports, self.fractions, self.calls = 0.0, [], [], 0
        for module in ("loop", "steppers"):
            monkeypatch.setattr(sys.modules[f"demos.gradient_flow.{module}"], "perf_counter", lambda: self.now)

    def gradient(self, x):
        self.now += 0.005
        self.calls += 1
        return 4 * x * (x * x - 1)

    def progress(self, fraction):
        self.reports.append(self.now)
        self.fractions.append(fraction)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def _slow(method: str, clock: Clock, progress, **rest):
    flow = GradientFlow(
        energy=lambda x: (x * x - 1).square().sum(1),
        gradient=clock.gradient,
        temperature=temperature_for(METHODS[method]),
    )
    if method == "hmc":
        rest["leapfrog_steps"] = 100
    return solve(flow, torch.full((3, 2), 0.5).double(), np.linspace(0, 3, 301), method, progress=progress, **rest)


@pytest.mark.parametrize("method", names(GENERAL))
def test_progress_comes_at_least_every_100_ms(method, clock):
    """With gradients of 5 ms: also inside steps of many gradients, so that a visitor who left is noticed."""
    path = _slow(method, clock, clock.progress)
    assert path.status.kind == "finished"
    gaps = np.diff([0.0, *clock.reports, clock.now])
    assert len(gaps) > 10 and gaps.max() <= 0.1
    assert clock.fractions == sorted(clock.fractions) and clock.fractions[-1] == 1
    assert all(0 <= f <= 1 for f in clock.fractions)


@pytest.mark.parametrize("method", names(GENERAL))
def test_false_from_progress_cancels(method, clock):
    """At once, with the path up to there."""
    asked = []

    def progress(fraction):
        asked.append(clock.calls)
        return len(asked) < 3

    path = _slow(method, clock, progress, record=51)
    assert path.status.kind == "cancelled" and str(path.status) == f"cancelled at step {path.steps:,}"
    assert len(asked) == 3 and clock.calls - asked[-1] <= 4
    assert 0 <= float(path.times[-1]) < 3
    assert len(path.times) == len(path.states) and (path.times.diff() > 0).all()
    assert torch.isfinite(path.states).all()
    full = _slow(method, clock, None, record=51)  # what was recorded is what the whole path has there
    frames = len(path.times) - 1
    assert torch.equal(path.states[:frames], full.states[:frames])


@pytest.mark.parametrize("method", names(GENERAL))
@pytest.mark.parametrize("error", [RuntimeError, ValueError, KeyboardInterrupt])
def test_exceptions_of_progress_pass_through(method, error, clock):
    """That is how a server stops a script: they are not taken for numerical trouble."""

    def progress(fraction):
        raise error("left")

    with pytest.raises(error, match="left"):
        _slow(method, clock, progress)


def test_many_frames_inside_one_step_do_not_block(clock, monkeypatch):
    """An adaptive step may hold any number of frames: they, too, are interrupted."""
    interpolate = DormandPrince.at

    def at(self, t):
        clock.now += 0.001
        return interpolate(self, t)

    monkeypatch.setattr(DormandPrince, "at", at)
    flow = GradientFlow(energy=lambda x: x.square().sum(1) / 2)
    path = solve(flow, torch.ones(1, 1).double(), [0.0, 0.1], "dopri5", record=5001, progress=clock.progress)
    assert np.diff([0.0, *clock.reports, clock.now]).max() <= 0.1
    assert len(path.times) == 5001 and (path.states.diff(dim=0) < 0).all()


def test_progress_is_not_called_for_a_short_run_but_at_its_end():
    seen = []
    solve(GradientFlow(energy=double_well), torch.ones(1, 2), np.linspace(0, 0.5, 21), progress=seen.append)
    assert seen[-1] == 1.0 and len(seen) < 20

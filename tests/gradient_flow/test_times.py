"""Times of any kind, and times that fall."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import (
    METHODS,
    GradientFlow,
    solve,
)
from tests.gradient_flow.edges import START, TIMES, bowl, flow_for
from tests.gradient_flow.flows import names


@pytest.mark.parametrize("method", METHODS)
def test_falling_times_are_right_or_refused(method):
    """Back in time from the end the flow returns to its start: x₀ = x e^{t}, as accurately as forward."""
    row = METHODS[method]
    flow = flow_for(method)
    fine = np.linspace(0, 0.5, 401)
    if row.backward == "never":
        with pytest.raises(ValueError, match=r"times fall from 0\.5 to 0"):
            solve(flow, START, fine[::-1].copy(), method)
        return
    if flow.is_stochastic:  # Leimkuhler–Matthews: dx = +∇E |dt| + noise, whose mean is known
        many = torch.ones(20_000, 1, dtype=torch.float64)
        path = solve(GradientFlow(bowl, temperature=0.25), many, fine[::-1].copy(), method, record=2)
        spread = (0.25 * (np.e - 1) / len(many)) ** 0.5
        assert abs(float(path.states[-1].mean()) - np.exp(0.5)) < 5 * spread + 2e-3
        return
    there = solve(flow, START, fine, method, record=2)
    again = {} if there.momenta is None else {"momenta": there.momenta[-1]}
    back = solve(flow, there.states[-1], fine[::-1].copy(), method, record=2, **again)
    torch.testing.assert_close(back.states[-1], START, rtol=0, atol=3e-3)
    assert float((there.states[-1] - START).abs().max()) > 0.05


@pytest.mark.parametrize("method", names(r for r in METHODS.values() if r.backward == "cold"))
def test_falling_times_with_a_bath_are_refused(method):
    with pytest.raises(ValueError, match=r"times fall .* temperature"):
        solve(GradientFlow(bowl, temperature=0.1), START, TIMES[::-1].copy(), method)


@pytest.mark.parametrize("times", [torch.linspace(0, 1, 11, requires_grad=True), torch.arange(3), range(3), (0.0, 1.0)])
def test_times_of_any_kind(times):
    path = solve(GradientFlow(bowl), START, times)
    assert path.status.kind == "finished" and path.times[0] == 0 and not path.times.requires_grad


def test_times_elsewhere_are_refused_in_one_sentence():
    with pytest.raises(ValueError, match="times = .* no numbers"):
        solve(GradientFlow(bowl), START, torch.linspace(0, 1, 11, device="meta"))

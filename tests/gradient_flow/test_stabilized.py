"""RKC: its stability polynomials, and what they are for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import expm

from demos.gradient_flow import GradientFlow, solve
from demos.gradient_flow.methods.stabilized import DAMPING, coefficients

STAGES = (2, 3, 5, 10, 40, 300)


def _polynomial(stages: int, z: np.ndarray) -> np.ndarray:
    """P_s(z): one step of size 1 of y′ = z y from 1."""
    c = coefficients(stages)
    before, now = np.ones_like(z), 1 + c.first * z
    for mu, nu, mu_slope, gamma, _ in c.rows:
        before, now = now, (1 - mu - nu) + mu * now + nu * before + mu_slope * z * now + gamma * z
    return now


@pytest.mark.parametrize("stages", STAGES)
def test_the_polynomial_is_stable_on_a_long_interval(stages):
    """|P| ≤ 1, and about 1 − ε/3 away from 0, down to β(s) = ⅔ (s² − 1)(1 − 2ε/15) (Sommeijer & al. 1997)."""
    end = 2 / 3 * (stages**2 - 1) * (1 - 2 * DAMPING / 15)
    z = -np.linspace(0, end, 20_001)
    values = np.abs(_polynomial(stages, z))
    assert values.max() <= 1 + 1e-9
    assert values[z < -2.5].max(initial=0) <= 1 - DAMPING / 4
    beyond = -np.linspace(end, 2 * end, 20_001)
    limit = -beyond[np.abs(_polynomial(stages, beyond)) > 1].max()
    assert limit < 1.2 * end  # and little farther


@pytest.mark.parametrize("stages", STAGES)
def test_the_polynomial_is_of_order_two(stages):
    """P = 1 + z + z²/2 + O(z³), by a fit about 0."""
    z = np.linspace(-1, 1, 41) * 0.1
    fit = np.polynomial.polynomial.polyfit(z, _polynomial(stages, z), 8)
    assert fit[:3] == pytest.approx([1, 1, 0.5], abs=1e-8)
    assert (fit[3] == pytest.approx(0, abs=1e-8)) if stages == 2 else 0 < fit[3] < 1 / 6


@pytest.mark.parametrize("stages", STAGES)
def test_the_times_of_its_stages(stages):
    """They grow from 0 to 1, and integrate y′ = 2t exactly, as a method of order 2 must."""
    c = coefficients(stages)
    times = [row[4] for row in c.rows]
    assert times == sorted(times) and 0 < times[0] and times[-1] < 1
    before, now = 0.0, 0.0  # the slope at the start is 0
    for mu, nu, mu_slope, _, time in c.rows:
        before, now = now, mu * now + nu * before + mu_slope * 2 * time
    assert now == pytest.approx(1, abs=1e-10)


def _heat(n: int) -> tuple[GradientFlow, torch.Tensor, np.ndarray]:
    """E = ½∫|u′|² on n points with u = 0 at both ends, whose flow is the heat equation; a start; L as a matrix."""
    dx = 1 / (n + 1)
    laplacian = (np.diag(np.full(n - 1, 1.0), 1) + np.diag(np.full(n - 1, 1.0), -1) - 2 * np.eye(n)) / dx**2
    L = torch.from_numpy(laplacian)
    x = np.arange(1, n + 1) * dx
    start = torch.from_numpy(np.stack([x * (1 - x) * np.exp(x), (np.abs(x - 0.5) < 0.2).astype(float)]))
    return GradientFlow(gradient=lambda u: -u @ L), start, laplacian


def test_a_stiff_heat_equation_is_cheap():
    """200 points, |λ| up to 160,000: every explicit method of one kind pays by the stable step, RKC by its root."""
    flow, start, L = _heat(200)
    exact = start.numpy() @ expm(0.1 * L)
    cost = {}
    for method in ("rkc", "dopri5"):
        path = solve(flow, start, [0.0, 0.1], method, rtol=1e-4, atol=1e-4, record=2)
        assert path.status.kind == "finished"
        assert np.abs(path.states[-1].numpy() - exact).max() < 1e-3
        cost[method] = path.evaluations
    assert cost["rkc"] < cost["dopri5"] / 15


def test_the_stiffness_may_change_on_the_way():
    """Stiffness that grows 10⁴ fold in a thousandth of the run: the radius is measured anew after a refusal."""
    flow = GradientFlow(energy=lambda x, t: (1 + 1e4 * (t > 0.5)) * (x.square().sum(1)) / 2)
    path = solve(flow, torch.ones(3, 2, dtype=torch.float64), [0.0, 1.0], "rkc")
    assert path.status.kind == "finished"
    assert path.states[-1].abs().max() < 1e-5


def test_one_stiff_replica_among_many():
    """Power iteration over the whole cloud finds it, in single precision too."""
    k = torch.ones(5_000, 1)
    k[1234] = 1e5
    flow = GradientFlow(gradient=lambda x: k * x)
    path = solve(flow, torch.ones(5_000, 2), [0.0, 1.0], "rkc", rtol=1e-3, atol=1e-4)
    assert path.status.kind == "finished"
    assert path.states[-1][1234].abs().max() < 1e-2
    assert (path.states[-1][0] - np.exp(-1)).abs().max() < 1e-2

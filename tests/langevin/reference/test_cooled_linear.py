"""Closed forms under a changing temperature: beside those of a constant one, and beside particles of the methods."""

import numpy as np
import pytest
import torch

from demos.gradient_flow import GradientFlow, solve
from demos.langevin.reference import linear
from demos.langevin.reference.cooled_linear import METHODS, cooled_steps, cooled_time

HESSIAN = np.array([[3.0, -1.0], [-1.0, 2.0]])
COOLING = lambda t: 1 / (1 + 4 * t)
N, STEPS, H = 20_000, 25, 0.1


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_temperature_is_the_known_case(method):
    ours = cooled_steps(method, STEPS, HESSIAN, H, lambda t: 0.7, 1.3, 2.0)
    known = linear.after_steps(method, STEPS, HESSIAN, H, 0.7, 1.3, 2.0)
    np.testing.assert_allclose(ours.matrix, known.matrix, atol=1e-12)
    np.testing.assert_allclose(ours.noise, known.noise, atol=1e-12)


@pytest.mark.parametrize("friction", [None, 1.3])
def test_the_equation_at_a_constant_temperature_is_the_known_case(friction):
    ours, known = cooled_time(1.5, HESSIAN, lambda t: 0.7, friction, 2.0), None
    known = linear.after_time(1.5, HESSIAN, 0.7, friction, 2.0)
    np.testing.assert_allclose(ours.matrix, known.matrix, atol=1e-10)
    np.testing.assert_allclose(ours.noise, known.noise, atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_as_it_cools(method):
    """Var of a sample variance of a Gaussian: 2σ⁴/N."""
    h = torch.from_numpy(HESSIAN)
    flow = GradientFlow(
        lambda x: 0.5 * (x @ h * x).sum(1),
        lambda x: x @ h,
        hessian=lambda x: h.expand(len(x), 2, 2),
        temperature=COOLING,
        friction=1.3,
        mass=2.0,
    )
    times, start = torch.arange(STEPS + 1, dtype=torch.float64) * H, torch.zeros(N, 2, dtype=torch.float64)
    seen = solve(flow, start, times, method, seed=4, record=2).states[-1].numpy()
    exact = np.diag(cooled_steps(method, STEPS, HESSIAN, H, COOLING, 1.3, 2.0).noise)
    assert np.abs(np.square(seen).mean(0) / exact - 1).max() < 5.5 * np.sqrt(2 / N)


def test_short_steps_lead_to_the_equation():
    exact = cooled_time(1.0, HESSIAN, COOLING, None, 1.0).noise
    errors = [
        np.abs(cooled_steps("euler", n, HESSIAN, 1 / n, COOLING, 1.0, 1.0).noise - exact).max() for n in (100, 200)
    ]
    assert errors[1] < 0.55 * errors[0] < 0.01  # of first order

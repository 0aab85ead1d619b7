"""The linear recursions against closed forms and against what the methods do."""

import cmath
import math

import numpy as np
import pytest
import torch

from demos.descent.linear import continued, mode, recursion
from demos.descent.optimizers import LINEAR
from demos.gradient_flow import GradientFlow, solve

BETA = {"momentum": 0.8}


@pytest.mark.parametrize("method", LINEAR)
@pytest.mark.parametrize("z", [0.05, 0.7, 1.6, 2.3])
def test_recursions_are_what_the_methods_do(method, z):
    rate, curvature = 0.5, 2 * z
    flow = GradientFlow(lambda x: curvature * x.square().sum(1) / 2)
    options = BETA if method in ("heavy_ball", "nesterov") else {}
    start = torch.ones(1, 1, dtype=torch.float64)
    path = solve(flow, start, np.arange(13) * rate, method, record=13, rtol=1e-12, **options).states[:, 0].numpy()
    a, b = recursion(method, rate, curvature, options)
    expected = continued(method, rate, np.array([curvature]), options, np.array([[1.0], [a + b]]), 12)
    np.testing.assert_allclose(path, expected, rtol=1e-9, atol=1e-12)


def test_roots_solve_their_equation_and_say_the_character():
    for method in LINEAR:
        for z in (0.02, 0.5, 1.0, 1.7, 2.5):
            a, b = recursion(method, 1.0, z, BETA)
            root = mode(method, 1.0, z, BETA).root
            assert abs(root * root - a * root - b) < 1e-12
    assert mode("euler", 1.0, 0.5, {}).character == "monotone"
    assert mode("euler", 1.0, 1.5, {}).character == "alternating"
    assert mode("euler", 1.0, 2.1, {}).character == "diverging"
    assert mode("implicit_euler", 50.0, 3.0, {}).character == "monotone"
    assert mode("newton", 1.5, 7.0, {}).factor == pytest.approx(0.5)


def test_heavy_ball_has_its_phase_diagram():
    """Complex roots of size √β where β > (1 − √z)²; stable where 0 < z < 2(1 + β); the best choice for κ = 25."""
    for z in (0.01, 0.3, 2.0):
        for beta in (0.1, 0.5, 0.95):
            found = mode("heavy_ball", 1.0, z, {"momentum": beta})
            is_complex = beta > (1 - math.sqrt(z)) ** 2
            assert (abs(cmath.phase(found.root)) not in (0.0, math.pi)) == is_complex
            if is_complex:
                assert found.factor == pytest.approx(math.sqrt(beta))
            edge = 2 * (1 + beta)
            assert mode("heavy_ball", 1.0, 0.999 * edge, {"momentum": beta}).factor < 1
            assert mode("heavy_ball", 1.0, 1.001 * edge, {"momentum": beta}).factor > 1
    low, high = 1 / 25, 1.0
    rate, beta = (2 / (math.sqrt(high) + math.sqrt(low))) ** 2, (4 / 6) ** 2
    worst = max(mode("heavy_ball", rate, value, {"momentum": beta}).factor for value in (low, high))
    assert worst == pytest.approx(4 / 6, abs=1e-7)  # (√κ − 1)/(√κ + 1); a double root loses half the digits


def test_nesterov_at_its_rate():
    """lr = 1/L, β = (√κ − 1)/(√κ + 1): |σ| = 1 − 1/√κ on the flat direction."""
    beta = (10 - 1) / (10 + 1)
    assert mode("nesterov", 1.0, 0.01, {"momentum": beta}).factor == pytest.approx(0.9, abs=1e-7)


def test_steps_to_a_share():
    assert mode("euler", 1.0, 0.5, {}).steps_to(1e-3) == pytest.approx(math.log(1e-3) / math.log(0.5))
    assert mode("euler", 1.0, 2.1, {}).steps_to(1e-3) == math.inf

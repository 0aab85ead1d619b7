"""Stationary orders on a general potential, without sampling noise: the solver's own step as a one-step kernel.

The start of one `solve` step is a grid times Gauss–Hermite nodes and its noise is the nodes, so the step gives
x'(xᵢ, Rₖ) itself; (P f)(xᵢ) = Σₖ wₖ f(x'(xᵢ, Rₖ)) with f between the grid points by interpolation. The left
eigenvector of P is the stationary law of the discretized dynamics, its second eigenvalue μ the rate −ln μ/h.
"""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, GradientFlow
from tests.gradient_flow.flows import double_well, fitted_order, solve_with

T = 0.25
GRID = np.linspace(-2.5, 2.5, 301)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
STEPS = (0.04, 0.02, 0.01, 0.005)

EXACT_SQUARE, EXACT_RATE = 0.9176708607, 0.02977959  # ⟨x²⟩ and the spectral gap of (x² − 1)² at kT = ¼, by quadrature
# What the discretized dynamics does to them, computed once by an independent program and printed to these digits
BIAS = {  # of ⟨x²⟩
    "euler": "-1.385e-2 -6.28e-3 -3.01e-3 -1.47e-3",
    "heun": "-4.66e-3 -9.4e-4 -2.1e-4 -4.9e-5",
    "leimkuhler_matthews": "7.2e-5 1.82e-5 4.49e-6 1.11e-6",
}
RATE = {  # relative error of λ₁
    "euler": "6.9e-2 2.7e-2 1.19e-2 5.6e-3",
    "heun": "2.5e-3 -1.4e-4 -1.2e-4 -4e-5",
    "leimkuhler_matthews": "-6.4e-2 -3.1e-2 -1.56e-2 -7.8e-3",
}
# the slope between the two smallest steps
ORDERS = {"euler": 1.03, "heun": 2.09, "leimkuhler_matthews": 2.01}


def _interpolation(x: np.ndarray, points: int = 8) -> np.ndarray:
    """(len(x), len(GRID)) weights of Lagrange interpolation through the nearest grid points."""
    spacing = GRID[1] - GRID[0]
    first = np.clip(np.floor((x - GRID[0]) / spacing).astype(int) - points // 2 + 1, 0, len(GRID) - points)
    u = np.clip((x - GRID[0]) / spacing - first, 0, points - 1)
    weights = np.zeros((len(x), len(GRID)))
    for j in range(points):
        weights[np.arange(len(x)), first + j] = np.prod([(u - k) / (j - k) for k in range(points) if k != j], axis=0)
    return weights


def _next(method: str, h: float) -> np.ndarray:
    """(grid, nodes): where one step of the solver goes.

    Leimkuhler–Matthews remembers its last noise: with s = √(hT/2) it is Markov in y = x − s Rₙ (Vilmart, SIAM J. Sci.
    Comput. 37 (2015) A201). From x = y + s R with that R as the remembered one and 0 as the fresh one it goes to y'.
    """
    x, R = np.meshgrid(GRID, NODES, indexing="ij")
    noise = [torch.from_numpy(R.reshape(-1, 1))]
    if method == "leimkuhler_matthews":
        x = x + sqrt(h * T / 2) * R
        noise.append(torch.zeros(R.size, 1, dtype=torch.float64))
    flow, start = GradientFlow(energy=double_well, temperature=T), torch.from_numpy(x.reshape(-1, 1))
    return solve_with(noise, flow, start, [0.0, h], method).states[-1].numpy().reshape(R.shape)


def _bias(method: str, h: float) -> tuple[float, float]:
    """(bias of ⟨x²⟩, relative error of λ₁) of a method at step h."""
    P = sum(w * _interpolation(column) for w, column in zip(WEIGHTS, _next(method, h).T, strict=True))
    stays = np.vstack([P.T - np.eye(len(GRID)), np.ones(len(GRID))])  # π P = π, Σπ = 1
    law = np.linalg.lstsq(stays, np.eye(len(GRID) + 1)[-1], rcond=None)[0]
    square = law @ GRID**2 + (h * T / 2 if method == "leimkuhler_matthews" else 0)  # x = y + s R, R independent of y
    slowest = np.sort(np.abs(np.linalg.eigvals(P)))[-2]
    return square - EXACT_SQUARE, -np.log(slowest) / h / EXACT_RATE - 1


@pytest.fixture(scope="module")
def measured() -> dict:
    return {method: np.array([_bias(method, h) for h in STEPS]).T for method in (*BIAS, "implicit_euler")}


def _assert_printed(values: np.ndarray, printed: str) -> None:
    """Equal to one unit of the last printed digit."""
    for value, text in zip(values, printed.split(), strict=True):
        unit = 10.0 ** Decimal(text).as_tuple().exponent
        assert abs(value - float(text)) <= unit, f"{value:.4e} is not {text}"


@pytest.mark.parametrize("method", BIAS)
def test_bias_of_the_second_moment(method, measured):
    _assert_printed(measured[method][0], BIAS[method])


@pytest.mark.parametrize("method", RATE)
def test_error_of_the_slowest_rate(method, measured):
    _assert_printed(measured[method][1], RATE[method])


@pytest.mark.parametrize("method", ORDERS)
def test_stationary_order(method, measured):
    order = fitted_order(STEPS[-2:], abs(measured[method][0, -2:]))
    assert order == pytest.approx(ORDERS[method], abs=0.006)
    assert order == pytest.approx(METHODS[method].order.stationary, abs=0.15)


def test_stationary_order_of_implicit_euler(measured):
    """It comes from below as the steps shrink."""
    biases = abs(measured["implicit_euler"][0])
    orders = [fitted_order(STEPS[i : i + 2], biases[i : i + 2]) for i in range(3)]
    assert orders == sorted(orders)
    assert orders[-1] == pytest.approx(METHODS["implicit_euler"].order.stationary, abs=0.04)

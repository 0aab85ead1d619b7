"""Constraint sets and mobilities: states stay on C, minima on C are found, noise on C has the right generator."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, Diagonal, GradientFlow, Matrix, solve
from tests.gradient_flow.flows import (
    DETERMINISTIC,
    FIXED,
    GENERAL,
    Sphere,
    fitted_order,
    names,
    quadratic,
    solve_with,
    temperature_for,
)

A = torch.tensor([[2.0, 0.5, 0.0], [0.5, 3.0, -0.4], [0.0, -0.4, 5.0]], dtype=torch.float64)
START = Sphere().retract(torch.randn(6, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
ON_SETS = [row for row in GENERAL if "project" in row.supports]


def _norms(states: torch.Tensor) -> torch.Tensor:
    return states.flatten(2).norm(dim=2)


HOT_OR_COLD = [(row.name, T) for row in ON_SETS for T in (0.0, 0.3) if row.stochastic != ("must", "never")[T > 0]]


@pytest.mark.parametrize(("method", "T"), HOT_OR_COLD)
def test_every_frame_lies_on_the_sphere(method, T):
    flow = GradientFlow(energy=quadratic(A), project=Sphere(), temperature=T)
    path = solve(flow, START, np.linspace(0, 1, 51), method, record=17)
    assert path.status.kind == "finished"
    assert (_norms(path.states) - 1).abs().max() < 1e-15 * 4


RATTLING = ("adam", "rmsprop", "lion", "normalized_descent")  # their steps do not shrink with the gradient
SETTLING = [row for row in ON_SETS if row in DETERMINISTIC and row.name not in RATTLING]


@pytest.mark.parametrize("method", names(SETTLING))
def test_the_smallest_eigenvalue_is_the_minimum_of_the_rayleigh_quotient(method):
    """2E = x·Ax on the unit sphere. (Without those whose steps keep their length: they rattle about it.)"""
    path = solve(GradientFlow(energy=quadratic(A), project=Sphere()), START, np.linspace(0, 40, 401), method, record=5)
    smallest = float(torch.linalg.eigvalsh(A)[0])
    assert (2 * path.energies[-1] - smallest).abs().max() < 1e-8


@pytest.mark.parametrize("method", ["euler", "rk4", "dopri5", "rkc", "bdf"])
def test_a_linear_form_is_least_opposite_to_itself(method):
    g = torch.tensor([1.0, -2.0, 2.0], dtype=torch.float64)
    flow = GradientFlow(energy=lambda x: x @ g, project=Sphere())
    path = solve(flow, START, np.linspace(0, 20, 401), method, record=2)
    torch.testing.assert_close(path.states[-1], (-g / 3).expand(6, 3), rtol=0, atol=1e-5)


def test_fields_on_the_unit_sphere():
    """States (N, 4, 5) of unit norm each, as a normalized wave function is."""
    generator = torch.Generator().manual_seed(1)
    weights = 1 + torch.arange(20, dtype=torch.float64).reshape(4, 5)
    start = torch.randn(3, 4, 5, generator=generator, dtype=torch.float64)
    flow = GradientFlow(energy=lambda x: (weights * x.square()).flatten(1).sum(1) / 2, project=Sphere())
    for method in ("euler", "dopri5", "bdf"):
        path = solve(flow, start, np.linspace(0, 20, 401), method, record=3)
        assert (_norms(path.states) - 1).abs().max() < 1e-14
        assert (2 * path.energies[-1] - 1).abs().max() < 1e-7


def test_adaptive_error_on_the_sphere_follows_the_tolerance():
    """dx = −P(x)Ax dt is the normalized linear flow: x(t) = e^{−At}x₀/|e^{−At}x₀|."""
    values, vectors = torch.linalg.eigh(A)
    exact = START @ vectors @ torch.diag((-values).exp()) @ vectors.T
    exact /= exact.norm(dim=1, keepdim=True)
    flow = GradientFlow(energy=quadratic(A), project=Sphere())
    for row in GENERAL:
        if row.adaptive is not None:
            end = solve(flow, START, [0.0, 1.0], row.name, rtol=1e-8, atol=1e-8).states[-1]
            assert (end - exact).abs().max() < 2e-5 if row.name == "rkc" else (end - exact).abs().max() < 4e-7, row.name


def test_noise_on_the_sphere_is_spherical_brownian_motion():
    """E[x·x₀] falls by e^{−(d−1)Th} a step: the step's own error, by Gauss–Hermite nodes as replicas, is O(h²)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(14)
    R = np.stack([g.ravel() for g in np.meshgrid(nodes, nodes, nodes)], axis=1)
    W = np.prod(np.stack([g.ravel() for g in np.meshgrid(weights, weights, weights)], axis=1), axis=1)
    W /= W.sum()
    T, steps, errors = 0.5, (0.02, 0.01, 0.005), []
    flow = GradientFlow(energy=lambda x: torch.zeros(len(x)).double(), temperature=T, project=Sphere())
    pole = torch.tensor([[0.0, 0.0, 1.0]]).double().repeat(len(R), 1)
    for h in steps:
        end = solve_with([torch.from_numpy(R)], flow, pole, [0.0, h], "euler").states[-1]
        errors.append(abs(W @ end[:, 2].numpy() - exp(-2 * T * h)))
    assert fitted_order(steps, errors) == pytest.approx(2, abs=0.1)


def test_the_start_is_brought_to_the_set():
    path = solve(GradientFlow(energy=quadratic(A), project=Sphere()), 3 * START, [0.0, 0.1], "euler")
    torch.testing.assert_close(path.states[0], START, rtol=0, atol=1e-15)


MOBILE = [row for row in GENERAL if "mobility" in row.supports and row.order.deterministic is not None]


@pytest.mark.parametrize(
    "mobility",
    [
        0.3,
        torch.tensor([0.5, 2.0, 1.0]),
        lambda t: 0.3 + 0 * t,
        lambda t: torch.tensor([0.5, 2.0, 1.0]),
        "matrix",
        "object",
    ],
    ids=["number", "tensor", "function", "function to tensor", "matrix", "object"],
)
@pytest.mark.parametrize("method", names(MOBILE))
def test_mobilities_of_every_kind(method, mobility):
    """dx = −M∇E dt for M given in every allowed way, in single precision, against the same drift as a gradient."""
    M = torch.diag(torch.tensor([0.5, 2.0, 1.0]))
    if mobility == "matrix":
        M = torch.tensor([[1.0, 0.3, 0.0], [0.3, 0.8, 0.1], [0.0, 0.1, 0.5]])
        given = Matrix(M.double())
    elif mobility == "object":
        given = Diagonal(torch.tensor([0.5, 2.0, 1.0]))
    else:
        given = mobility
        number = given if isinstance(given, float) else (given(0.0) if callable(given) else None)
        M = number * torch.eye(3) if isinstance(number, float) else M
    if method == "implicit_euler" and mobility == "matrix":
        given, M = 0.3, 0.3 * torch.eye(3)  # it takes a diagonal mobility only
    row, K = METHODS[method], A.float()
    T = temperature_for(row, 1e-30)
    start, times = START.float(), np.linspace(0, 0.5, 51)
    path = solve(GradientFlow(energy=quadratic(K), mobility=given, temperature=T), start, times, method, record=2)
    plain = solve(
        GradientFlow(gradient=lambda x: x @ K @ M, temperature=T),
        start,
        times,
        method if row.needs == {"gradient"} else "euler",
        record=2,
    )
    assert path.states.dtype == torch.float32
    tolerance = 1e-5 if row.needs == {"gradient"} else 2e-2
    torch.testing.assert_close(path.states[-1], plain.states[-1], rtol=0, atol=tolerance)


@pytest.mark.parametrize("method", names(r for r in GENERAL if "mobility" not in r.supports))
def test_methods_without_mobility_say_so(method):
    flow = GradientFlow(energy=quadratic(A), mobility=2.0, temperature=temperature_for(METHODS[method]))
    with pytest.raises(ValueError, match=rf"method = '{method}' cannot use the flow's mobility; these can: euler, "):
        solve(flow, START, [0.0, 1.0], method)


@pytest.mark.parametrize("method", names(r for r in GENERAL if "project" not in r.supports))
def test_methods_without_projection_say_so(method):
    flow = GradientFlow(energy=quadratic(A), project=Sphere(), temperature=temperature_for(METHODS[method]))
    with pytest.raises(ValueError, match=rf"method = '{method}' cannot use the flow's project; these can: euler, "):
        solve(flow, START, [0.0, 1.0], method)


# A diffusion's reverse process: data N(0, s²), noise levels σ from 3 to 0.02, time t = 3 − σ
S, LONGEST, SHORTEST = 0.8, 3.0, 0.02


def _reverse(stochasticity: float) -> GradientFlow:
    """dx = −(1 + λ)σ∇E dt + √(2λσ) dW with E = −log p_σ: M = (1 + λ)σ, T = λ/(1 + λ)."""
    return GradientFlow(
        energy=lambda x, t: x.square().sum(1) / (2 * (S**2 + (LONGEST - t) ** 2)),
        temperature=stochasticity / (1 + stochasticity),
        mobility=lambda t: (1 + stochasticity) * (LONGEST - t),
    )


def _variance(flow: GradientFlow, method: str, steps: int) -> float:
    """Of the samples at σ = SHORTEST, exactly: the steps are linear in the start and in every normal."""
    eye = torch.eye(steps + 2, dtype=torch.float64)
    start, normals = eye[:, :1] * sqrt(S**2 + LONGEST**2), [eye[:, i + 1 : i + 2] for i in range(steps + 1)]
    end = solve_with(normals, flow, start, np.linspace(0, LONGEST - SHORTEST, steps + 1), method).states[-1]
    return float(end.square().sum())


@pytest.mark.parametrize("stochasticity", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("method", [r.name for r in FIXED if r in MOBILE and r.stochastic == "may"])
def test_the_reverse_process_of_a_diffusion_is_this_flow(method, stochasticity):
    """λ = 0 is the probability-flow ODE, λ = 1 the reverse SDE: all end at the variance s² + σ², by order of method."""
    counts = (32, 64, 128)
    exact = S**2 + SHORTEST**2
    errors = [abs(_variance(_reverse(stochasticity), method, n) - exact) for n in counts]
    row = METHODS[method]
    order = row.order.weak if stochasticity else row.order.deterministic
    assert errors[-1] < 0.04
    measured = fitted_order([1 / n for n in counts], errors)
    # at λ = 1 Euler's first-order error nearly cancels
    assert measured == pytest.approx(order, abs=0.2) or (method == "euler" and stochasticity == 1 and measured > order)


@pytest.mark.parametrize("method", ["dopri5", "rkc", "bdf", "lsoda", "radau"])
def test_the_probability_flow_by_adaptive_methods(method):
    start = torch.linspace(-3, 3, 7, dtype=torch.float64)[:, None]
    path = solve(_reverse(0.0), start, [0.0, LONGEST], method, rtol=1e-8, atol=1e-8)
    exact = start * S / sqrt(S**2 + LONGEST**2)
    torch.testing.assert_close(path.states[-1], exact, rtol=0, atol=2e-5 if method == "rkc" else 1e-6)

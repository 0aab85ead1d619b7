"""Stationary variances on quadratics, where every step is linear: its matrices by unit vectors, then Lyapunov."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
import torch
from scipy.linalg import solve_discrete_lyapunov

from demos.gradient_flow import METHODS, GradientFlow, Matrix
from tests.gradient_flow.flows import quadratic, solve_with

T = 0.3
TIGHT = dict(rel=1e-10, abs=1e-12)


def _law(flow: GradientFlow, method: str, h: float, d: int) -> np.ndarray:
    """Stationary covariance of x (d, d), or of (q, p) (2d, 2d), under one step of a method on a linear flow.

    The state (x, p and the noise that Leimkuhler–Matthews remembers) and every normal of the step get one replica each.
    """
    row = METHODS.get(method)
    momentum = row is None or row.momentum is not None
    remembers = method == "leimkuhler_matthews"
    baths = method.count("O") if row is None else row.normals
    size = d * (1 + momentum + remembers)
    count = size + d * baths
    eye = torch.eye(count, dtype=torch.float64)
    start, blocks = eye[:, :d], [eye[:, size + i * d : size + (i + 1) * d] for i in range(baths)]
    given = {"momenta": eye[:, d : 2 * d]} if momentum else {}
    noise = [eye[:, d : 2 * d], *blocks] if remembers else blocks
    path = solve_with(noise, flow, start, [0.0, h], method, **given)
    after = path.states[-1] if not momentum else torch.cat([path.states[-1], path.momenta[-1]], 1)
    if remembers:  # the fresh noise is the remembered one of the next step
        after = torch.cat([after, blocks[0]], 1)
    A, B = after[:size].numpy().T, after[size:].numpy().T
    law = solve_discrete_lyapunov(A, B @ B.T)
    return law[:d, :d] if remembers else law


OVERDAMPED = {  # Var/(kT/k) at z = hk
    "euler": lambda z: 1 / (1 - z / 2),
    "leimkuhler_matthews": lambda z: 1.0,
    "heun": lambda z: (1 - z / 2) / (1 - z / 2 + z**2 / 4),
    "implicit_euler": lambda z: 1 / (1 + z / 2),
}
PRINTED = {  # the same, at z = 0.1, 0.5, 1
    "euler": (1.0526316, 1.3333333, 2.0),
    "leimkuhler_matthews": (1.0, 1.0, 1.0),
    "heun": (0.9973753, 0.9230769, 0.6666667),
    "implicit_euler": (0.952381, 0.8, 0.6666667),
}


@pytest.mark.parametrize("method", OVERDAMPED)
@pytest.mark.parametrize("z", [0.1, 0.5, 1.0])
def test_overdamped_variance(method, z):
    k = 1.7
    flow = GradientFlow(energy=lambda x: k * x.square().sum(1) / 2, temperature=T)
    variance = _law(flow, method, z / k, 1)[0, 0] / (T / k)
    assert variance == pytest.approx(OVERDAMPED[method](z), **TIGHT)
    assert variance == pytest.approx(PRINTED[method][(0.1, 0.5, 1.0).index(z)], abs=6e-7)


@pytest.mark.parametrize("method", OVERDAMPED)
def test_overdamped_covariance_of_a_rotated_anisotropic_well(method):
    K = torch.tensor([[2.0, 0.7], [0.7, 1.0]], dtype=torch.float64)
    k, vectors = np.linalg.eigh(K.numpy())
    h = 0.4
    exact = vectors @ np.diag([T / ki * OVERDAMPED[method](h * ki) for ki in k]) @ vectors.T
    flow = GradientFlow(energy=quadratic(K), temperature=T)
    np.testing.assert_allclose(_law(flow, method, h, 2), exact, rtol=1e-10, atol=1e-12)


def test_preconditioned_euler():
    """With a mobility M Euler–Maruyama has the covariance T (K − hKMK/2)⁻¹: T K⁻¹ for every M as h → 0."""
    K = torch.tensor([[2.0, 0.7], [0.7, 1.0]], dtype=torch.float64)
    M = torch.tensor([[1.0, -0.3], [-0.3, 0.5]], dtype=torch.float64)
    h, flow = 0.3, GradientFlow(energy=quadratic(K), temperature=T, mobility=Matrix(M))
    k, m = K.numpy(), M.numpy()
    exact = T * np.linalg.inv(k - h / 2 * k @ m @ k)
    np.testing.assert_allclose(_law(flow, "euler", h, 2), exact, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "mobility",
    [0.6, torch.tensor([0.5, 2.0]).double(), Matrix(torch.tensor([[1.0, -0.3], [-0.3, 0.5]]).double())],
    ids=["scalar", "diagonal", "matrix"],
)
@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_every_mobility_keeps_the_law(method, mobility):
    """√M noise goes with M drift: in the limit of small steps the law is exp(−E/T) for any mobility."""
    K = torch.tensor([[2.0, 0.7], [0.7, 1.0]], dtype=torch.float64)
    flow = GradientFlow(energy=quadratic(K), temperature=T, mobility=mobility)
    exact = T * np.linalg.inv(K.numpy())
    errors = [np.abs(_law(flow, method, h, 2) - exact).max() for h in (1e-3, 5e-4)]
    assert errors[1] < 1e-3 * np.abs(exact).max()
    assert errors[1] == pytest.approx(errors[0] / 2 ** METHODS[method].order.stationary, rel=0.01, abs=1e-10)


UNDERDAMPED = {  # ⟨q²⟩k/kT and ⟨p²⟩/mkT at u = (hω)²
    "baoab": (lambda u: 1.0, lambda u: 1 - u / 4),
    "VRORV": (lambda u: 1.0, lambda u: 1 - u / 4),
    "lfmiddle": (lambda u: 1.0, lambda u: 1.0),
    "aboba": (lambda u: 1.0, lambda u: 1 / (1 - u / 4)),
    "obabo": (lambda u: 1 / (1 - u / 4), lambda u: 1.0),
    "ORVRO": (lambda u: 1 - u / 4, lambda u: 1.0),
}


@pytest.mark.parametrize("friction", [0.05, 1.0, 30.0])
@pytest.mark.parametrize("u", [0.1, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("word", UNDERDAMPED)
def test_underdamped_variances_do_not_depend_on_friction(word, u, friction):
    k, mass = 2.3, 0.7
    flow = GradientFlow(energy=lambda x: k * x.square().sum(1) / 2, temperature=T, mass=mass, friction=friction)
    law = _law(flow, word, sqrt(u * mass / k), 1)
    q, p = UNDERDAMPED[word]
    assert law[0, 0] * k / T == pytest.approx(q(u), **TIGHT)
    assert law[1, 1] / (mass * T) == pytest.approx(p(u), **TIGHT)


@pytest.mark.parametrize(("word", "q", "p"), [("VOROV", 1.17365, 1.00880), ("ROVOR", 1.03141, 1.13791)])
def test_words_with_two_baths_are_exact_in_neither(word, q, p):
    """At γ = m = kT = 1, k = 2 and h = ½, so u = ½; they depend on friction too."""
    flow = GradientFlow(energy=lambda x: x.square().sum(1), temperature=1.0)
    law = _law(flow, word, 0.5, 1)
    assert 2 * law[0, 0] == pytest.approx(q, abs=6e-6)
    assert law[1, 1] == pytest.approx(p, abs=6e-6)


def test_baoab_of_great_friction_is_leimkuhler_matthews():
    """γ → ∞: BAOAB with step h walks like Leimkuhler–Matthews with step h²/2, on a general potential."""
    h, steps = 0.2, 50
    flow = GradientFlow(energy=lambda x: (x**2 - 1).square().sum(1), temperature=T, friction=1e6)
    normals = torch.randn(steps + 1, 4, 1, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    start = torch.tensor([[0.1], [-0.7], [1.0], [0.5]], dtype=torch.float64)
    thrown = sqrt(T) * normals[0] - h / 2 * flow.gradient(start, 0.0)  # as a step before would have left it
    short = solve_with(normals, flow, start, np.arange(steps + 1) * h**2 / 2, "leimkuhler_matthews")
    long = solve_with(normals[1:], flow, start, np.arange(steps + 1) * h, "baoab", momenta=thrown)
    torch.testing.assert_close(long.states[-1], short.states[-1], rtol=1e-11, atol=1e-11)


def test_the_law_is_exact_where_the_table_says_so():
    """`inf` in the table is exactness: only methods that accept or refuse may claim it on any potential."""
    assert {row.name for row in METHODS.values() if row.order.stationary == inf} == {
        row.name for row in METHODS.values() if row.proposes
    }


@pytest.mark.parametrize("method", [*OVERDAMPED, "baoab", "aboba", "obabo", "lfmiddle", "VOROV"])
def test_stationary_order_on_a_quadratic(method):
    """No worse than the table says: some are exact here."""
    k = 1.3
    flow = GradientFlow(energy=lambda x: k * x.square().sum(1) / 2, temperature=T, friction=0.8)
    errors = [abs(_law(flow, method, h, 1)[0, 0] - T / k) for h in (0.04, 0.02)]
    order = METHODS[method].order.stationary if method in METHODS else 2
    assert errors[1] <= errors[0] / 2**order * 1.05 + 1e-12

"""MALA and HMC keep exp(−E/T) exactly: detailed balance of the solver's own steps, to rounding.

The acceptance probability is read off the solver by bisection on the uniform number that a step is given.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from demos.gradient_flow import GradientFlow, Matrix, solve
from tests.gradient_flow.flows import double_well, solve_with

T, H = 0.25, 0.15
MUCH = torch.tensor([[1.3, 0.4], [0.4, 0.5]], dtype=torch.float64)


def _step(flow, method, x, normals, uniforms, t=0.0, **options):
    return solve_with([normals], flow, x, [t, t + H], method, uniforms=[uniforms], **options).states[-1]


def _acceptance(flow, method, x, normals, t=0.0, **options) -> np.ndarray:
    """(N,): the largest uniform number with which the step from x is taken."""
    low, high = torch.zeros(len(x), dtype=torch.float64), torch.ones(len(x), dtype=torch.float64)
    for _ in range(54):
        middle = (low + high) / 2
        moved = (_step(flow, method, x, normals, middle, t, **options) != x).flatten(1).any(1)
        low, high = torch.where(moved, middle, low), torch.where(moved, high, middle)
    return ((low + high) / 2).numpy()


def test_mala_leaves_the_law_of_a_double_well():
    """Its kernel on a grid, P_ij = q(x_j|x_i) α_ij Δ, is in detailed balance with π, so π P = π."""
    grid = np.linspace(-2, 2, 61)
    x, y = (a.reshape(-1, 1) for a in np.meshgrid(grid, grid, indexing="ij"))
    slope = lambda u: 4 * u * (u**2 - 1)
    normals = (y - x + H * slope(x)) / sqrt(2 * H * T)
    flow = GradientFlow(energy=double_well, temperature=T)
    alpha = _acceptance(flow, "mala", torch.from_numpy(x), torch.from_numpy(normals)).reshape(61, 61)
    law = np.exp(-((grid**2 - 1) ** 2) / T)
    law /= law.sum()
    P = np.exp(-(normals**2) / 2).reshape(61, 61) / sqrt(4 * np.pi * H * T) * (grid[1] - grid[0]) * alpha
    flux = law[:, None] * P
    np.testing.assert_allclose(flux, flux.T, rtol=1e-10, atol=1e-16)
    np.fill_diagonal(P, 0)
    np.fill_diagonal(P, 1 - P.sum(1))
    np.testing.assert_allclose(law @ P, law, rtol=1e-10, atol=1e-15)
    assert 0.01 < (alpha < 0.99).mean() < 0.99  # the grid sees refusals


@pytest.mark.parametrize("t", [0.0, 1.0])
@pytest.mark.parametrize(
    "mobility", [None, 0.7, lambda t: 0.5 + t / 4, Matrix(MUCH)], ids=["identity", "scalar", "moving", "matrix"]
)
def test_mala_is_in_detailed_balance_with_a_mobility(mobility, t):
    """π(x) q(y|x) α(x, y) is symmetric in x and y, for an energy and a temperature that depend on time."""
    flow = GradientFlow(
        energy=lambda x, t: double_well(x) + (1 + t) * x[:, 0] * x[:, 1],
        temperature=lambda t: T + t / 10,
        mobility=mobility,
    )
    M = {0.7: 0.7 * np.eye(2), None: np.eye(2)}.get(mobility if not callable(mobility) else 0, None)
    if M is None:
        M = MUCH.numpy() if isinstance(mobility, Matrix) else (0.5 + t / 4) * np.eye(2)
    kT, whiten = T + t / 10, np.linalg.inv(sqrtm(M))
    random = np.random.default_rng(3)
    x = random.uniform(-1.5, 1.5, (500, 2))
    y = x + 0.5 * random.standard_normal((500, 2))

    def flux(x, y):
        gradient = flow.gradient(torch.from_numpy(x), t).numpy()
        normals = (y - x + H * gradient @ M) @ whiten / sqrt(2 * H * kT)
        energy = flow.energy(torch.from_numpy(x), t).numpy()
        alpha = _acceptance(flow, "mala", torch.from_numpy(x), torch.from_numpy(normals), t)
        return np.log(alpha) - (normals**2).sum(1) / 2 - energy / kT, alpha

    (there, alpha), (back, other) = flux(x, y), flux(y, x)
    clear = np.minimum(alpha, other) > 1e-4  # bisection knows α to 1e-16
    assert clear.mean() > 0.5
    np.testing.assert_allclose(there[clear], back[clear], rtol=0, atol=1e-10)


def _leapfrog(flow, q, p, steps, mass):
    for _ in range(steps):
        p = p - H / 2 * flow.gradient(q, 0.0)
        q = q + H * p / mass
        p = p - H / 2 * flow.gradient(q, 0.0)
    return q, p


def test_hmc_proposes_by_leapfrog_and_accepts_by_the_energy():
    """Leapfrog keeps volume and is its own inverse once p is turned, so min(1, e^{−ΔH/T}) is all it takes."""
    mass, steps = 0.8, 7
    flow = GradientFlow(energy=double_well, temperature=T, mass=mass)
    generator = torch.Generator().manual_seed(1)
    q = 0.8 * torch.randn(400, 2, generator=generator, dtype=torch.float64)
    R = torch.randn(400, 2, generator=generator, dtype=torch.float64)
    p = R * sqrt(mass * T)
    expected, turned = _leapfrog(flow, q, p, steps, mass)
    always = torch.zeros(400, dtype=torch.float64)
    moved = _step(flow, "hmc", q, R, always, leapfrog_steps=steps)
    torch.testing.assert_close(moved, expected, rtol=1e-12, atol=1e-12)
    back = _step(flow, "hmc", moved, -turned / sqrt(mass * T), always, leapfrog_steps=steps)
    torch.testing.assert_close(back, q, rtol=1e-11, atol=1e-11)
    total = lambda q, p: flow.energy(q, 0.0) + p.square().sum(1) / (2 * mass)
    alpha = ((total(q, p) - total(expected, turned)) / T).clamp_max(0).exp().numpy()
    np.testing.assert_allclose(_acceptance(flow, "hmc", q, R, leapfrog_steps=steps), alpha, rtol=1e-11, atol=1e-14)
    assert (alpha < 0.99).mean() > 0.1


@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_fields_are_accepted_replica_by_replica(method):
    """States (N, 2, 3) move exactly as the same numbers do as (N, 6)."""
    energy = lambda x: (x.flatten(1) ** 4).sum(1)
    flow = GradientFlow(energy=energy, temperature=T)
    generator = torch.Generator().manual_seed(4)
    x, R = (torch.randn(50, 2, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    U = torch.rand(50, generator=generator, dtype=torch.float64)
    field = _step(flow, method, x, 2 * R, U)
    flat = _step(flow, method, x.reshape(50, 6), 2 * R.reshape(50, 6), U)
    torch.testing.assert_close(field.reshape(50, 6), flat, rtol=1e-13, atol=1e-13)
    refused = (field == x).flatten(1).all(1)
    assert 0 < refused.sum() < 50


@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_acceptance_is_the_share_of_steps_taken(method):
    flow = GradientFlow(energy=lambda x: (x**4).sum(1), temperature=1.0)
    start = torch.zeros(300, 1, dtype=torch.float64)
    options = {"leapfrog_steps": 3} if method == "hmc" else {}
    path = solve(flow, start, np.arange(41) * 0.6, method, seed=1, record=41, **options)
    taken = (path.states[1:] != path.states[:-1]).any(2).double().mean()
    assert path.acceptance == pytest.approx(float(taken), abs=1e-12)
    assert 0.05 < path.acceptance < 0.95


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_proposals_without_a_finite_energy_are_refused(method, bad):
    flow = GradientFlow(
        energy=lambda x: torch.where(x.abs() < 1, x.square(), bad).sum(1),
        gradient=lambda x: torch.where(x.abs() < 1, 2 * x, torch.nan),
        temperature=0.5,
    )
    path = solve(flow, torch.zeros(200, 1), np.arange(101) * 0.1, method, record=101)
    assert path.status.kind == "finished"
    assert path.states.abs().max() < 1
    assert 0.5 < path.acceptance < 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_a_schedule_may_cool_to_zero(method, dtype):
    """At T = 0 only steps that go down are taken."""
    flow = GradientFlow(energy=lambda x: 50 * double_well(x), temperature=lambda t: max(0.0, 5 * (1 - t)))
    path = solve(flow, torch.full((100, 2), 0.3, dtype=dtype), np.arange(601) * 0.003, method, record=601)
    assert path.status.kind == "finished"
    cold = path.energies[340:]  # T = 0 from t = 1
    assert (cold[1:] <= cold[:-1] * (1 + 1e-5) + 1e-6).all()
    assert cold[-1].max() < 0.1 * path.energies[0, 0]


def test_mala_samples_the_law_that_euler_misses():
    """E = x⁴/4 at T = 1 and a long step: ⟨x²⟩ = 2Γ(¾)/Γ(¼) by sampling, within 5 standard errors."""
    flow = GradientFlow(energy=lambda x: (x**4).sum(1) / 4, temperature=1.0)
    path = solve(flow, torch.zeros(20_000, 1), np.arange(61) * 0.3, "mala", seed=7, record=2)
    x2, x4 = 0.6759782400672, 1.0  # ⟨x⁴⟩ = T d by the virial theorem
    error = sqrt((x4 - x2**2) / 20_000)
    assert abs(float(path.states[-1].square().mean()) - x2) < 5 * error

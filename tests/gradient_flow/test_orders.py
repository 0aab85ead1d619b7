"""Orders in the step size, measured by regression: every row of METHODS is held to the order that it claims."""

from __future__ import annotations

from math import cos, exp, inf, sin, sqrt

import numpy as np
import pytest
import torch
from scipy.integrate import quad, solve_ivp
from scipy.linalg import expm

from demos.gradient_flow import METHODS, GradientFlow, Matrix, solve, splitting
from tests.gradient_flow.flows import FIXED, NOISY, Sphere, double_well, fitted_order, names, quadratic, solve_with

COUNTS = (16, 32, 64, 128)  # steps over t ∈ [0, 1]
START = torch.tensor([[0.5, -0.6], [0.4, 0.3]], dtype=torch.float64)
TINY = 1e-40  # the temperature of a sampler whose drift is measured: its noise is below rounding
K = torch.tensor([[2.0, 0.7], [0.7, 1.0]], dtype=torch.float64)


def _quartic(x0: torch.Tensor) -> torch.Tensor:
    """dx = −x³ dt at t = 1."""
    return x0 / (1 + 2 * x0**2).sqrt()


CASES = {
    "quartic": ({"energy": lambda x: (x**4).sum(1) / 4}, _quartic(START)),
    "rotated quadratic": ({"energy": quadratic(K)}, START @ torch.from_numpy(expm(-K.numpy()))),
    # dx = −(1 + cos 3t) x dt
    "stiffness that changes": (
        {"energy": lambda x, t: (1 + cos(3 * t)) * x.square().sum(1) / 2},
        START * exp(-1 - sin(3) / 3),
    ),
    # dx = −(x − sin t) dt
    "moving trap": (
        {"energy": lambda x, t: (x - sin(t)).square().sum(1) / 2},
        (START + 0.5) * exp(-1) + (sin(1) - cos(1)) / 2,
    ),
    # dx = −M(t) x³ dt, ∫M = ½ + sin 2/2
    "mobility that changes": (
        {"energy": lambda x: (x**4).sum(1) / 4, "mobility": lambda t: 0.5 + cos(2 * t)},
        START / (1 + (1 + sin(2)) * START**2).sqrt(),
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", names(r for r in FIXED if r.order.deterministic is not None))
def test_deterministic_order(method, case):
    row = METHODS[method]
    parts, exact = CASES[case]
    flow = GradientFlow(**parts, temperature=TINY if row.stochastic == "must" else 0.0)
    ends = [solve(flow, START, np.linspace(0, 1, n + 1), method, record=2, rtol=1e-12).states[-1] for n in COUNTS]
    errors = [float((end - exact).abs().max()) for end in ends]
    assert fitted_order([1 / n for n in COUNTS], errors) == pytest.approx(row.order.deterministic, abs=0.12)


@pytest.mark.parametrize("mobility", [None, Matrix(torch.diag(torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)))])
@pytest.mark.parametrize("method", ["euler", "heun", "rk4"])
def test_orders_hold_on_a_constraint_set(method, mobility):
    """Projecting after a step keeps the order (Hairer, Lubich & Wanner, Geometric Numerical Integration, §IV.4)."""
    A = torch.tensor([[1.0, 0.3, 0.0], [0.3, 2.0, 0.5], [0.0, 0.5, 4.0]], dtype=torch.float64)
    flow = GradientFlow(energy=quadratic(A), project=Sphere(), mobility=mobility)
    start = Sphere().retract(torch.tensor([[1.0, -0.5, 0.8], [0.2, 1.0, 1.0]], dtype=torch.float64))
    m = torch.eye(3, dtype=torch.float64) if mobility is None else torch.diag(torch.tensor([1.0, 2.0, 0.5]).double())

    def slope(t, flat):
        x = torch.from_numpy(flat).reshape(2, 3)
        downhill = -Sphere().tangent(x, Sphere().tangent(x, x @ A) @ m)
        return downhill.reshape(-1).numpy()

    exact = torch.from_numpy(
        solve_ivp(slope, (0, 1), start.reshape(-1).numpy(), "DOP853", rtol=1e-13, atol=1e-14).y[:, -1]
    ).reshape(2, 3)
    errors = [
        float((solve(flow, start, np.linspace(0, 1, n + 1), method, record=2).states[-1] - exact).abs().max())
        for n in COUNTS
    ]
    order = METHODS[method].order.deterministic
    assert fitted_order([1 / n for n in COUNTS], errors) == pytest.approx(order, abs=0.15)


def _impulses(flow: GradientFlow, method: str, steps: int, momenta=None) -> tuple[np.ndarray, np.ndarray]:
    """Mean (k,) and covariance (k, k) of (x, or q and p) at t = 1 from x = 1: a linear flow's response to each normal.

    The path is linear in the normals, so replica i gets a unit at the i-th normal, and the last replica gets none.
    """
    count = 4 * steps + 2  # more than any method draws
    eye = torch.eye(count + 1, dtype=torch.float64)[:, :count]
    start = torch.ones(count + 1, 1, dtype=torch.float64)
    given = {} if momenta is None else {"momenta": momenta * torch.ones_like(start)}
    noise = [eye[:, i : i + 1] for i in range(count)]
    path = solve_with(noise, flow, start, np.linspace(0, 1, steps + 1), method, **given)
    end = path.states[-1] if path.momenta is None else torch.cat([path.states[-1], path.momenta[-1]], 1)
    response = (end[:-1] - end[-1:]).numpy()
    return end[-1].numpy(), response.T @ response


OVERDAMPED = [r for r in FIXED if r.order.weak is not None and not r.proposes and r.momentum is None]


@pytest.mark.parametrize("schedule", ["constant", "annealed", "mobile"])
@pytest.mark.parametrize("method", names(OVERDAMPED))
def test_weak_order_of_overdamped_methods(method, schedule):
    """Mean and variance at t = 1 of dx = −M k x dt + √(2TM) dW against ∫2TM e^{−2k∫M} without any sampling."""
    k, row = 1.5, METHODS[method]
    T = 0.25 if schedule == "constant" else lambda t: 0.3 + 0.2 * cos(2 * t)
    M = (lambda t: 0.5 + t) if schedule == "mobile" else None
    heat = T if callable(T) else lambda t: T
    speed, way = (M, lambda t: (1 - t) / 2 + (1 - t * t) / 2) if M else (lambda t: 1.0, lambda t: 1 - t)
    mean = exp(-k * way(0))
    variance = quad(lambda s: 2 * heat(s) * speed(s) * exp(-2 * k * way(s)), 0, 1, epsabs=1e-14)[0]
    flow = GradientFlow(energy=lambda x: k * x.square().sum(1) / 2, temperature=T, mobility=M)
    counts, errors = (16, 32, 64, 128), []
    for n in counts:
        m, v = _impulses(flow, method, n)
        errors.append(max(abs(m[0] - mean), abs(v[0, 0] - variance)))
    assert fitted_order([1 / n for n in counts], errors) == pytest.approx(row.order.weak, abs=0.12)


WORDS = [*names(r for r in FIXED if r.momentum is not None), "ORVRO", "VOROV", "ROVOR", "VRO", "RVO"]


@pytest.mark.parametrize("method", WORDS)
def test_weak_order_of_underdamped_methods(method):
    """Mean and covariance of (q, p) at t = 1 in a harmonic well, against the matrix exponential (Van Loan)."""
    k, mass, friction, T = 2.0, 0.7, 1.3, 0.25
    row = METHODS.get(method) or splitting(method)
    A = np.array([[0, 1 / mass], [-k, -friction]])
    Q = np.diag([0, 2 * friction * mass * T])
    block = expm(np.block([[-A, Q], [np.zeros((2, 2)), A.T]]))
    covariance = block[2:, 2:].T @ block[:2, 2:]
    mean = expm(A) @ [1.0, 0.4]
    flow = GradientFlow(energy=lambda x: k * x.square().sum(1) / 2, temperature=T, mass=mass, friction=friction)
    counts, errors = (16, 32, 64, 128), []
    for n in counts:
        m, v = _impulses(flow, method, n, momenta=0.4)
        errors.append(max(np.abs(m - mean).max(), np.abs(v - covariance).max()))
    assert fitted_order([1 / n for n in counts], errors) == pytest.approx(row.order.weak, abs=0.12)


@pytest.mark.parametrize("method", WORDS)
def test_splitting_words_follow_a_nonlinear_moving_well(method):
    """T = 0: damped motion in 1 − cos(q − sin t)/1 is of the word's weak order, times inside the word included."""
    row, mass, friction = METHODS.get(method) or splitting(method), 0.7, 0.9
    flow = GradientFlow(energy=lambda x, t: (1 - torch.cos(x - sin(3 * t))).sum(1), mass=mass, friction=friction)
    start, momenta = torch.tensor([[1.2], [-0.4]]).double(), torch.tensor([[0.3], [1.0]]).double()
    exact = []
    for q, p in zip(start, momenta, strict=True):
        exact.append(
            solve_ivp(
                lambda t, y: [y[1] / mass, -sin(y[0] - sin(3 * t)) - friction * y[1]],
                (0, 1),
                [float(q), float(p)],
                "DOP853",
                rtol=1e-13,
                atol=1e-13,
            ).y[:, -1]
        )
    errors = []
    for n in COUNTS:
        path = solve(flow, start, np.linspace(0, 1, n + 1), method, record=2, momenta=momenta)
        errors.append(float(np.abs(torch.cat([path.states[-1], path.momenta[-1]], 1).numpy() - exact).max()))
    assert fitted_order([1 / n for n in COUNTS], errors) == pytest.approx(row.order.weak, abs=0.15)


@pytest.mark.parametrize("method", names(r for r in FIXED if r.order.strong is not None))
def test_strong_order(method):
    """The same Brownian path in steps of h and of 1/2048: the mean distance of the ends falls like h^order."""
    finest, T = 2048, 0.25
    flow = GradientFlow(energy=double_well, temperature=T)
    fine = torch.randn(finest, 100, 2, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    start = torch.tensor([[0.3, 0.5]], dtype=torch.float64).repeat(100, 1)
    exact = solve_with(fine, flow, start, np.linspace(0, 1, finest + 1), "heun").states[-1]
    counts, errors = (16, 32, 64, 128), []
    for n in counts:
        coarse = fine.reshape(n, finest // n, 100, 2).sum(1) / sqrt(finest // n)
        end = solve_with(coarse, flow, start, np.linspace(0, 1, n + 1), method).states[-1]
        errors.append(float((end - exact).norm(dim=1).mean()))
    assert fitted_order([1 / n for n in counts], errors) == pytest.approx(METHODS[method].order.strong, abs=0.15)


def test_every_method_that_samples_claims_a_stationary_order():
    assert [row.name for row in NOISY if row.order.stationary not in (1, 2, inf)] == []

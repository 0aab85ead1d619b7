"""Methods that solve the stiff linear part of a flow: orders, exactness, fixed points, refusals."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from demos.gradient_flow import METHODS, GradientFlow, Matrix, Stiff, autograd_gradient, solve
from demos.gradient_flow.methods.etdrk2 import Exponentials, phi
from demos.gradient_flow.problem import Problem
from tests.gradient_flow.flows import Orthogonal, Sphere, fitted_order

FIXED = ("etdrk2", "semi_implicit")
BASIS = torch.linalg.qr(torch.tensor([[2.0, 1.0, 0.0], [-1.0, 1.0, 1.0], [0.5, 0.0, 2.0]], dtype=torch.float64))[0]
VALUES = torch.tensor([0.0, 1.5, 40.0], dtype=torch.float64)
K = BASIS @ torch.diag(VALUES) @ BASIS.T
START = torch.tensor([[1.0, -0.6, 0.3], [0.4, 1.3, -0.8]], dtype=torch.float64)
MOBILITY = BASIS @ torch.diag(torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)) @ BASIS.T


def _energy(x, t=0.0):
    """x·Kx/2 + Σ x⁴/4 − cos(3t) Σ x"""
    return 0.5 * ((x @ K) * x).sum(1) + 0.25 * (x**4).sum(1) - np.cos(3 * t) * x.sum(1)


def _flow(mobile: bool = False, **rest) -> GradientFlow:
    transform = Orthogonal(BASIS)
    scale = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64) if mobile else torch.ones(3, dtype=torch.float64)
    stiff = Stiff(transform, VALUES * scale, lambda x, t: transform.forward(x**3 - np.cos(3 * t)) * scale, scale)
    return GradientFlow(
        energy=lambda x, t: _energy(x, t), stiff=stiff, mobility=Matrix(MOBILITY) if mobile else None, **rest
    )


def _exact(mobile: bool, end: float = 1.0) -> torch.Tensor:
    M = MOBILITY.numpy() if mobile else np.eye(3)

    def slope(t, flat):
        x = flat.reshape(2, 3)
        return -((x @ K.numpy() + x**3 - np.cos(3 * t)) @ M).reshape(-1)

    end = solve_ivp(slope, (0, end), START.reshape(-1).numpy(), "DOP853", rtol=1e-13, atol=1e-14).y[:, -1]
    return torch.from_numpy(end).reshape(2, 3)


@pytest.mark.parametrize("mobile", [False, True])
@pytest.mark.parametrize("stabilizer", [0.0, 1.5])
@pytest.mark.parametrize("method", FIXED)
def test_order_on_a_nonlinear_moving_well(method, stabilizer, mobile):
    exact, counts = _exact(mobile), (64, 128, 256, 512)
    errors = [
        float(
            (
                solve(_flow(mobile), START, np.linspace(0, 1, n + 1), method, record=2, stabilizer=stabilizer).states[
                    -1
                ]
                - exact
            )
            .abs()
            .max()
        )
        for n in counts
    ]
    assert fitted_order([1 / n for n in counts], errors) == pytest.approx(METHODS[method].order.deterministic, abs=0.12)


def test_etdrk2_is_exact_where_the_flow_is_linear():
    """One step of 3 time units with eigenvalues up to 40: e^(−3K) x."""
    transform = Orthogonal(BASIS)
    stiff = Stiff(transform, VALUES, lambda x, t: torch.zeros_like(x))
    flow = GradientFlow(energy=lambda x: 0.5 * ((x @ K) * x).sum(1), stiff=stiff)
    end = solve(flow, START, [0.0, 3.0], "etdrk2").states[-1]
    torch.testing.assert_close(end, START @ torch.matrix_exp(-3 * K), rtol=0, atol=1e-13)
    end = solve(flow, START, [0.0, 3.0], "semi_implicit").states[-1]
    torch.testing.assert_close(end, START @ torch.linalg.inv(torch.eye(3).double() + 3 * K), rtol=0, atol=1e-13)


def test_phi_functions_to_rounding():
    """Against fifty decimal digits, on both sides of where the closed form takes over from the series."""
    values = [-1e6, -700.0, -40.0, -3.0, -0.51, -0.5, -0.49, -1e-3, -1e-9, 1e-9, 0.3, 2.0]
    decay, first, second = phi(torch.tensor(values, dtype=torch.float64))
    with localcontext() as context:
        context.prec = 50
        for i, value in enumerate(values):
            z = Decimal(value)
            e = z.exp()
            assert float(decay[i]) == pytest.approx(float(e), rel=1e-15, abs=0)
            assert float(first[i]) == pytest.approx(float((e - 1) / z), rel=1e-15, abs=0)
            assert float(second[i]) == pytest.approx(float((e - 1 - z) / z**2), rel=1e-15, abs=0)
    assert [float(f) for f in phi(torch.zeros(1, dtype=torch.float64))] == [1.0, 1.0, 0.5]


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-7])
def test_adaptive_steps_keep_the_tolerance(tolerance):
    path = solve(_flow(), START, [0.0, 1.0], "etdrk2_adaptive", record=2, rtol=tolerance, atol=tolerance)
    error = float((path.states[-1] - _exact(False)).abs().max())
    assert path.status.kind == "finished" and error < 3 * tolerance
    sizes = path.step_sizes.numpy()[:-2]
    np.testing.assert_allclose(4 * np.log2(sizes), np.round(4 * np.log2(sizes)), atol=1e-6)  # few sizes, known ones


def test_adaptive_interpolation_has_the_order_of_the_method():
    """Inside its steps the path is as good as at their ends: the error at fixed times falls as the tolerance does."""
    times, errors = np.linspace(0, 1, 8), []
    exact = torch.stack([START if t == 0 else _exact(False, t) for t in times])
    for tolerance in (1e-4, 1e-6):
        path = solve(_flow(), START, [0.0, 1.0], "etdrk2_adaptive", record=8, rtol=tolerance, atol=tolerance)
        errors.append(float((path.states - exact).abs().max()))
    assert errors[0] < 3e-4 and errors[1] < 3e-6


def test_a_grid_of_equal_steps_computes_its_coefficients_once():
    """Times from linspace are not evenly spaced to the last bit."""
    problem = Problem(_flow(), None, {"stabilizer": 0.0}, (1e-6, 1e-6))
    times = np.linspace(0, 1000, 2002)
    assert len(set(np.diff(times))) > 10
    exponentials = Exponentials(problem, START, 0.0)
    for t, h in zip(times[:-1], np.diff(times), strict=True):
        exponentials.at(float(h), float(t))
    assert len(exponentials._known) == 1


@pytest.mark.parametrize("h", [0.01, 1.0, 100.0])
def test_stabilized_semi_implicit_steps_never_raise_the_energy(h):
    """S of half the largest curvature of the rest (3x² ≤ 12 for |x| ≤ 2): Eyre's splitting, at any h."""
    flow = GradientFlow(
        energy=lambda x: _energy(x) + x.sum(1),
        stiff=Stiff(Orthogonal(BASIS), VALUES, lambda x, t: Orthogonal(BASIS).forward(x**3)),
    )
    path = solve(flow, START, np.arange(31) * h, "semi_implicit", record=31, stabilizer=6.0)
    assert float(path.states.abs().max()) <= 2
    assert float(path.energies.diff(dim=0).max()) <= 1e-14 * float(path.energies.abs().max())


@pytest.mark.parametrize("h", [0.02, 0.2, 2.0])
def test_the_normalized_flow_ends_at_the_same_state_for_every_step(h):
    """The ground state of K with a quartic term on the unit sphere; without the multiplier term, it depends on h."""
    flow = GradientFlow(
        energy=lambda x: _energy(x) + x.sum(1),
        project=Sphere(),
        stiff=Stiff(Orthogonal(BASIS), VALUES, lambda x, t: Orthogonal(BASIS).forward(x**3)),
    )
    start = Sphere().retract(START)
    gradient = autograd_gradient(flow.energy)
    path = solve(flow, start, np.arange(4001) * h, "normalized", stabilizer=2.0, record=2, tolerance=1e-13)
    end = path.states[-1]
    assert path.status.kind == "converged"
    assert float(Sphere().tangent(end, gradient(end, 0.0)).abs().max()) < 1e-12
    without = solve(flow, start, np.arange(4001) * h, "normalized", stabilizer=2.0, record=2, multiplier=0).states[-1]
    assert float(Sphere().tangent(without, gradient(without, 0.0)).abs().max()) > 1e-3 * min(h, 1)


def test_the_normalized_flow_has_order_one():
    flow = GradientFlow(
        energy=lambda x: _energy(x) + x.sum(1),
        project=Sphere(),
        stiff=Stiff(Orthogonal(BASIS), VALUES, lambda x, t: Orthogonal(BASIS).forward(x**3)),
    )
    start = Sphere().retract(START)

    def slope(t, flat):
        x = torch.from_numpy(flat).reshape(2, 3)
        return -Sphere().tangent(x, x @ K + x**3).reshape(-1).numpy()

    exact = solve_ivp(slope, (0, 0.5), start.reshape(-1).numpy(), "DOP853", rtol=1e-13, atol=1e-14).y[:, -1]
    counts = (64, 128, 256, 512)
    errors = [
        float(
            np.abs(
                solve(flow, start, np.linspace(0, 0.5, n + 1), "normalized", record=2).states[-1].reshape(-1).numpy()
                - exact
            ).max()
        )
        for n in counts
    ]
    assert fitted_order([1 / n for n in counts], errors) == pytest.approx(1, abs=0.12)


def test_refusals_name_what_is_missing():
    plain = GradientFlow(energy=lambda x: x.square().sum(1))
    with pytest.raises(ValueError, match="stiff linear part"):
        solve(plain, START, [0, 1], "etdrk2")
    wrong = Stiff(Orthogonal(BASIS), 2 * VALUES, lambda x, t: Orthogonal(BASIS).forward(x**3))
    for method in (*FIXED, "etdrk2_adaptive"):
        with pytest.raises(ValueError, match="another flow's"):
            solve(GradientFlow(energy=_energy, stiff=wrong), START, [0, 1], method)
    with pytest.raises(ValueError, match="no constraint set"):
        solve(_flow(), START, [0, 1], "normalized")
    with pytest.raises(ValueError, match="must be a Stiff"):
        GradientFlow(energy=_energy, stiff=VALUES)
    with pytest.raises(ValueError, match="needs observe"):
        solve(_flow(), START, [0, 1], "etdrk2_adaptive", record="steps")


def test_every_step_can_be_observed():
    seen = []
    path = solve(
        _flow(),
        START,
        [0.0, 1.0],
        "etdrk2_adaptive",
        record="steps",
        rtol=1e-3,
        observe=lambda x, t: seen.append((x.clone(), t)) or t,
    )
    assert len(path.observed) == path.steps + 1 == len(seen)
    torch.testing.assert_close(path.times.diff(), path.step_sizes, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(seen[-1][0], path.states[-1], rtol=0, atol=0)
    fixed = solve(_flow(), START, np.linspace(0, 1, 8), "etdrk2", record="steps")
    assert len(fixed.states) == 8

"""Implicit Euler as minimizing movement, and the Jacobians that SciPy's integrators get."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import (
    GradientFlow,
    Matrix,
    autograd_gradient,
    autograd_hessian,
    largest_curvature,
    solve,
)
from demos.gradient_flow.methods.scipy_flows import SciPyStepper
from demos.gradient_flow.problem import Problem
from tests.gradient_flow.flows import FIXED, Sphere, double_well, muller_brown, names, quadratic

K = torch.tensor([[2.0, 0.7], [0.7, 1.0]], dtype=torch.float64)


def _points(count: int, low=(-1.5, -0.2), high=(1.2, 2.0)) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).uniform(low, high, (count, 2)))


@pytest.mark.parametrize("h", [0.1, 10.0, 1e6])
@pytest.mark.parametrize("scale", [None, 0.5, torch.tensor([0.2, 3.0])], ids=["identity", "scalar", "diagonal"])
def test_closed_form_on_a_quadratic(scale, h):
    """x' = (1 + hMK)⁻¹x for any step, however long."""
    flow, start = GradientFlow(energy=quadratic(K), mobility=scale), _points(20)
    M = np.diag(np.broadcast_to(1.0 if scale is None else np.asarray(scale, dtype=float), 2))
    exact = np.linalg.solve(np.eye(2) + h * M @ K.numpy(), start.numpy().T).T
    end = solve(flow, start, [0.0, h], "implicit_euler", rtol=1e-10).states[-1]
    np.testing.assert_allclose(end.numpy(), exact, rtol=0, atol=1e-12)


def test_closed_form_back_in_time():
    """On a falling grid x' = (1 − |h|K)⁻¹x: the implicit step of −E."""
    start, h = _points(20), 0.2
    exact = np.linalg.solve(np.eye(2) - h * K.numpy(), start.numpy().T).T
    end = solve(GradientFlow(energy=quadratic(K)), start, [1.0, 1.0 - h], "implicit_euler", rtol=1e-10).states[-1]
    np.testing.assert_allclose(end.numpy(), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("h", [1e-3, 0.1, 10.0, 1e4])
@pytest.mark.parametrize("energy", [double_well, muller_brown], ids=["double well", "Müller–Brown"])
def test_energy_never_rises(energy, h):
    """The proof of the method: E(x') + |x' − x|²/2h ≤ E(x), for every step size and every start."""
    path = solve(GradientFlow(energy=energy), _points(200), np.arange(9) * h, "implicit_euler", record=9)
    assert path.status.kind == "finished"
    fall = path.energies.diff(dim=0)
    moved = path.states.diff(dim=0).square().sum(2) / (2 * h)
    slack = 1e-12 * (1 + path.energies.abs().max())
    assert (fall + moved <= slack).all()


def test_steps_solve_the_implicit_equation():
    """x' + h∇E(x') = x on Müller–Brown, with h ten times the limit of every explicit method."""
    h, start = 5e-3, _points(300)
    flow = GradientFlow(energy=muller_brown)
    end = solve(flow, start, [0.0, h], "implicit_euler", rtol=1e-9).states[-1]
    residual = end + h * flow.gradient(end, 0.0) - start
    assert residual.abs().max() < 1e-9 * (1 + h * 4e3)


@pytest.mark.parametrize("method", names(r for r in FIXED if r.stochastic != "must"))
def test_replicas_do_not_interact(method):
    """Each goes where it would go alone, also beside one in a well 10¹² times as steep."""
    start = torch.tensor([[0.5, -0.2], [10.3, 0.1], [-0.4, 0.6]]).double()

    def energy(x):
        return torch.where(x[:, 0] > 5, 1e12, 1.0) * double_well(x - 10 * (x[:, :1] > 5))

    times = np.arange(11) * 1e-3
    together = solve(GradientFlow(energy=energy), start, times, method).states[-1]
    for i in (0, 2):
        alone = solve(GradientFlow(energy=energy), start[i : i + 1], times, method).states[-1][0]
        torch.testing.assert_close(together[i], alone, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("method", ["bdf", "implicit_euler"])
def test_very_large_replicas_are_refused(method):
    with pytest.raises(ValueError, match="at most 512 coordinates a replica, not 600"):
        solve(GradientFlow(energy=lambda x: x.square().sum(1)), torch.ones(1, 600), [0.0, 1.0], method)


def test_implicit_euler_needs_a_diagonal_mobility():
    with pytest.raises(ValueError, match="diagonal mobility"):
        solve(
            GradientFlow(energy=quadratic(K), mobility=Matrix(K)),
            torch.ones(1, 2).double(),
            [0.0, 1.0],
            "implicit_euler",
        )


def _coupled(x: torch.Tensor) -> torch.Tensor:
    """An energy of any number of coordinates whose Hessian has no zeros."""
    d = x.shape[1]
    weights = torch.arange(1, d + 1, dtype=x.dtype)
    return torch.cosh(x @ weights / d) + (x**4 * weights).sum(1) + (x.sum(1)) ** 2


FLOWS = {
    "hessian": {"energy": _coupled},
    "gradient only": {"gradient": autograd_gradient(lambda x, t: _coupled(x))},
    "matrix mobility": {"energy": _coupled, "mobility": "matrix"},
    "on a sphere": {"energy": _coupled, "project": Sphere()},
}


@pytest.mark.parametrize("parts", FLOWS)
@pytest.mark.parametrize("d", [1, 2, 3])
def test_jacobians_for_scipy(d, parts):
    """Sparse and banded packings are the matrix of central differences of the whole system."""
    parts = dict(FLOWS[parts])
    if parts.get("mobility"):
        spread = torch.eye(d).double() + 0.3
        spread[0, 0] = 2.0  # M∇²E is then not symmetric: a transposed block would show
        parts["mobility"] = Matrix(spread)
    flow = GradientFlow(**parts)
    x = torch.from_numpy(np.random.default_rng(1).uniform(0.2, 0.8, (4, d)))
    if flow.project is not None:
        x = flow.project.retract(x)
    stepper = SciPyStepper("Radau", Problem(flow, None, {}, (1e-6, 1e-6)), x, 0.0, 1.0)
    flat, size = x.reshape(-1).numpy(), 1e-6
    columns = [
        (stepper._field(0.0, flat + size * e) - stepper._field(0.0, flat - size * e)) / (2 * size)
        for e in np.eye(len(flat))
    ]
    dense = np.stack(columns, axis=1)
    sparse = stepper._jacobian_sparse(0.0, flat).toarray()
    np.testing.assert_allclose(sparse, dense, rtol=1e-6, atol=2e-6)
    banded, packed = stepper._jacobian_banded(0.0, flat), np.zeros_like(dense)
    assert banded.shape == (2 * d - 1, len(flat))
    for i in range(len(flat)):
        for j in range(max(0, i - d + 1), min(len(flat), i + d)):
            packed[i, j] = banded[i - j + d - 1, j]
    np.testing.assert_array_equal(packed, sparse)
    assert parts.get("mobility") is None or d == 1 or np.abs(dense - dense.T).max() > 0.1


def test_derivatives_by_autograd():
    x = torch.from_numpy(np.random.default_rng(2).uniform(-1, 1, (5, 3)))
    gradient, hessian = autograd_gradient(lambda x, t: t * _coupled(x)), autograd_hessian(lambda x, t: t * _coupled(x))
    size = 1e-6
    steps = size * torch.eye(3).double()
    slope = torch.stack([(_coupled(x + e) - _coupled(x - e)) / (2 * size) for e in steps], 1)
    torch.testing.assert_close(gradient(x, 2.0), 2 * slope, rtol=1e-7, atol=1e-7)
    bend = torch.stack([(gradient(x + e, 2.0) - gradient(x - e, 2.0)) / (2 * size) for e in steps], 2)
    torch.testing.assert_close(hessian(x, 2.0), bend, rtol=1e-6, atol=1e-6)
    field = x.reshape(5, 3, 1)
    whole = autograd_hessian(lambda x, t: t * _coupled(x[:, :, 0]))(field, 2.0)
    torch.testing.assert_close(whole, hessian(x, 2.0))


@pytest.mark.parametrize(
    "energy", [lambda x, t: 3 * x.sum(1), lambda x, t: torch.zeros(len(x)).double()], ids=["linear", "constant"]
)
def test_derivatives_of_energies_without_curvature(energy):
    x = torch.ones(4, 2).double()
    slope = autograd_gradient(energy)(x, 0.0)
    assert slope.shape == x.shape and torch.isin(slope, torch.tensor([0.0, 3.0]).double()).all()
    assert not autograd_hessian(energy)(x, 0.0).any()


@pytest.mark.parametrize(("dtype", "close"), [(torch.float64, 1e-6), (torch.float32, 1e-2)])
def test_largest_curvature(dtype, close):
    """The largest eigenvalue, not the largest in size; of the steepest replica; NaN where there is no number."""
    gradient = lambda x, t: x * torch.tensor([3.0, -8.0, 1.0]).to(x)
    assert largest_curvature(gradient, torch.ones(2, 3, dtype=dtype), 0.0) == pytest.approx(3, rel=max(close, 1e-4))
    minimum = torch.tensor([[-0.5582236346, 1.4417258418], [0.6234994049, 0.0280377585]], dtype=dtype)
    slope = autograd_gradient(lambda x, t: muller_brown(x))
    assert largest_curvature(slope, minimum, 0.0) == pytest.approx(4068.199, rel=max(close, 1e-6))
    assert np.isnan(largest_curvature(lambda x, t: x * torch.nan, minimum, 0.0))

"""Charges on a sphere: exact and published energies, the sphere's geometry, Euler's formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import solve
from demos.physics.bench.certificate import certify
from demos.physics.bench.invariants import invariant_checks
from demos.physics.charges.checks import defect_charge
from demos.physics.charges.model import cells, edges, minima, neighbours, thomson, triangles
from demos.physics.charges.starts import random_sphere

EXACT = {
    2: 0.5,
    3: 3**0.5,
    4: 6 * (3 / 8) ** 0.5,
    5: 0.5 + 3 * 2**0.5 + 3**0.5,
    6: 1.5 + 6 * 2**0.5,
    12: 49.165253057628796,
}  # closed forms; the icosahedron to all digits


@pytest.mark.parametrize("count", EXACT)
def test_closed_forms(count):
    system = thomson(count)
    found = minima(system, starts=10)
    assert found.energies[0] == pytest.approx(EXACT[count], abs=1e-13 * EXACT[count] + 1e-14)
    assert certify(system, found.positions[0]).is_minimum


@pytest.mark.parametrize("count", range(2, 51))
def test_the_table_is_met_and_certified(count):
    system = thomson(count)
    found = minima(system, starts=60 if count in (37, 46) else 16)
    assert found.counts.sum() == found.starts
    assert abs(found.energies[0] - system.ground_state.value) <= 1e-9
    assert certify(system, found.positions[0]).is_minimum
    if count > 3:
        assert defect_charge(found.positions[0]).agrees


def test_riemannian_hessian_by_differences_along_geodesics():
    """On a geodesic x cos s + v sin s the second derivative of E is v·Hess·v: the curvature term must be there."""
    system = thomson(7)
    x = random_sphere(7, 0, 1)
    v = system.project.tangent(x, torch.from_numpy(np.random.default_rng(1).standard_normal((1, 7, 3))))

    def energy(s: float) -> float:  # each charge along its own great circle, at its own speed
        speed = v.norm(dim=-1, keepdim=True)
        return float(system.energy(torch.cos(speed * s) * x + torch.sin(speed * s) * v / speed))

    h = 1e-3
    second = (-energy(2 * h) + 16 * energy(h) - 30 * energy(0) + 16 * energy(-h) - energy(-2 * h)) / (12 * h * h)
    hessian = system.project.hessian(x, system.gradient(x), system.hessian(x))[0]
    assert float(v.flatten() @ hessian @ v.flatten()) == pytest.approx(second, rel=1e-7)
    # the normal directions are cut off from the rest, and stiff
    normals = system.project.normals(x)[0]
    torch.testing.assert_close(normals @ normals.T, torch.eye(7, dtype=torch.float64), rtol=0, atol=1e-14)
    stiff = normals @ hessian @ normals.T
    identity = torch.eye(7, dtype=torch.float64)
    torch.testing.assert_close(stiff, stiff.diagonal().mean() * identity, rtol=1e-10, atol=1e-10)
    assert float(stiff.diagonal().min()) > 0


@pytest.mark.parametrize("method", ["euler", "rk4", "dopri5", "fire", "lbfgs", "bdf"])
def test_every_method_keeps_the_charges_on_the_sphere(method):
    system = thomson(12)
    h = {"fire": 0.005, "lbfgs": 0.1}.get(method, 0.01)
    path = solve(system.flow(), system.start("random", 0, 3), torch.arange(301) * h, method, record=50)
    (check,) = invariant_checks(system, path.states)
    assert check.agrees and abs(check.difference) < 1e-14
    assert float(path.energies[-1].max()) < float(path.energies[0].min())


def test_langevin_at_low_temperature_shares_its_heat_among_the_modes():
    """On a quadratic Euler–Maruyama holds kT/2/(1 − hλ/2) in a mode of curvature λ; the rotations hold nothing."""
    system, kT, h, replicas = thomson(12), 1e-4, 0.02, 300
    minimum = minima(system, starts=1).positions[:1]
    curvatures = certify(system, minimum[0]).eigenvalues[3:]
    exact = float((kT / 2 / (1 - h * curvatures / 2)).sum())
    path = solve(system.flow(temperature=kT), minimum.repeat(replicas, 1, 1), torch.arange(601) * h, "euler", seed=1)
    excess = path.energies[-1] - EXACT[12]
    error = kT * (21 / 2 / replicas) ** 0.5  # of the mean of replicas: each energy is kT/2 times a χ² of 21
    # beyond the quadratic terms the energy is of relative order kT
    assert float(excess.mean()) == pytest.approx(exact, abs=5 * error + 20 * kT * exact)


def test_triangulation_and_cells_of_the_icosahedron():
    x = minima(thomson(12), starts=2).positions[0]
    faces = triangles(x)
    assert faces.shape == (20, 3) and edges(faces).shape == (30, 2)
    assert neighbours(x).tolist() == [5] * 12
    assert [len(cell) for cell in cells(x)] == [5] * 12


@pytest.mark.parametrize("count", [4, 8, 24, 50])
def test_defect_charge_is_twelve_whatever_the_charges_do(count):
    for seed in range(5):
        x = random_sphere(count, seed, 1)[0]
        check = defect_charge(x)
        assert check.measured == 12 and check.agrees


def test_three_charges_span_no_triangulation():
    with pytest.raises(ValueError, match="3 .*triangulation"):
        triangles(random_sphere(3, 0, 1)[0])


@pytest.mark.parametrize("count", [1, 101])
def test_counts_out_of_range_are_refused(count):
    with pytest.raises(ValueError, match=f"{count} .*2 to 100"):
        thomson(count)


def test_hit_counts_repeat():
    first, second = (minima(thomson(16), starts=40, seed=2) for _ in range(2))
    assert np.array_equal(first.energies, second.energies) and np.array_equal(first.counts, second.counts)
    assert len(first.energies) == 2  # the ground state and one other

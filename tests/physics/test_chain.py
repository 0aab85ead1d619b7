"""Rigid links: the hanging chain beside its closed form, the column beside Hencky, Euler and the elastica."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from demos.gradient_flow import autograd_gradient, autograd_hessian, solve
from demos.physics.bench.certificate import certify
from demos.physics.bench.quench import quench
from demos.physics.chain.model import continuous_energy, discrete_catenary, hanging_chain, tensions
from demos.physics.column.model import (
    EULER,
    EULER_LOADS,
    column,
    deflection,
    elastica_deflection,
    hencky_load,
    measured_load,
    nodes,
)


@pytest.mark.parametrize("start", ["zigzag", "arch"])
@pytest.mark.parametrize(("links", "length"), [(3, 1.5), (4, 1.2), (20, 2.0), (21, 2.0), (60, 3.0), (100, 1.1)])
def test_chain_hangs_in_the_exact_polygon(links, length, start):
    system = hanging_chain(links, length)
    path = quench(system, system.start(start, seed=0, replicas=2), record=60)
    exact = system.parts["exact"]
    assert path.status.kind == "converged"
    for x in path.states[-1]:
        np.testing.assert_allclose(x.numpy(), exact.nodes, rtol=0, atol=1e-9)
        assert certify(system, x).is_minimum
    np.testing.assert_allclose(tensions(system, path.states[-1])[0].numpy(), exact.tensions, rtol=1e-7)
    assert float(path.energies[-1, 0]) == pytest.approx(system.ground_state.value, abs=system.ground_state.floor)
    assert all(check.agrees for check in system.invariant_checks(path.states))


def test_the_closed_form_balances_every_joint():
    """Horizontal pulls are equal and vertical ones differ by one weight: computed from forces, not from the formula."""
    exact = discrete_catenary(17, 1.7)
    pulls = exact.tensions[:, None] * np.stack((np.cos(exact.angles), np.sin(exact.angles)), 1)
    np.testing.assert_allclose(np.diff(pulls, axis=0), np.tile([0.0, 1.0], (16, 1)), atol=1e-12)
    np.testing.assert_allclose(exact.nodes[-1], [1.0, 0.0], atol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(np.diff(exact.nodes, axis=0), axis=1), 0.1, rtol=1e-13)


def test_published_energies_and_the_smooth_chain():
    # an independent calculation (mpmath): −0.4551981164 and −0.4555879878 a link for 20 and 100 links of length 2
    assert discrete_catenary(20, 2.0).energy / 20 == pytest.approx(-0.4551981164080347, abs=1e-13)
    assert discrete_catenary(100, 2.0).energy / 100 == pytest.approx(-0.45558798780513693, abs=1e-13)
    # the smooth catenary of length 2 has ∫ y ds = −0.911208463399105
    assert 2 * continuous_energy(2.0) == pytest.approx(-0.911208463399105, abs=1e-12)
    errors = [discrete_catenary(n, 2.0).energy / n - continuous_energy(2.0) for n in (40, 80)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.01)  # O(N⁻²)


def test_the_upturned_arch_is_a_rest_but_no_minimum():
    system = hanging_chain(12, 1.5)
    arch = torch.from_numpy(system.parts["exact"].nodes * [1, -1])
    found = certify(system, arch)
    # eleven joints have 22 coordinates, twelve links take twelve away, and all ten ways that are left lead down
    assert found.force < 1e-12 and found.negative == len(found.eigenvalues) == 10 and not found.is_minimum
    np.testing.assert_allclose(tensions(system, arch[None])[0].numpy(), -system.parts["exact"].tensions, rtol=1e-10)


@pytest.mark.parametrize("method", ["euler", "rk4", "dopri5", "bdf", "fire"])
def test_every_method_keeps_the_links_rigid(method):
    system = hanging_chain(8, 1.5)
    path = solve(
        system.flow(), system.start("arch", 1, 2), torch.arange(301, dtype=torch.float64) * 0.005, method, record=30
    )
    assert all(check.agrees for check in system.invariant_checks(path.states))
    assert float(path.energies[-1].max()) < float(path.energies[0].min())


def test_links_are_solved_for_like_a_dense_matrix_and_one_bad_chain_spoils_no_other():
    system = hanging_chain(12, 1.5)
    links, x = system.project, system.start("zigzag", 0, 4)
    x[1], x[2, 5] = 0.0, torch.nan  # no normals at all, and no numbers
    weights = torch.from_numpy(np.random.default_rng(0).standard_normal((4, 12)))
    found = links._solve(x, weights)
    assert found[1:3].isnan().all()
    for row in (0, 3):
        normals = links._jacobian(x[row : row + 1])[0]
        np.testing.assert_allclose(
            found[row].numpy(), torch.linalg.solve(normals @ normals.T, weights[row]).numpy(), rtol=1e-9
        )


def test_tangent_and_retraction_belong_together():
    """Moving by a tangent vector breaks the constraints at second order only, and tangents do no work on normals."""
    system = hanging_chain(9, 1.6)
    x = system.start("zigzag", 0, 1)
    v = system.project.tangent(x, torch.from_numpy(np.random.default_rng(0).standard_normal((1, 10, 2))))
    off = [float(system.project.violation(x + h * v).abs().max()) for h in (1e-4, 1e-5)]
    assert off[0] / off[1] == pytest.approx(100, rel=0.01)
    normals = system.project.normals(x)[0]
    assert normals.shape == (4 + 9, 20)
    torch.testing.assert_close(normals @ normals.T, torch.eye(13, dtype=torch.float64), rtol=0, atol=1e-12)
    assert float((normals @ v.flatten()).abs().max()) < 1e-12
    torch.testing.assert_close(system.project.tangent(x, v), v, rtol=0, atol=1e-12)


@pytest.mark.parametrize("make", [lambda: hanging_chain(5, 1.5), lambda: column(6, 12.0)])
def test_riemannian_hessians_by_differences(make):
    """At a point of rest the second derivative of E along any curve in the set is v·Hess·v."""
    system = make()
    x = quench(system, system.start(next(iter(system.starts)), 0, 1)).states[-1]
    v = system.project.tangent(x, torch.from_numpy(np.random.default_rng(1).standard_normal(x.shape)))
    h = 1e-3
    e = [float(system.energy(system.project.retract(x + k * h * v))) for k in (-2, -1, 0, 1, 2)]
    second = (-e[0] + 16 * e[1] - 30 * e[2] + 16 * e[3] - e[4]) / (12 * h * h)
    hessian = system.project.hessian(x, system.gradient(x), system.hessian(x))[0]
    assert float(v.flatten() @ hessian @ v.flatten()) == pytest.approx(second, rel=1e-6)


@pytest.mark.parametrize("links", [3, 4, 7, 16, 40])
def test_the_column_buckles_at_hencky_load(links):
    assert measured_load(links) == pytest.approx(4 * links**2 * math.sin(math.pi / (2 * links)) ** 2, abs=1e-9)


def test_hencky_rises_to_euler():
    gaps = [EULER - hencky_load(n) for n in (20, 40)]
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.01) and gaps[1] > 0
    assert hencky_load(16) == pytest.approx(9.83793643355, abs=1e-10)  # closed form, mpmath
    assert EULER_LOADS["clamped and pinned"] == pytest.approx(20.19072855642663, abs=1e-12)


def test_bending_derivatives_are_those_of_autograd():
    system = column(7, 11.0)
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((3, 7)))
    torch.testing.assert_close(system.gradient(x), autograd_gradient(system.flow().energy)(x, 0.0), rtol=0, atol=1e-12)
    torch.testing.assert_close(system.hessian(x), autograd_hessian(system.flow().energy)(x, 0.0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_below_the_load_the_column_straightens(share):
    system = column(20, share * hencky_load(20))
    path = quench(system, system.start("nearly straight", 0, 4))
    assert float(path.states[-1].abs().max()) < 1e-6
    assert certify(system, path.states[-1, 0]).is_minimum
    assert float(path.energies[-1, 0]) == pytest.approx(system.ground_state.value, abs=1e-12)


def test_above_the_load_it_bends_to_either_side_like_the_elastica():
    load, errors = 1.2 * EULER, []
    for links in (20, 40):
        system = column(links, load)
        path = quench(system, system.start("nearly straight", 0, 8))
        sides = deflection(path.states[-1])
        assert {float(side) > 0 for side in sides} == {True, False}  # a pitchfork
        torch.testing.assert_close(sides.abs(), sides.abs().mean().expand(8), rtol=1e-7, atol=0)
        assert all(certify(system, x).is_minimum for x in path.states[-1])
        assert all(check.agrees for check in system.invariant_checks(path.states))
        errors.append(float(sides.abs().mean()) - elastica_deflection(load))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)  # to the smooth column as N⁻²
    assert certify(system, system.start("straight")[0]).negative == 1  # the straight line has become a saddle


def test_elastica_is_born_with_the_pitchforks_amplitude():
    """Near the load the deflection is (2√2/π) √(P/P₁ − 1) (Bažant & Cedolin, Stability of Structures, eq. 1.9.13)."""
    assert elastica_deflection(0.99 * EULER) == 0
    small = 1e-4
    assert elastica_deflection((1 + small) * EULER) == pytest.approx(2 * 2**0.5 / math.pi * small**0.5, rel=1e-3)


def test_joints_of_a_column():
    x = torch.tensor([[0.0, math.pi / 2]], dtype=torch.float64)
    expected = torch.tensor([[[0, 0], [0.5, 0], [0.5, 0.5]]], dtype=torch.float64)
    torch.testing.assert_close(nodes(x), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: hanging_chain(2), "2 links are out of range; a chain here has 3 to 120"),
        (lambda: hanging_chain(10, 1.0), "length = 1 must be from 1.01 to 4 spans"),
        (lambda: column(10, 30.0), "load = 30 must be from 0 to"),
    ],
)
def test_bad_input_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()

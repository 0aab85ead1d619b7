"""The column of rigid links beside Hencky, Euler and the elastica."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from demos.gradient_flow import autograd_gradient, autograd_hessian
from demos.physics.bench.certificate import certify
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.quench import quench
from demos.physics.column.model import column, deflection, measured_load, nodes
from demos.physics.column.reference import EULER, elastica, elastica_deflection, hencky_load, polygon


@pytest.mark.parametrize("links", [3, 4, 7, 16, 40])
def test_the_column_buckles_at_hencky_load(links):
    assert measured_load(links) == pytest.approx(4 * links**2 * math.sin(math.pi / (2 * links)) ** 2, abs=1e-9)


def test_hencky_rises_to_euler():
    gaps = [EULER - hencky_load(n) for n in (20, 40)]
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.01) and gaps[1] > 0
    assert hencky_load(16) == pytest.approx(9.83793643355, abs=1e-10)  # closed form, mpmath


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
        assert all(check.agrees for check in invariant_checks(system, path.states))
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


@pytest.mark.parametrize(("links", "load"), [(3, 1.0), (8, 1.2), (9, 1.02), (30, 1.7)])
def test_the_polygon_of_the_shooting_balances_and_is_a_minimum(links, load):
    angles = polygon(links, load * EULER)
    system, x = column(links, load * EULER), torch.from_numpy(polygon(links, load * EULER))[None]
    assert float(system.force(x)[0]) < 1e-9 and abs(np.sin(angles).sum()) < 1e-12
    np.testing.assert_allclose(angles, -angles[::-1], atol=1e-10)
    assert float(system.energy(x)[0]) < load * EULER  # below the straight column


def test_below_hencky_nothing_bends():
    assert not polygon(10, hencky_load(10) * 0.999).any() and polygon(10, hencky_load(10) * 1.001).any()


@pytest.mark.parametrize("load", [1.001, 1.2, 1.8])
def test_the_elastica_keeps_its_length_and_its_deflection(load):
    fine = elastica(load * EULER, 2001)
    assert np.linalg.norm(np.diff(fine, axis=0), axis=1).sum() == pytest.approx(1, abs=1e-6)
    assert fine[:, 1].max() == pytest.approx(elastica_deflection(load * EULER), rel=1e-12)
    assert abs(fine[-1, 1]) < 1e-12
    many = torch.from_numpy(polygon(400, load * EULER))[None]
    heights = float(deflection(many)[0])
    assert heights == pytest.approx(fine[:, 1].max(), abs=1e-4)


def test_the_riemannian_hessian_by_differences():
    """At a point of rest the second derivative of E along any curve in the set is v·Hess·v."""
    system = column(6, 12.0)
    x = quench(system, system.start(next(iter(system.starts)), 0, 1)).states[-1]
    v = system.project.tangent(x, torch.from_numpy(np.random.default_rng(1).standard_normal(x.shape)))
    h = 1e-3
    e = [float(system.energy(system.project.retract(x + k * h * v))) for k in (-2, -1, 0, 1, 2)]
    second = (-e[0] + 16 * e[1] - 30 * e[2] + 16 * e[3] - e[4]) / (12 * h * h)
    hessian = system.project.hessian(x, system.gradient(x), system.hessian(x))[0]
    assert float(v.flatten() @ hessian @ v.flatten()) == pytest.approx(second, rel=1e-6)


@pytest.mark.parametrize(("bad", "words"), [((2, 1.0), "2 links"), ((10, 30.0), "load = 30 must be from 0 to")])
def test_bad_input_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        column(*bad)

"""Rigid links: the hanging chain beside its closed form, and the constraint set it shares with nobody."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import brentq

from demos.gradient_flow import solve
from demos.physics.bench.certificate import certify
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.quench import quench
from demos.physics.chain.model import hanging_chain, tensions
from demos.physics.chain.reference import discrete_catenary


def continuous_energy(length: float) -> float:
    """The energy of a smooth chain of unit weight and this length, hung between (0, 0) and (1, 0).

    y = a cosh((x − ½)/a) − a cosh(1/2a) with 2a sinh(1/2a) = L.
    """
    a = brentq(lambda a: 2 * a * np.sinh(1 / (2 * a)) - length, 0.02, 1e3, xtol=1e-15)
    height = a * np.cosh(1 / (2 * a))
    integral = a / 2 + a**2 / 2 * np.sinh(1 / a) - height * length  # of y ds along the chain
    return integral / length


@pytest.mark.parametrize("start", ["zigzag", "arch"])
@pytest.mark.parametrize(("links", "length"), [(3, 1.5), (4, 1.2), (20, 2.0), (21, 2.0), (60, 3.0), (100, 1.1)])
def test_chain_hangs_in_the_exact_polygon(links, length, start):
    system = hanging_chain(links, length)
    path = quench(system, system.start(start, seed=0, replicas=2), record=60)
    exact = discrete_catenary(links, length)
    assert path.status.kind == "converged"
    for x in path.states[-1]:
        np.testing.assert_allclose(x.numpy(), exact.nodes, rtol=0, atol=1e-9)
        assert certify(system, x).is_minimum
    np.testing.assert_allclose(tensions(system, path.states[-1])[0].numpy(), exact.tensions, rtol=1e-7)
    assert float(path.energies[-1, 0]) == pytest.approx(system.ground_state.value, abs=system.ground_state.floor)
    assert all(check.agrees for check in invariant_checks(system, path.states))


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
    system, exact = hanging_chain(12, 1.5), discrete_catenary(12, 1.5)
    arch = torch.from_numpy(exact.nodes * [1, -1])
    found = certify(system, arch)
    # eleven joints have 22 coordinates, twelve links take twelve away, and all ten ways that are left lead down
    assert found.force < 1e-12 and found.negative == len(found.eigenvalues) == 10 and not found.is_minimum
    np.testing.assert_allclose(tensions(system, arch[None])[0].numpy(), -exact.tensions, rtol=1e-10)


@pytest.mark.parametrize("method", ["euler", "rk4", "dopri5", "bdf", "fire"])
def test_every_method_keeps_the_links_rigid(method):
    system = hanging_chain(8, 1.5)
    path = solve(
        system.flow(), system.start("arch", 1, 2), torch.arange(301, dtype=torch.float64) * 0.005, method, record=30
    )
    assert all(check.agrees for check in invariant_checks(system, path.states))
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


def test_the_riemannian_hessian_by_differences():
    """At a point of rest the second derivative of E along any curve in the set is v·Hess·v."""
    system = hanging_chain(5, 1.5)
    x = quench(system, system.start(next(iter(system.starts)), 0, 1)).states[-1]
    v = system.project.tangent(x, torch.from_numpy(np.random.default_rng(1).standard_normal(x.shape)))
    h = 1e-3
    e = [float(system.energy(system.project.retract(x + k * h * v))) for k in (-2, -1, 0, 1, 2)]
    second = (-e[0] + 16 * e[1] - 30 * e[2] + 16 * e[3] - e[4]) / (12 * h * h)
    hessian = system.project.hessian(x, system.gradient(x), system.hessian(x))[0]
    assert float(v.flatten() @ hessian @ v.flatten()) == pytest.approx(second, rel=1e-6)


@pytest.mark.parametrize(
    ("bad", "words"),
    [((2, 1.5), "2 links"), ((10, 1.0), "length = 1 must be from 1.01"), ((3, 4.0), "length = 4")],
)
def test_bad_input_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        hanging_chain(*bad)

"""Sums over pairs beside plain formulas of r: energies, and derivatives by autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import autograd_gradient, autograd_hessian
from demos.physics.bench.pair_potentials import Coulomb, LennardJones, Morse, PowerLaw
from demos.physics.bench.pairs import Pairs
from demos.physics.charges.starts import random_sphere
from demos.physics.clusters.model import cluster
from demos.physics.clusters.starts import random_ball


def _mie(n: float, m: float):
    depth = n / (n - m) * (n / m) ** (m / (n - m))
    return lambda r: depth * (r**-n - r**-m)


# each potential beside its formula in r, written a second time
POTENTIALS = {
    "lennard_jones": (LennardJones(), lambda r: 4 * (r**-12 - r**-6)),
    "morse 6": (Morse(6.0), lambda r: torch.exp(2 * 6 * (1 - r)) - 2 * torch.exp(6 * (1 - r))),
    "morse 14": (Morse(14.0), lambda r: torch.exp(2 * 14 * (1 - r)) - 2 * torch.exp(14 * (1 - r))),
    "power 9-3": (PowerLaw(9, 3), _mie(9, 3)),
    "power 12-6": (PowerLaw(12, 6), _mie(12, 6)),
    "power 7.5-4": (PowerLaw(7.5, 4), _mie(7.5, 4)),
    "coulomb": (Coulomb(), lambda r: 1 / r),
}


def _plain(u):
    """E(x) by a loop over pairs, for autograd."""

    def energy(x, t=0.0):
        i, j = torch.triu_indices(x.shape[1], x.shape[1], 1)
        return u((x[:, i] - x[:, j]).square().sum(-1).sqrt()).sum(1)

    return energy


@pytest.mark.parametrize("name", POTENTIALS)
@pytest.mark.parametrize("count", [2, 5, 13])
def test_energy_gradient_and_hessian_are_those_of_the_formula(name, count):
    potential, u = POTENTIALS[name]
    x = (random_sphere(count, 1, 3) if name == "coulomb" else random_ball(count, 1, 3, potential.distance)) + 0.7
    pairs, plain = Pairs(potential), _plain(u)
    torch.testing.assert_close(pairs.energy(x), plain(x), rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(pairs.site_energies(x).sum(1), plain(x), rtol=1e-11, atol=1e-11)
    for ours, by_autograd in (
        (pairs.gradient(x), autograd_gradient(plain)(x, 0.0)),
        (pairs.hessian(x), autograd_hessian(plain)(x, 0.0)),
    ):
        largest = float(by_autograd.abs().max())
        torch.testing.assert_close(ours, by_autograd, rtol=0, atol=1e-11 * largest)


@pytest.mark.parametrize("potential", [LennardJones(), Morse(6.0), Morse(14.0), PowerLaw(9, 3), PowerLaw(12, 6)])
def test_two_particles_rest_at_the_distance_stated_with_energy_minus_one(potential):
    x = torch.zeros(1, 2, 3, dtype=torch.float64)
    x[0, 1, 0] = potential.distance
    pairs = Pairs(potential)
    assert float(pairs.energy(x)) == pytest.approx(-1, abs=1e-14)
    assert float(pairs.gradient(x).abs().max()) < 1e-13


def test_power_law_12_6_is_lennard_jones():
    x = random_ball(20, 0, 2, 2 ** (1 / 6))
    power, lennard_jones = Pairs(PowerLaw(12, 6)), Pairs(LennardJones())
    torch.testing.assert_close(power.gradient(x), lennard_jones.gradient(x), rtol=1e-11, atol=1e-9)
    torch.testing.assert_close(power.hessian(x), lennard_jones.hessian(x), rtol=1e-11, atol=1e-8)


def test_chunks_do_not_change_anything():
    """100 replicas of 60 atoms are worked off in pieces; one replica alone must get the same numbers."""
    x, pairs = random_ball(60, 2, 100, 2 ** (1 / 6)), Pairs(LennardJones())
    for function in (pairs.energy, pairs.gradient):
        whole = function(x)
        for i in (0, 8, 9, 57, 99):
            torch.testing.assert_close(function(x[i : i + 1])[0], whole[i], rtol=1e-14, atol=0)


def test_single_precision_stays_single_precision():
    x = random_ball(13, 2, 4, 2 ** (1 / 6))
    single = Pairs(LennardJones()).gradient(x.float())
    assert single.dtype == torch.float32
    exact = Pairs(LennardJones()).gradient(x)
    assert float((single - exact).abs().max() / exact.abs().max()) < 1e-4


def test_moving_and_turning_a_cluster_changes_nothing():
    system, (x,) = cluster(38), (random_ball(38, 3, 1, 2 ** (1 / 6)),)
    turn = torch.from_numpy(np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0])
    moved = x @ turn + torch.tensor([30.0, -7.0, 4.0])
    torch.testing.assert_close(system.energy(moved), system.energy(x), rtol=1e-11, atol=0)
    largest = float(system.gradient(x).abs().max())
    torch.testing.assert_close(system.gradient(moved), system.gradient(x) @ turn, rtol=0, atol=1e-11 * largest)


def test_particles_on_one_another_have_infinite_energy_and_no_traceback():
    x = torch.zeros(1, 3, 3, dtype=torch.float64)
    x[0, 2, 0] = 1.0
    assert not torch.isfinite(Pairs(LennardJones()).energy(x)).any()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Morse(0.5), "steepness ρ = 0.5 must be from 2 to 20."),
        (lambda: PowerLaw(6, 6), "powers n = 6 and m = 6 must obey"),
        (lambda: PowerLaw(40, 6), "powers n = 40 and m = 6 must obey"),
    ],
)
def test_parameters_out_of_range_are_refused(make, words):
    with pytest.raises(ValueError, match=words.replace(".", r"\.")):
        make()

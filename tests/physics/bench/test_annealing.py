"""Annealing: slower cooling freezes into deeper minima, and the temperature is what the schedule says."""

from __future__ import annotations

import pytest
import torch

from demos.physics.bench.annealing import anneal
from demos.physics.bench.certificate import certify
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.quench import quench
from demos.physics.charges.model import thomson
from demos.physics.clusters.model import cluster


def test_slow_cooling_beats_fast_cooling_beats_none():
    system = cluster(13)
    start, best = system.start("random", 0, 48), system.ground_state.value
    slow, fast = (anneal(system, start, duration=duration, record=2) for duration in (30.0, 3.0))
    none = quench(system, start).energies[-1]
    assert float(slow.energies.mean()) < float(fast.energies.mean()) < float(none.mean())
    assert slow.share(best) > 0.15
    assert all(certify(system, x).is_minimum for x in slow.minima[:5])


def test_kinetic_energy_follows_the_schedule():
    """Momenta of the last frame are thermal at the cold end: the mean of p² is kT within five standard errors."""
    system = cluster(13)
    found = anneal(system, system.start("random", 1, 32), hot=0.2, cold=0.05, duration=10.0, step=0.002, friction=5.0)
    square = found.path.momenta[-1].square()
    error = 0.05 * (2 / square.numel()) ** 0.5
    # the bath lags the schedule by about 1/γ: kT falls by ln 4/10 a unit of time; BAOAB's own bias is of order h²
    assert float(square.mean()) == pytest.approx(0.05, abs=5 * error + 0.05 * 0.04)


def test_charges_are_annealed_on_their_sphere():
    system = thomson(16)
    found = anneal(system, system.start("random", 0, 16), hot=0.05, cold=1e-3, duration=2.0, step=0.002, method="euler")
    assert all(check.agrees for check in invariant_checks(system, found.path.states))
    assert float(found.energies.min()) == pytest.approx(system.ground_state.value, abs=1e-9)


def test_methods_without_noise_are_refused():
    system = cluster(3)
    with pytest.raises(ValueError, match="method = 'fire' has no noise"):
        anneal(system, system.start("random"), method="fire")


def test_the_same_seed_gives_the_same_bytes():
    system = cluster(7)
    first, second = (anneal(system, system.start("random", 0, 4), duration=1.0, seed=5) for _ in range(2))
    assert torch.equal(first.minima, second.minima)

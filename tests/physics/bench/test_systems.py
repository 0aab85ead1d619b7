"""What holds for every particle system alike."""

from __future__ import annotations

import pytest
import torch

from demos.gradient_flow import solve
from demos.physics.bench.certificate import certify
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.own_energy import own_energy_check
from demos.physics.bench.pair_potentials import Morse, PowerLaw
from demos.physics.bench.quench import quench
from demos.physics.bench.system import Invariant, System
from demos.physics.chain.model import hanging_chain
from demos.physics.charges.model import thomson
from demos.physics.clusters.model import cluster
from demos.physics.column.model import column

SYSTEMS = {
    "cluster": lambda: cluster(13),
    "morse": lambda: cluster(8, Morse(10.0)),
    "power law": lambda: cluster(5, PowerLaw(9, 4)),
    "thomson": lambda: thomson(14),
    "chain": lambda: hanging_chain(11, 1.7),
    "column": lambda: column(9, 11.0),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_starts_are_seeded_and_lie_on_the_constraint_set(name):
    system = SYSTEMS[name]()
    for start in system.starts:
        x = system.start(start, seed=3, replicas=2)
        assert x.shape == (2, *system.shape) and x.dtype == torch.float64 and torch.isfinite(x).all()
        assert torch.equal(x, system.start(start, seed=3, replicas=2))
        if system.project is not None:
            torch.testing.assert_close(system.project.retract(x), x, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", SYSTEMS)
def test_other_code_gives_the_same_energy_and_not_that_of_another_state(name):
    system = SYSTEMS[name]()
    x = system.start(next(iter(system.starts)), seed=1, replicas=3)
    energies = system.energy(x).numpy()
    assert own_energy_check(system.own_energy, x.numpy(), energies).agrees
    assert not own_energy_check(system.own_energy, x.numpy(), energies[::-1]).agrees


@pytest.mark.parametrize("name", SYSTEMS)
def test_gradients_and_hessians_by_differences(name):
    """Central differences of the energy and of the gradient along a random direction."""
    system = SYSTEMS[name]()
    x = system.start(next(iter(system.starts)), seed=1, replicas=3)
    v = torch.randn(x.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    h = 1e-5
    change = (system.energy(x + h * v) - system.energy(x - h * v)) / (2 * h)
    exact = (system.gradient(x) * v).flatten(1).sum(1)
    torch.testing.assert_close(change, exact, rtol=1e-6, atol=1e-6 * float(exact.abs().max()))
    turn = ((system.gradient(x + h * v) - system.gradient(x - h * v)) / (2 * h)).flatten(1)
    bent = (system.hessian(x) @ v.flatten(1)[..., None])[..., 0]
    torch.testing.assert_close(turn, bent, rtol=1e-5, atol=1e-5 * float(bent.abs().max()) + 1e-9)
    torch.testing.assert_close(system.hessian(x), system.hessian(x).mT, rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_quench_ends_in_a_certified_minimum_and_keeps_the_invariants(name):
    system = SYSTEMS[name]()
    path = quench(system, system.start(next(iter(system.starts)), seed=2, replicas=3), record=50)
    assert path.status.kind == "converged"
    assert all(certify(system, x).is_minimum for x in path.states[-1])
    assert all(check.agrees for check in invariant_checks(system, path.states))
    assert float(path.energies[-1].max()) < float(path.energies[0].min())


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_flow_only_ever_falls(name):
    system = SYSTEMS[name]()
    calm = quench(system, system.start(next(iter(system.starts)), seed=2, replicas=1), steps=12).states[-1]
    path = solve(system.flow(), calm, [0.0, 0.05], "bdf", rtol=1e-8, atol=1e-8, record=40)
    assert path.status.kind == "finished"
    energies = path.energies[:, 0]
    assert bool((energies.diff() <= 1e-7 * energies.abs().max()).all())
    assert float(energies[-1]) < float(energies[0])


def test_what_is_conserved_is_compared_with_its_start():
    mass = Invariant("mass", lambda x: x.sum(1), None, floor=1e-9)
    system = System(
        name="free",
        title="Free",
        sentence="",
        formula="",
        shape=(2,),
        starts={},
        energy=lambda x, t=0.0: x.sum(1),
        gradient=lambda x, t=0.0: torch.ones_like(x),
        invariants=(mass,),
    )
    states = torch.tensor([[[1.0, 2.0], [5.0, 5.0]], [[2.0, 1.0], [5.0, 5.5]]], dtype=torch.float64)
    (check,) = invariant_checks(system, states)
    assert (check.measured, check.truth) == (10.5, 10.0) and not check.agrees
    (check,) = invariant_checks(system, torch.cat((states[:1], states[:1] * torch.nan)))
    assert not check.agrees  # what is not a number agrees with nothing
    assert invariant_checks(system, states[:1])[0].agrees


def test_a_certificate_needs_a_hessian():
    system = System(
        name="free",
        title="Free",
        sentence="",
        formula="",
        shape=(2,),
        starts={},
        energy=lambda x, t=0.0: x.sum(1),
        gradient=lambda x, t=0.0: torch.ones_like(x),
    )
    with pytest.raises(ValueError, match="Free has no Hessian"):
        certify(system, torch.zeros(2, dtype=torch.float64))

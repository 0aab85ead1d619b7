"""Clusters: known energies, certificates, invariants, starts."""

from __future__ import annotations

import pytest
import torch

from demos.physics.bench.certificate import certify
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.pair_potentials import LennardJones, Morse, PowerLaw
from demos.physics.bench.quench import quench
from demos.physics.clusters.model import bonds, cluster, coordination
from demos.physics.clusters.reference import best_known


@pytest.mark.parametrize("potential", [LennardJones(), Morse(6.0), PowerLaw(9, 3)])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_up_to_four_atoms_every_pair_is_at_the_bottom_of_its_well(count, potential):
    system = cluster(count, potential)
    path = quench(system, system.start("random", seed=0, replicas=8))
    assert path.status.kind == "converged"
    exact = -count * (count - 1) / 2
    # two or three atoms have no other minimum; four have none either in these wells, whose range is short
    torch.testing.assert_close(path.energies[-1], torch.full((8,), exact, dtype=torch.float64), rtol=0, atol=1e-12)
    assert system.ground_state.value == exact


@pytest.mark.parametrize(("count", "start"), [(13, "icosahedron"), (38, "octahedron")])
def test_the_two_famous_shapes_relax_to_their_published_energies(count, start):
    system = cluster(count)
    path = quench(system, system.start(start))
    reference = system.ground_state
    assert abs(float(path.energies[-1]) - reference.value) <= reference.floor + 1e-10
    found = certify(system, path.states[-1, 0])
    assert found.is_minimum and found.flat == 6 and found.negative == 0 and found.softest > 1
    neighbours = coordination(path.states[-1], system.bond)[0]
    assert neighbours.sum() == 2 * len(bonds(path.states[-1, 0], system.bond))
    if count == 13:
        assert sorted(neighbours.tolist()) == [6] * 12 + [12]  # the icosahedron: twelve outside, one inside
    else:
        assert sorted(neighbours.tolist()) == [6] * 24 + [9] * 8 + [12] * 6


@pytest.mark.parametrize(("method", "replicas"), [("lbfgs", 20), ("fire", 5)])
def test_random_starts_of_38_atoms_end_in_certified_minima(method, replicas):
    system = cluster(38)
    path = quench(system, system.start("random", seed=1, replicas=replicas), method)
    assert path.status.kind == "converged"
    for x in path.states[-1]:
        found = certify(system, x)
        assert found.force <= 1e-9 and found.is_minimum, str(found)
        assert found.energy >= system.ground_state.value - system.ground_state.floor


def test_forces_and_torques_cancel_along_the_whole_way():
    system = cluster(38)
    path = quench(system, system.start("random", seed=2, replicas=3), record=200, steps=199)
    checks = invariant_checks(system, path.states)
    assert [check.name for check in checks] == ["sum of forces", "torque"]
    assert all(check.agrees for check in checks)


def test_a_saddle_and_a_slope_get_no_certificate():
    system = cluster(3)
    line = torch.zeros(1, 3, 3, dtype=torch.float64)
    line[0, 1, 0], line[0, 2, 0] = 1.1, 2.2
    path = quench(system, line)  # the line of three is a saddle that symmetry does not let go
    found = certify(system, path.states[-1, 0])
    assert found.force <= 1e-9 and not found.is_minimum and found.negative == 2  # it bends in two planes
    assert str(found).startswith("a saddle: 2 ways down")
    assert str(certify(system, line[0])).startswith("not at rest")


def test_random_starts_keep_their_distance_and_their_seed():
    system = cluster(38)
    x = system.start("random", seed=5, replicas=4)
    assert x.shape == (4, 38, 3) and x.dtype == torch.float64
    gaps = torch.cdist(x, x) + 10 * torch.eye(38)
    assert float(gaps.min()) >= 0.7
    assert torch.equal(x, system.start("random", seed=5, replicas=4))
    assert not torch.equal(x, system.start("random", seed=6, replicas=4))


@pytest.mark.parametrize("count", [1, 0, 76, 100_000])
def test_counts_out_of_range_are_refused(count):
    with pytest.raises(ValueError, match=f"{count:,} .*2 to 75"):
        cluster(count)


def test_overlapping_atoms_are_refused_with_their_energy():
    positions = torch.tensor([[0.0, 0, 0], [2.0, 0, 0], [2.05, 0, 0]])
    with pytest.raises(ValueError, match=r" 2 and 3 .*0\.05.*1\.6e\+16"):
        cluster(3, given=positions)
    ours = cluster(3, given=torch.tensor([[0.0, 0, 0], [2.0, 0, 0], [3.0, 1, 0]])).start("given", replicas=2)
    assert ours.shape == (2, 3, 3)


def test_unknown_starts_are_refused():
    with pytest.raises(ValueError, match="start.*'cube'.*random"):
        cluster(5).start("cube")


def test_the_table_is_whole_and_falls():
    energies = [best_known(count).value for count in range(2, 76)]
    assert all(after < before for before, after in zip(energies, energies[1:], strict=False))
    assert best_known(76) is None
    assert cluster(38).references[1].value == -173.252378


@pytest.mark.parametrize("potential", [Morse(20.0), PowerLaw(30, 29)])
def test_stiff_pairs_round_more_and_their_sums_still_vanish(potential):
    """75 atoms at rest: the forces of a bond that is eleven times as stiff round to eleven times as much."""
    system = cluster(75, potential)
    checks = invariant_checks(system, quench(system, system.start("loose", 1), steps=300, record=20).states)
    assert all(check.agrees and check.floor < 1.3e-11 for check in checks)

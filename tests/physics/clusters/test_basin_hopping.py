"""Basin hopping: finds what is known, counts honestly, stops when told, repeats itself."""

from __future__ import annotations

import pytest
import torch

from demos.physics.bench.certificate import certify
from demos.physics.bench.pair_potentials import Morse
from demos.physics.clusters.basin_hopping import basin_hopping
from demos.physics.clusters.model import cluster


@pytest.mark.parametrize("count", range(2, 31))
def test_every_ground_state_up_to_thirty_atoms_is_found(count):
    system = cluster(count)
    search = basin_hopping(system)
    reference = system.ground_state
    assert search.found
    assert abs(search.energy - reference.value) <= reference.floor + 1e-9
    assert certify(system, search.best).is_minimum


def test_shares_come_from_walks_that_were_all_ended():
    search = basin_hopping(cluster(13), runs=20, hops=10, lanes=6, first_hit=False)
    assert search.complete and len(search.runs) == 20
    assert search.hits == sum(run.energy < -44.3268 for run in search.runs)
    assert 0 < search.hits < 20  # ten hops are too few for some and enough for others
    assert all(run.quenches == 10 for run in search.runs if not run.hit)
    assert search.quenches == sum(run.quenches for run in search.runs)
    low, high = search.interval
    assert low < search.hits / 20 < high
    assert f"{search.hits} of 20 walks" in str(search)


def test_the_lowest_energy_only_falls_and_ends_at_the_best():
    search = basin_hopping(cluster(20), seed=3)
    energies = [energy for _, energy, _ in search.lowest]
    assert all(b < a for a, b in zip(energies, energies[1:], strict=False))
    assert search.energy == pytest.approx(energies[-1], abs=1e-8)
    assert not search.complete and "walks" not in str(search)  # it stopped at a hit: no share can be told


def test_the_same_seed_gives_the_same_bytes():
    first, second = (basin_hopping(cluster(15), seed=4, hops=20, runs=4) for _ in range(2))
    assert torch.equal(first.best, second.best) and first.runs == second.runs


def test_it_stops_when_told_and_keeps_what_it_has():
    seen: list[float] = []

    def progress(done: float) -> bool:
        seen.append(done)
        return len(seen) < 3

    search = basin_hopping(cluster(75), progress=progress)
    assert search.cancelled and len(seen) == 3
    assert 0 <= seen[0] <= seen[-1] < 1
    assert search.energy < -300


def test_wells_without_a_table_are_searched_too():
    search = basin_hopping(cluster(6, Morse(20.0)), hops=30)
    assert search.target is None and not search.found
    # range 1/20: only neighbours count, and six atoms touch in at most twelve places (octahedron, polytetrahedron)
    assert -12.1 < search.energy < -11.9


def test_budgets_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="hops = 0"):
        basin_hopping(cluster(5), hops=0)

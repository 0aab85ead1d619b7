"""The basins of attraction that only the flow has, and those that optimizers draw in their place."""

from __future__ import annotations

import numpy as np
import pytest

from demos.physics.clusters.basin_map import MAPS, four_atoms, seven_atoms, three_atoms, three_atoms_exactly
from demos.physics.clusters.destinations import agreement, destinations
from demos.physics.clusters.model import cluster


def test_same_starts_other_minima():
    """38 atoms: a stiff integrator at a loose tolerance finds the flow's own minimum, optimizers hardly ever do."""
    system = cluster(38)
    table = agreement(system, system.start("random", seed=0, replicas=5), ["bdf", "fire", "lbfgs"], rtol=1e-4)
    assert list(table.method) == ["bdf", "bdf", "fire", "lbfgs"] and (table.starts == 5).all()
    exact, flow, fire, lbfgs = (table.iloc[i] for i in range(4))
    assert exact.same == 5 and exact.share == 1
    assert flow.same >= 4
    assert fire.same <= 2 and lbfgs.same <= 2
    assert lbfgs.evaluations < flow.evaluations < exact.evaluations
    assert ((table.low <= table.share) & (table.share <= table.high)).all()


def test_methods_of_the_flow_agree_among_each_other_on_seven_atoms():
    system = cluster(7)
    start = system.start("random", seed=0, replicas=3)
    exact = destinations(system, start, "bdf", rtol=1e-7)
    for method in ("rkc", "radau", "dopri5"):
        found = destinations(system, start, method, rtol=1e-6)
        assert found.converged.all()
        np.testing.assert_allclose(found.energies, exact.energies, rtol=0, atol=1e-7)


def test_a_call_that_is_stopped_gives_what_it_has():
    system, seen = cluster(7), []

    def progress(done: float) -> bool:
        seen.append(done)
        return len(seen) < 4

    assert len(agreement(system, system.start("random", 0, 6), ["fire"], progress=progress)) == 0
    assert len(seen) == 4 and 0 < seen[-1] < 0.5


def test_three_atoms_do_what_the_mirror_says():
    exact = three_atoms_exactly(16)
    assert exact[0].tolist() == [1] * 16 and exact[-1].tolist() == [0] * 16
    assert (three_atoms(16, "rkc").labels == exact).all()


def test_the_map_of_four_atoms_has_the_symmetry_of_the_triangle():
    """The triangle ABC has A on the y axis: the mirror x → −x swaps B and C, whatever the method."""
    swapped = np.array([1, 0, 2, 3, 5, 4])  # AB↔AC, AD, BC, BD↔CD
    for method in ("rkc", "lbfgs", "fire"):
        found = four_atoms(16, method)
        assert (found.labels >= 0).all()
        assert (swapped[found.labels[:, ::-1]] == found.labels).mean() > 0.99
        assert set(np.unique(found.labels)) <= set(range(6))


def test_optimizers_draw_other_basins_of_seven_atoms():
    maps = {method: seven_atoms(16, method) for method in ("rkc", "fire", "lbfgs")}
    assert all((found.labels >= 0).all() for found in maps.values())
    exact = maps["rkc"].labels
    assert 0.5 < (maps["fire"].labels == exact).mean() < 0.98
    assert 0.5 < (maps["lbfgs"].labels == exact).mean() < 0.95
    assert len(np.unique(exact)) == 4


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("size", [3, 5, 1000])
def test_sizes_out_of_range_are_refused(name, size):
    with pytest.raises(ValueError, match=f"size = {size} .*4 to 256"):
        MAPS[name](size)

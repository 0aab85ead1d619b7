"""The identity that only the flow keeps, and the basins that only the flow has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.gradient_flow import GradientFlow, solve
from demos.physics.bench.basin_map import MAPS, four_atoms, seven_atoms, three_atoms, three_atoms_exactly
from demos.physics.bench.basins import agreement, ends
from demos.physics.bench.dissipation import energy_balance, state_of
from demos.physics.bench.flow_checks import identity_check
from demos.physics.bench.system import System
from demos.physics.charges.model import thomson
from demos.physics.clusters.lennard_jones import cluster

K = torch.tensor([1.0, 10.0, 100.0], dtype=torch.float64)
BOWL = System(
    name="bowl",
    title="Bowl",
    sentence="",
    formula="",
    shape=(3,),
    starts={},
    energy=lambda x, t=0.0: 0.5 * (K * x * x).sum(1),
    gradient=lambda x, t=0.0: K * x,
)


def _path(system: System, start: torch.Tensor, times, states) -> object:
    """A Trajectory made of given states."""
    template = solve(GradientFlow(energy=system.energy, gradient=system.gradient), start, [0.0, 1e-9])
    return template.__class__(**{**template.__dict__, "times": times, "states": states, "observed": None})


def test_the_books_of_an_exact_path_balance_at_fourth_order():
    start, residuals = torch.ones(1, 3, dtype=torch.float64), []
    for frames in (40, 80):
        times = torch.linspace(0, 0.5, frames + 1, dtype=torch.float64)
        states = start * torch.exp(-K * times[:, None, None])
        found = energy_balance(BOWL, _path(BOWL, start, times, states))
        np.testing.assert_allclose(found.fallen[:, 0], float(BOWL.energy(start)) - found.energies[:, 0])
        residuals.append(abs(found.residual[-1, 0]))
    assert residuals[1] < 1e-3
    assert 10 < residuals[0] / residuals[1] < 40  # 2⁴ and a little, for the first steps are coarse


def test_a_slow_clock_is_found_out():
    """A path that is right but a third slower than the flow loses nothing of its energy, and a third of its books."""
    start, times = torch.ones(1, 3, dtype=torch.float64), torch.linspace(0, 8, 20_001, dtype=torch.float64)
    states = start * torch.exp(-K * times[:, None, None] / 1.5)
    found = energy_balance(BOWL, _path(BOWL, start, times, states))
    assert np.all(np.diff(found.energies[:, 0]) <= 0)
    assert found.residual[-1, 0] == pytest.approx(-0.5, abs=5e-4)
    assert not found.check().agrees


def test_long_books_are_worked_off_in_parts_that_report(monkeypatch):
    """The same numbers, whatever the parts; never more than a part at once, and a word after each."""
    start, times = torch.ones(1, 3, dtype=torch.float64), torch.linspace(0, 1, 1_001, dtype=torch.float64)
    states, asked, seen = start * torch.exp(-K * times[:, None, None]), [], []

    def gradient(x: torch.Tensor, t: float = 0.0) -> torch.Tensor:
        asked.append(len(x))
        return K * x

    bowl = replace(BOWL, gradient=gradient)
    path = _path(bowl, start, times, states)
    whole = energy_balance(bowl, path)
    asked.clear()
    monkeypatch.setattr("demos.physics.bench.dissipation.CHUNK", 3 * 64)
    parts = energy_balance(bowl, path, seen.append)
    np.testing.assert_allclose(parts.dissipated, whole.dissipated, rtol=1e-13)
    np.testing.assert_array_equal(parts.energies, whole.energies)
    assert max(asked) == 65 and len(seen) == 16 and seen == sorted(seen) and seen[-1] == 1


@pytest.mark.parametrize("seed", [0, 1])
def test_a_stiff_integrator_keeps_the_books_of_38_atoms_and_an_optimizer_does_not(seed):
    system = cluster(38)
    start = system.start("random", seed=seed)
    path = solve(
        system.flow(),
        start,
        [0.0, 100.0],
        "bdf",
        rtol=1e-6,
        atol=1e-6,
        tolerance=1e-3,
        record="steps",
        observe=state_of,
    )
    assert path.status.kind == "converged"
    check = identity_check(energy_balance(system, path))
    assert check.agrees and check.floor == 1e-3
    fire = solve(system.flow(), start, torch.arange(2001, dtype=torch.float64) * 0.01, "fire", record=2001)
    assert abs(identity_check(energy_balance(system, fire)).measured) > 0.1


def test_the_books_of_a_constrained_flow():
    system = thomson(12)
    path = solve(
        system.flow(),
        system.start("random", 0, 2),
        [0.0, 5.0],
        "bdf",
        rtol=1e-8,
        atol=1e-8,
        record="steps",
        observe=state_of,
    )
    assert abs(identity_check(energy_balance(system, path)).measured) < 1e-4


def test_same_starts_other_minima():
    """38 atoms: a stiff integrator at a loose tolerance finds the flow's own minimum, optimizers hardly ever do."""
    system = cluster(38)
    table = agreement(system, system.start("random", seed=0, replicas=5), ["bdf", "fire", "lbfgs"], rtol=1e-4)
    assert list(table.method) == ["bdf", "bdf", "fire", "lbfgs"] and (table.starts == 5).all()
    truth, flow, fire, lbfgs = (table.iloc[i] for i in range(4))
    assert truth.same == 5 and truth.share == 1
    assert flow.same >= 4
    assert fire.same <= 2 and lbfgs.same <= 2
    assert lbfgs.evaluations < flow.evaluations < truth.evaluations
    assert ((table.low <= table.share) & (table.share <= table.high)).all()


def test_methods_of_the_flow_agree_among_each_other_on_seven_atoms():
    system = cluster(7)
    start = system.start("random", seed=0, replicas=3)
    truth = ends(system, start, "bdf", rtol=1e-7)
    for method in ("rkc", "radau", "dopri5"):
        found = ends(system, start, method, rtol=1e-6)
        assert found.rests.all()
        np.testing.assert_allclose(found.energies, truth.energies, rtol=0, atol=1e-7)


def test_a_call_that_is_stopped_gives_what_it_has():
    system, seen = cluster(7), []

    def progress(done: float) -> bool:
        seen.append(done)
        return len(seen) < 4

    assert len(agreement(system, system.start("random", 0, 6), ["fire"], progress=progress)) == 0
    assert len(seen) == 4 and 0 < seen[-1] < 0.5


def test_three_atoms_do_what_the_mirror_says():
    truth = three_atoms_exactly(16)
    assert truth[0].tolist() == [1] * 16 and truth[-1].tolist() == [0] * 16
    assert three_atoms(16, "rkc").share_like(truth) == 1


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
    truth = maps["rkc"].labels
    assert 0.5 < maps["fire"].share_like(truth) < 0.98
    assert 0.5 < maps["lbfgs"].share_like(truth) < 0.95
    assert len(np.unique(truth)) == 4


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("size", [3, 5, 1000])
def test_sizes_out_of_range_are_refused(name, size):
    with pytest.raises(ValueError, match=f"size = {size} must be an even number from 4 to 256."):
        MAPS[name](size)

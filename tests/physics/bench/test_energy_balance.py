"""The energy balance that only the flow keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.gradient_flow import GradientFlow, solve
from demos.physics.bench.dissipation import energy_balance, state_of
from demos.physics.bench.flow_checks import identity_check
from demos.physics.bench.system import System
from demos.physics.charges.model import thomson
from demos.physics.clusters.model import cluster

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


def test_the_balance_of_an_exact_path_converges_at_fourth_order():
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
    """A path that is right but slower than the flow ends at the same energy, with half as much again dissipated."""
    start, times = torch.ones(1, 3, dtype=torch.float64), torch.linspace(0, 8, 20_001, dtype=torch.float64)
    states = start * torch.exp(-K * times[:, None, None] / 1.5)
    found = energy_balance(BOWL, _path(BOWL, start, times, states))
    assert np.all(np.diff(found.energies[:, 0]) <= 0)
    assert found.residual[-1, 0] == pytest.approx(-0.5, abs=5e-4)
    assert not identity_check(found).agrees


def test_a_long_path_is_integrated_in_chunks_that_report(monkeypatch):
    """The same numbers, whatever the parts; never more than a chunk at once, and a report after each."""
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
def test_a_stiff_integrator_keeps_the_identity_of_38_atoms_and_an_optimizer_does_not(seed):
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
    assert check.agrees and check.floor == 0.1
    fire = solve(system.flow(), start, torch.arange(2001, dtype=torch.float64) * 0.01, "fire", record=2001)
    assert abs(identity_check(energy_balance(system, fire)).measured) > 10


def test_the_balance_of_a_constrained_flow():
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
    assert abs(identity_check(energy_balance(system, path)).measured) < 1e-2

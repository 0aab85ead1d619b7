"""Rows about the picture of a run of particles: they can say no, and they say what a method must lose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.gradient_flow import solve
from demos.physics.bench.dissipation import EnergyBalance, descent_of, energy_balance, state_of
from demos.physics.bench.endpoint import endpoint_checks, endpoint_of
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.flow_checks import CLOCK, work_check
from demos.physics.bench.frames import curve_check
from demos.physics.bench.method_run import run_method
from demos.physics.bench.pair_potentials import Morse, PowerLaw
from demos.physics.charges.config import ChargesConfig
from demos.physics.charges.model import thomson
from demos.physics.charges.picture import run_picture
from demos.physics.charges.run import run as run_charges
from demos.physics.clusters.basin_hopping import basin_hopping
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.destinations import destinations
from demos.physics.clusters.funnels import NONE_OF
from demos.physics.clusters.model import cluster
from demos.physics.clusters.reference import best_known
from demos.physics.clusters.run import run as run_cluster


def named(result) -> dict:
    return {check.name: check for check in result.checks}


@pytest.mark.parametrize("step", [1e-3, 3e-3])
def test_what_eulers_step_loses_of_the_clock_is_predicted(step):
    row = named(run_cluster(ClusterConfig(method="euler", step=step, duration=2.0)))[CLOCK]
    assert row.state is State.PREDICTED and row.measured > 1
    assert row.measured == pytest.approx(row.predicted, rel=1e-3)


def test_a_step_five_times_past_the_limit_is_no_grey_note():
    result = run_cluster(ClusterConfig(method="euler", start="icosahedron", step=0.017, duration=1.0))
    assert result.verdict.state in (State.NOT_COMPARABLE, State.DIFFERS)
    assert "Too large a step" in result.headline or "diverged" in result.headline


def test_a_step_that_leaves_the_walls_at_once_is_not_compared():
    """All nodes of the quadrature of its work lie where no force is left, and agree."""
    config = ClusterConfig(method="euler", step=21.7, steepness=11.3, walks=14, seed=1653865098)
    assert named(run_cluster(config))[CLOCK].state is State.NOT_COMPARABLE


@pytest.mark.parametrize(("factor", "state"), [(1.0, State.PREDICTED), (1.02, State.DIFFERS)])
def test_a_wrong_force_is_not_predicted_by_the_step(monkeypatch, factor, state):
    from demos.physics.bench.pairs import Pairs

    original = Pairs.gradient
    monkeypatch.setattr(Pairs, "gradient", lambda *arguments, **named: factor * original(*arguments, **named))
    row = named(run_charges(ChargesConfig(method="euler", step=5e-3, count=12, duration=5.0)))[CLOCK]
    assert row.state is state


@pytest.mark.parametrize("order", ["recorded", "backwards"])
def test_frames_that_are_not_the_run_are_beside_its_own_curve(order):
    """What is drawn and what is recomputed would be wrong alike: the curve is held against the balance of the run."""
    system = thomson(12)
    run = run_method(system, system.start("random", 3), "rkc", duration=5.0, step=0.01, iterations=0)
    shown = run if order == "recorded" else replace(run, path=replace(run.path, observed=run.path.observed.flip(0)))
    assert curve_check(shown, run_picture(shown, -1.0)).agrees == (order == "recorded")


@pytest.mark.parametrize(("at_random", "state"), [(True, State.DIFFERS), (False, State.PREDICTED)])
def test_only_a_symmetric_start_explains_a_saddle(at_random, state):
    """Charges around the equator feel no force, but every one of them can leave it."""
    system, angles = thomson(6), torch.pi / 3 * torch.arange(6, dtype=torch.float64)
    end = endpoint_of(system, torch.stack((angles.cos(), angles.sin(), 0 * angles), -1))
    energy, minimum = endpoint_checks(system, end, system.ground_state, at_random=at_random)
    assert end.certificate.negative and energy.state is state and minimum.state is state


@pytest.mark.parametrize("tolerance", [0.1, 0.01])
def test_a_loose_tolerance_explains_what_its_steps_lose(tolerance):
    """A tolerance of 0.1 once differed by the whole fall without a word."""
    row = named(run_cluster(ClusterConfig(tolerance=tolerance)))[CLOCK]
    assert row.state is State.PREDICTED and "tolerance" in row.explained and abs(row.measured) > 1


def test_a_flow_that_stands_still_loses_its_whole_clock():
    still = EnergyBalance(np.array([0.0, 1.0]), np.array([[5.0], [5.0]]), np.array([[0.0], [0.3]]))
    assert still.residual[-1, 0] == -1
    rest = EnergyBalance(np.array([0.0, 1.0]), np.array([[5.0], [5.0]]), np.zeros((2, 1)))
    assert rest.residual[-1, 0] == 0


def test_a_recorder_with_a_descent_integrates_as_the_balance_of_states_does():
    system, start = cluster(7), cluster(7).start("loose")
    descent = descent_of(system)

    def measure(x, t):
        return system.energy(x), descent(x)[1]

    recorder = EnergyRecorder(measure, descent=descent)
    solve(system.flow(), start, [0.0, 1.0], "rkc", rtol=1e-6, atol=1e-6, record="steps", observe=recorder)
    path = solve(system.flow(), start, [0.0, 1.0], "rkc", rtol=1e-6, atol=1e-6, record="steps", observe=state_of)
    np.testing.assert_allclose(recorder.balance.dissipated, energy_balance(system, path).dissipated, rtol=1e-12)


def test_not_at_rest_is_a_row_and_never_green():
    system = cluster(7)
    energy, held = endpoint_checks(system, endpoint_of(system, system.start("loose")[0]), system.ground_state)
    assert energy.state is held.state is State.NOT_COMPARABLE and "not at rest" in energy.incomparable
    short = run_cluster(ClusterConfig(duration=0.01))
    assert short.verdict.state is State.NOT_COMPARABLE and short.headline.startswith("Not at rest")


def test_a_minimum_above_the_best_is_explained_by_its_curvatures_alone():
    result = run_cluster(ClusterConfig())
    above = named(result)["energy above the best known minimum"]
    assert above.measured == pytest.approx(5.8157, abs=1e-3) and above.explained == "a minimum, but not the lowest"
    assert "5.82" in result.headline and "−44.3268" in result.headline


def test_the_work_of_the_forces_is_the_energy_that_falls():
    system = cluster(7)
    states = torch.cat((system.start("loose"), system.start("loose") + 0.02))
    states[1, 0] += 0.05
    assert work_check(system, states).agrees


def test_the_power_law_12_6_is_lennard_jones():
    assert best_known(13, PowerLaw(12, 6)) == best_known(13)
    assert best_known(13, PowerLaw(9, 6)) is None
    unknown = run_cluster(ClusterConfig(potential="power_law", repulsion=9.0, count=6))
    row = named(unknown)["energy of the end"]
    assert row.state is State.NO_TRUTH and row.why


@pytest.mark.parametrize(("steepness", "count"), [(3.0, 7), (6.0, 9), (10.0, 8), (14.0, 7)])
def test_morse_tables_are_met_by_hopping(steepness, count):
    system = cluster(count, Morse(steepness))
    found = basin_hopping(system, runs=8, hops=60)
    assert found.energy == pytest.approx(system.ground_state.value, abs=1e-6)


def test_how_often_the_flow_finds_the_icosahedron():
    """10 of 100 starts do (5, 35, 39, 45, 49, 59, 63, 73, 76 and 80); here the first twelve."""
    system = cluster(13)
    found = destinations(system, system.start("random", 0, 100)[:12], "bdf", rtol=1e-6)
    assert np.flatnonzero(np.abs(found.energies + 44.326801) < 1e-5).tolist() == [5]


def test_no_random_start_slides_into_either_funnel():
    """The lowest of 40 ends at −169.61; here the first three."""
    assert NONE_OF == 40
    system = cluster(38)
    found = destinations(system, system.start("loose", 0, 3), "rkc")
    assert found.energies.min() > -170


def test_the_second_funnel_is_not_called_the_best_known():
    result = run_cluster(ClusterConfig(count=38, start="funnels"))
    assert not any("best known minimum, −173.252" in note for note in result.notes)
    assert "0.676" in result.headline


@pytest.mark.parametrize(("config", "most"), [(ClusterConfig, 75), (ChargesConfig, 100)])
def test_sliders_go_as_far_as_is_allowed(config, most):
    assert config.controls()["count"].high == most
    config.read({"count": most})


def test_a_walk_with_too_large_a_step_is_no_cooling():
    result = run_cluster(ClusterConfig(method="annealing", step=0.275, hot=0.0884, walks=4, duration=20.0))
    assert result.verdict.state is State.NOT_COMPARABLE and "cannot be trusted" in result.headline

"""The condensate's demo: its tables, its vortices, and what a wrong step or too fast a rotation gives."""

from functools import cache

import numpy as np
import pytest

from demos.contract import State
from demos.physics.bench.system import System
from demos.physics.condensate.charts import charts
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.demo import DEMO
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.radial import stationary
from demos.physics.condensate.reference import (
    density_correction,
    feynman_count,
    first_vortex_rotation,
    lattice_energy,
    least_energy,
    tables,
)
from demos.physics.condensate.run import run
from demos.physics.condensate.studies import multiplier_study, studies
from demos.picture.payload import encode

BASE = {"method": "normalized", "start": "gaussian", "iterations": 600, "step": 1.0}


@cache
def shown(**changes):
    """The config and its result; each is computed once."""
    config = CondensateConfig(**(BASE | changes))
    return config, run(config)


def check(result, name):
    return next(check for check in result.checks if check.name == name)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"start": "thomas_fermi"},
        {"beta": 0.0},
        {"beta": 1234.5},
        {"dimensions": "1"},
        {"dimensions": "1", "beta": 250.0, "trap": "lattice"},
        {"dimensions": "1", "rotation": 0.5},
        {"rotation": 0.6, "start": "vortex"},
        {"rotation": 0.6},
        {"rotation": 0.2, "start": "turbulent"},
        {"rotation": 0.1, "start": "vortex"},
        {"rotation": 0.5, "beta": 0.0, "start": "turbulent"},
        {"multiplier": False},
        {"step": 1e-3},
        {"step": 50.0},
        {"iterations": 1},
    ],
)
def test_every_run_agrees_with_its_truth(changes):
    config, result = shown(**changes)
    allowed = (State.AGREES, State.NOT_COMPARABLE, State.PREDICTED)
    assert result.checks and all(one.state in allowed and one.source for one in result.checks), result.checks
    assert result.headline.endswith(".")
    named = {row.name: row for row in result.verdict.rows}
    assert any(row.truth is not None for row in named.values())
    assert bool(result.warnings) == (changes.get("multiplier") is False)
    assert 2 <= result.picture.frames <= 101
    assert len(result.picture.panels) == (2 if config.dimensions == "1" else 3)
    assert len(encode(result.picture)) < 1.5e6
    trace = result.tables["trace"]
    assert {"series", "x", "energy", "gap", "force", "step", "evaluations", "residual"} <= set(trace.columns)
    assert trace["residual"].isna().all()  # an optimizer has no clock
    for chart in charts(config):
        assert {chart.x, chart.y} <= set(result.tables[chart.table].columns)


@pytest.mark.parametrize("trap", ["harmonic", "lattice"])
def test_a_start_that_is_the_ground_state_agrees(trap):
    """Without interaction the Gaussian is the ground state: no energy falls, and none rises."""
    _, result = shown(beta=0.0, trap=trap)
    assert result.verdict.exit_status == 0
    assert check(result, "chemical potential").measured == pytest.approx(1.0, abs=1e-9)
    assert check(result, "largest rise of the energy between two pictures").measured == 0


def test_the_default_reaches_the_table_to_eight_digits():
    _, result = shown()
    table = {row[0]: row for row in tables()["harmonic_2d"]["rows"]}[62.742]
    for name, value in zip(("energy", "chemical potential", "width"), table[1:], strict=True):
        assert abs(check(result, name).measured - value) < 1.2e-8
    assert result.picture.clock.values[-1] < 600  # it stopped by itself


def test_a_stirred_cloud_has_as_many_vortices_as_feynman_says():
    config, result = shown(beta=500.0, rotation=0.8, start="turbulent", iterations=800)
    condensate = GrossPitaevskii(2, 500.0, rotation=0.8)
    assert all(one.state in (State.AGREES, State.NOT_COMPARABLE) for one in result.checks)
    inside = check(result, "vortices inside 0.4 to 0.7 radii")
    assert 0.9 * inside.truth < inside.measured < 1.1 * inside.truth and inside.allowed < 0.2 * inside.truth
    energy = check(result, "energy, at most that of a lattice")
    assert least_energy(condensate) < energy.measured < energy.truth == lattice_energy(condensate)
    density, phase, count = result.picture.panels
    assert density.layers[0].colors == "sequential" and phase.layers[0].colors == "cyclic"
    assert phase.layers[0].strength.shape == phase.layers[0].values.shape
    markers = phase.layers[1]
    assert markers.positions.shape[0] == result.picture.frames and set(markers.symbols) >= {"plus"}
    assert np.isfinite(markers.positions[-1]).all(1).sum() == result.picture.readouts[-1].values[-1] >= 18
    assert (np.array(markers.symbols)[np.isfinite(markers.positions[-1]).all(1)] == "plus").all()
    assert (result.tables["trace"]["gap"] > 0.1).all()  # above what is possible, not above where this run stopped
    assert len(encode(result.picture)) < 1e6


@pytest.mark.parametrize("start", ["gaussian", "thomas_fermi"])
@pytest.mark.parametrize("beta", [100.0, 2000.0])
def test_the_stabilizer_follows_the_cloud(beta, start):
    """That of a dense start, kept, took 336 and more than 3,000 steps where the cloud's own takes about 200."""
    config, result = shown(beta=beta, start=start, iterations=300)
    assert "At rest after" in result.notes[0] and check(result, "energy").agrees
    assert result.picture.clock.values[-1] < 300


def test_what_is_still_far_from_rest_is_not_compared():
    _, result = shown(iterations=30)
    *at_rest, downhill = result.verdict.rows
    assert len(at_rest) == 4 and downhill.agrees and "rise of the energy" in downhill.name  # asks for no rest
    assert all(row.state is State.NOT_COMPARABLE and "settling" in row.incomparable for row in at_rest)
    assert result.verdict.exit_status == 3 and "settling" in result.headline


@pytest.mark.parametrize("table", ["harmonic_1d", "lattice_1d", "harmonic_2d"])
def test_newton_in_one_coordinate_meets_every_table(table):
    """Another method than that of the tables, to their last digit; and E of the audit's β = 55."""
    for beta, *values in tables()[table]["rows"]:
        state = stationary(1 if "1d" in table else 2, beta, table == "lattice_1d")
        assert (state.energy, state.mu, state.width) == pytest.approx(values, abs=5.1e-9)


def test_one_vortex_pays_from_a_known_rotation():
    """0.769 at β = 10 and 0.487 at 62.742; a Thomas–Fermi formula said 0.648 and 0.464."""
    assert first_vortex_rotation(10.0) == pytest.approx(0.769, abs=5e-4)
    assert first_vortex_rotation(62.742) == pytest.approx(0.487, abs=5e-4)
    assert first_vortex_rotation(0.0) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("changes", [{"beta": 55.0}, {"beta": 200.0, "dimensions": "1", "trap": "lattice"}])
def test_any_interaction_has_its_truth(changes):
    _, result = shown(iterations=2_000, **changes)
    assert check(result, "energy").agrees and check(result, "chemical potential").agrees


@pytest.mark.parametrize("beta", [500.0, 1000.0])
def test_one_vortex_at_rest_is_not_accused(beta):
    """The grid does not resolve its core: the virial is −4e-6 and −1e-4. It carries 1 ħ."""
    _, result = shown(beta=beta, rotation=0.1, start="vortex", iterations=2_000)
    assert all(row.agrees for row in result.verdict.rows)
    assert check(result, "angular momentum").truth == 1 and check(result, "virial").allowed < 1e-3


def test_vortices_in_a_round_cloud_are_not_held_against_it():
    """Rounding lets them in above the critical rotation; E and L_z of the round cloud were red then."""
    _, result = shown(beta=200.0, rotation=0.8, start="gaussian", iterations=2_500)
    for name in ("energy", "angular momentum"):
        assert check(result, name).state is State.NOT_COMPARABLE and "entered" in check(result, name).incomparable


def test_what_the_falling_density_takes_from_feynmans_count():
    """Nothing at the middle, more and more towards the edge, always less than the count itself."""
    condensate = GrossPitaevskii(2, 500.0, rotation=0.8)
    share = np.linspace(0, 0.9, 10)
    taken = density_correction(condensate, share)
    assert taken[0] == 0 and np.all(np.diff(taken) > 0) and np.all(taken[1:] < feynman_count(condensate, share[1:]))
    assert feynman_count(condensate, 1.0) == pytest.approx(0.8 * condensate.cloud_radius**2)


def test_the_multiplier_decides_where_it_ends():
    _, result = shown(multiplier=False)
    assert "+0.0098 from the exact 4.6098333" in result.warnings[0]
    (study,) = studies(CondensateConfig())
    seen = []

    def two(done):  # of the fourteen runs
        seen.append(done)
        return done < 2 / 14

    table = multiplier_study(CondensateConfig(), two)
    assert len(table) == 2 and len(seen) >= 5 and seen == sorted(seen)
    with_, without = table[table["multiplier"]], table[~table["multiplier"]]
    assert (with_["error"] < 1e-7).all() and (without["error"] > 1e-3).all()
    for chart in study.charts:
        assert {chart.x, chart.y} <= set(table.columns)


def test_progress_rises_over_the_flow_its_vortices_and_the_comparison():
    seen = []
    run(CondensateConfig(**(BASE | {"rotation": 0.6, "iterations": 100})), seen.append)
    assert seen == sorted(seen) and 0 <= seen[0] and seen[-1] == 1 and len(seen) > 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rotation": 1.05, "start": "turbulent"}, "1.05 ×"),
        ({"rotation": 1.0}, "1 ×"),
        ({"rotation": 1.5}, "rotation"),
        ({"start": "turbulent"}, "start"),
        ({"beta": -1.0}, "beta"),
        ({"start": "vortex", "dimensions": "1", "rotation": 0.5}, "start"),
        ({"method": "rkc"}, "method"),
    ],
)
def test_what_is_refused_is_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words) as problem:
        CondensateConfig(**(BASE | changes))
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({}, {"rotation": 0.5}, {"start": "turbulent"}),
        ({}, {"start": "vortex"}, {"rotation": 0.8}),
        ({"rotation": 0.5, "start": "vortex"}, {"rotation": 0.0}, {"start": "gaussian"}),
        ({"rotation": 0.5, "start": "vortex"}, {"dimensions": "1"}, {"start": "gaussian"}),
        ({"rotation": 0.5, "start": "gaussian"}, {"rotation": 0.7}, {"start": "gaussian"}),
    ],
)
def test_starts_go_with_the_rotation(before, change, after):
    first = CondensateConfig(**(BASE | before))
    values = {name: getattr(first, name) for name in CondensateConfig.controls()} | change
    now = CondensateConfig(**CondensateConfig.adapt(first, values))
    assert {name: getattr(now, name) for name in after} == after


def test_fields_that_are_not_used():
    assert (
        "trap" in CondensateConfig().unused() and not {"rotation", "step", "iterations"} & CondensateConfig().unused()
    )
    assert "rotation" in CondensateConfig(dimensions="1").unused()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dimensions": "1", "trap": "lattice"},
        {"dimensions": "1", "rotation": 0.5},
        {"dimensions": "2", "trap": "lattice"},
        {"rotation": 0.8, "start": "turbulent"},
    ],
)
def test_the_code_builds_the_system(changes):
    config, space = CondensateConfig(**changes), {}
    exec(compile(DEMO.code(config).split("result = run")[0], "code", "exec"), space)
    system = space["system"]
    assert isinstance(system, System) and space["config"] == config
    assert tuple(system.start(config.start).shape[1:]) == system.shape


def test_words_in_the_picture_count_what_is_seen():
    """Computed frame by frame: the vortices of a stirred cloud, and when one is at rest."""
    _, result = shown(beta=500.0, rotation=0.8, start="turbulent", iterations=800)
    words, last = result.picture.panels[0].captions, int(result.picture.readouts[-1].values[-1])
    assert "the other" in words[0] and words[-1] == f"{last} vortices, all turn one way"
    assert [mark.label for mark in result.picture.marks] == ["the last vortex that turned the other way is gone"]
    _, result = shown()
    words, steps = result.picture.panels[0].captions, result.picture.clock.values
    (mark,) = result.picture.marks
    assert words[0].startswith("Settling") and words[-1] == "At rest" and 0 < mark.value < steps[-1]

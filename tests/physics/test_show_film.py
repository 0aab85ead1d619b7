"""The soap film on the energy page: on its catenoid, on its pass, snapped, or shaken by too long a step."""

import numpy as np
import pytest

from demos.physics.config import EnergyConfig
from demos.physics.run import charts_of, run, studies_of
from demos.physics.soap_film.catenoid import CRITICAL_SEPARATION, catenoids
from demos.physics.soap_film.model import SoapFilm
from demos.picture.payload import encode

BASE = {"system": "film", "method": "rkc", "start": "cylinder", "duration": 6.0, "pieces": 30}


def shown(**changes):
    config = EnergyConfig(**(BASE | changes))
    return config, run(config)


def check(result, name):
    return next(check for check in result.checks if check.name == name)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"start": "waist"},
        {"start": "above"},
        {"start": "below"},
        {"start": "unstable", "duration": 0.2},
        {"separation": 1.3, "duration": 12.0},
        {"separation": 2.0},
        {"separation": 2.0, "film_metric": "radius"},
        {"film_metric": "radius"},
        {"separation": 0.1},
        {"tolerance": 1e-3},
        {"method": "lbfgs", "step": 0.1},
        {"method": "lbfgs", "step": 0.1, "separation": 1.5},
        {"method": "dopri5", "duration": 0.5},
        {"method": "euler", "step": 2e-4, "duration": 0.5},
    ],
)
def test_every_run_agrees_with_its_truth(changes):
    config, result = shown(**changes)
    assert result.checks and all(check.agrees and check.source for check in result.checks), result.checks
    assert not result.warnings
    assert result.picture.frames == 100 and len(result.picture.panels) == 3
    assert len(encode(result.picture)) < 3e5
    live = {one.label: one.values for one in result.picture.readouts}
    if config.optimizes:
        assert "identity misses" not in live
    else:
        assert live["identity misses"][-1] == pytest.approx(100 * result.tables["trace"]["residual"].iloc[-1], abs=0.01)
    trace = result.tables["trace"]
    assert {"series", "x", "energy", "gap", "force", "step", "evaluations", "residual"} <= set(trace.columns)
    for chart in charts_of(config):
        assert {chart.x, chart.y} <= set(result.tables[chart.table].columns)


@pytest.mark.parametrize("start", ["cylinder", "waist"])
def test_a_wrong_energy_is_caught(monkeypatch, start):
    """Pieces one percent too high, in the area as in its gradient and Hessian: no part of the run notices by itself."""
    right = shown(start=start)[1]
    monkeypatch.setattr(SoapFilm, "spacing", property(lambda film: 1.01 * film.separation / film.links))
    wrong = shown(start=start)[1]
    for name in ("neck", "area"):
        assert check(right, name).agrees and not check(wrong, name).agrees


def test_both_branches_are_told_apart():
    _, stable = shown(separation=1.2, duration=12.0)
    _, unstable = shown(separation=1.2, start="unstable", duration=0.1)
    exact = catenoids(1.2)
    assert check(stable, "neck").exact == exact[0].neck and check(unstable, "neck").exact == exact[1].neck
    assert check(stable, "ways down from there").measured == 0
    assert check(unstable, "ways down from there").measured == 1
    assert any("way down" in note for note in unstable.notes)


@pytest.mark.parametrize(("factor", "words"), [(0.99, "metastable"), (1.01, "1.010 × the 1.3255")])
def test_one_percent_decides(factor, words):
    _, result = shown(separation=factor * CRITICAL_SEPARATION, duration=20.0)
    assert words in result.notes[0]
    neck = check(result, "neck")
    assert neck.agrees and (neck.exact > 0.6 if factor < 1 else neck.exact == 0)
    assert ("It closed at t =" in result.notes[1]) == (factor > 1)


def test_a_run_stops_where_it_is_at_rest_or_says_that_it_moves():
    _, result = shown(duration=1e3)
    assert result.picture.clock.values[-1] < 10 and "1e-06 at which a run stops" in result.notes[1]
    _, result = shown(duration=0.01)
    assert "Still moving" in result.notes[1] and check(result, "area below the least possible").agrees


@pytest.mark.parametrize("metric", ["curvature", "radius"])
def test_a_step_past_the_stability_limit_is_told(metric):
    _, result = shown(method="euler", step=8e-4, duration=0.2, film_metric=metric)
    assert len(result.warnings) == 1 and "1.4 × the stability limit 2/L" in result.warnings[0]
    assert "the area rose in" in result.warnings[0]
    assert [one.name for one in result.checks] == ["area below the least possible"] and result.checks[0].agrees
    encode(result.picture)


def test_the_same_config_gives_the_same_bytes_and_reports_on_the_way():
    seen = []
    config = EnergyConfig(**(BASE | {"separation": 1.5}))
    first, again = run(config), run(config, seen.append)
    assert encode(first.picture) == encode(again.picture) and first.checks == again.checks
    assert seen == sorted(seen) and 0 <= seen[0] and seen[-1] == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pieces": 31}, "must be even"),
        ({"start": "stable", "separation": 1.4}, "no catenoid spans"),
        ({"separation": 5.0}, "out of range"),
        ({"start": "random"}, "not for this system"),
        ({"method": "dopri5", "pieces": 200, "duration": 50.0}, "at most 40 s"),
    ],
)
def test_what_is_refused_is_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words) as problem:
        EnergyConfig(**(BASE | changes))
    assert str(problem.value).endswith(".")


def test_studies():
    config, seen = EnergyConfig(**(BASE | {"separation": 1.2})), []
    slowing, convergence = studies_of(config)
    table = slowing.run(config, seen.append)
    measured = table[table["series"] == "measured"]
    assert len(measured) == 6 and seen == sorted(seen) and seen[-1] == 1
    slopes = np.diff(np.log(measured["time"])) / np.diff(np.log(measured["past"]))
    assert slopes[0] == pytest.approx(-0.5, abs=0.06)
    errors = convergence.run(config)
    for branch in ("stable", "unstable"):
        part = errors[errors["series"] == branch]
        order = np.polyfit(np.log(part["pieces"]), np.log(part["error"]), 1)[0]
        assert order == pytest.approx(-2, abs=0.05)
    with pytest.raises(ValueError, match="closer"):
        convergence.run(config.replace(separation=1.4))
    for study, frame in ((slowing, table), (convergence, errors)):
        for chart in study.charts:
            assert {chart.x, chart.y} <= set(frame.columns)

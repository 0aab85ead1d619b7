"""The XY magnet on the energy page: pictures, checks, the temperature's method, what is refused."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from demos.physics.bench.vortex_markers import MOST_MARKED
from demos.physics.xy_magnet.config import WARM, XYMagnetConfig
from demos.physics.xy_magnet.demo import DEMO
from demos.physics.xy_magnet.reference import cold_series, hot_series, twisted_energy
from demos.physics.xy_magnet.run import run
from demos.picture import Arrows, Field, Markers


def spins(**changes) -> XYMagnetConfig:
    return XYMagnetConfig(**({"start": "pair", "duration": 40.0, "side": 24} | changes))


computed = cache(run)


def named(result) -> dict:
    return {check.name: check for check in result.checks}


def layer(result, kind):
    return next(layer for layer in result.picture.panels[0].layers if isinstance(layer, kind))


def test_a_pair_vanishes_and_what_is_left_are_the_waves_that_theory_says():
    result = run(spins(duration=120.0))
    assert all(check.agrees for check in result.checks)
    names = [check.name for check in result.checks]
    assert names == ["total vortex charge", "dissipation identity", "vortices left of the pair", "energy at the end"]
    assert result.checks[3].allowed < 1e-2
    trace = result.tables["trace"]
    assert trace["force"].iloc[-1] < 0.1 * trace["force"].max() and trace["force"].notna().all()
    assert [(one.x, one.y) for one in DEMO.charts(spins())][-1] == ("evaluations", "gap")
    live = result.picture.readouts[-1]
    assert live.label == "lost by the clock" and np.abs(live.values).max() < 1
    marks = layer(result, Markers)
    assert sorted(marks.symbols) == ["minus", "plus"]  # each vortex is one marker from frame to frame
    alive = np.isfinite(marks.positions[..., 0])
    assert alive[0].all() and not alive[-1].any()
    assert result.picture.panels[2].title == "Distance of the pair"


def test_a_pair_that_has_not_met_is_not_asked_to_have(monkeypatch):
    assert "vortices left of the pair" not in named(run(spins(duration=10.0)))
    monkeypatch.setattr("demos.physics.xy_magnet.checks.MEETING", 10.0)
    left = named(run(spins(duration=10.0)))["vortices left of the pair"]
    assert left.measured == 2 and not left.agrees


def test_markers_stand_where_the_field_winds():
    """In the panel a spin fills a square of side one, and a vortex is the corner that four of them share."""
    result = run(spins(side=16, duration=0.5))
    first = layer(result, Markers).positions[0]
    lattice = layer(result, Arrows)
    for place, symbol in zip(first, layer(result, Markers).symbols, strict=True):
        around = place + np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
        index = [int(np.abs(lattice.origins - corner).sum(1).argmin()) for corner in around]
        angles = np.arctan2(*lattice.vectors[0, index].T[::-1])
        turns = np.angle(np.exp(1j * np.diff(np.r_[angles, angles[0]]))).sum() / (2 * np.pi)
        assert round(turns) == {"plus": 1, "minus": -1}[symbol]


def test_large_lattices_are_coloured_squares_and_crowds_of_vortices_are_not_marked():
    result = run(spins(side=64, start="random", duration=1.0))
    field = layer(result, Field)
    assert field.crisp and field.colors == "cyclic" and field.values.shape[1:] == (64, 64)
    marks = np.isfinite(layer(result, Markers).positions[..., 0]).sum(1)
    assert marks[0] == 0 and marks.max() <= MOST_MARKED


@pytest.mark.parametrize("method", ["dopri5", "euler"])
def test_a_twist_relaxes_to_its_exact_energy(method):
    result = run(spins(start="twisted", method=method, step=0.1, duration=60.0))
    assert all(check.agrees for check in result.checks)
    end = named(result)["energy at the end"]
    assert end.measured == pytest.approx(twisted_energy(24, (2, 0)), abs=1e-3) and end.allowed < 1e-4


def test_a_step_past_stability_is_reported_with_its_limit():
    result = run(spins(method="euler", step=0.3, start="random", duration=10.0))
    (warning,) = result.warnings
    assert "0.3" in warning and "1.2 ×" in warning and "0.25" in warning
    assert all(check.agrees for check in result.checks)
    assert not run(spins(method="euler", step=0.2, duration=10.0)).warnings


def test_warm_states_have_their_temperature():
    config = spins(kT=0.6, method=WARM, step=0.05, start="aligned")
    result = run(config)
    check = named(result)["temperature of the states"]
    assert check.truth == 0.6 and check.agrees and check.allowed < 0.06
    assert len(result.notes) == 1
    assert {chart.table for chart in DEMO.charts(config)} <= set(result.tables)
    assert DEMO.equation_of(config) != DEMO.equation_of(spins())
    short = run(config.replace(duration=0.3, step=0.01))
    assert not named(short)["temperature of the states"].agrees  # from T = 0 it has not warmed up


def test_temperature_and_method_go_together():
    cold = spins()
    warm = XYMagnetConfig.adapt(cold, {**fields(cold), "kT": 0.5})
    assert warm["method"] == WARM and warm["step"] == 0.05
    assert XYMagnetConfig.adapt(XYMagnetConfig(**warm), {**warm, "kT": 0.0})["method"] == "dopri5"
    assert XYMagnetConfig.adapt(XYMagnetConfig(**warm), {**warm, "method": "euler"})["kT"] == 0
    assert XYMagnetConfig.adapt(cold, {**fields(cold), "method": WARM})["kT"] > 0


def fields(config: XYMagnetConfig) -> dict:
    return {name: getattr(config, name) for name in XYMagnetConfig.controls()}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"kT": 0.5}, r"kT = 0\.5 needs noise"),
        ({"method": WARM}, "kT = 0 has no noise"),
        ({"start": "twisted", "side": 8}, "start = twisted: two turns over 8 spins"),
        ({"method": "euler", "step": 1e-6, "duration": 1e4}, "at most 40 s"),
        ({"start": "zigzag"}, "start = 'zigzag'"),
    ],
)
def test_bad_input_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        spins(**bad)


def test_progress_rises():
    seen: list[float] = []
    run(spins(start="random"), seen.append)
    assert seen == sorted(seen) and seen[-1] == 1.0


def test_the_sweep_meets_both_series(monkeypatch):
    monkeypatch.setattr("demos.physics.xy_magnet.studies.TEMPERATURES", (0.1, 0.25, 0.4, 1.2, 2.0))
    (study,) = DEMO.studies(spins())
    frame = study.run(spins(), None)
    measured = frame[frame["series"] == "measured"].set_index("T")
    ends = (0.1, cold_series, 1e-3), (0.25, cold_series, 0.25**3), (2.0, hot_series, 16 * 0.243**8)
    for T, exact, left_out in ends:
        row = measured.loc[T]
        assert abs(row["energy"] - float(exact(np.array([T]))[0])) < 5 * row["error"] + left_out
    assert measured.loc[0.4, "pairs"] < 0.1 < 2 < measured.loc[1.2, "pairs"]

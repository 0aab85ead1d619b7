"""Planar spins on the energy page: pictures, truths, the temperature's method, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from demos.physics.bench.vortex_markers import MOST_MARKED
from demos.physics.config import EnergyConfig
from demos.physics.run import charts_of, run, studies_of
from demos.physics.xy_magnet.checks import twisted_energy, wave_rates
from demos.physics.xy_magnet.model import XYModel
from demos.physics.xy_magnet.studies import cold_series, hot_series
from demos.picture import Arrows, Field, Markers
from demos.picture.payload import encode

COLD = {"system": "spins", "method": "dopri5", "duration": 40.0, "side": 24}


def spins(**changes) -> EnergyConfig:
    return EnergyConfig(**(COLD | {"start": "pair"} | changes))


def layer(result, kind):
    return next(part for part in result.picture.panels[0].layers if isinstance(part, kind))


def test_a_pair_vanishes_and_what_is_left_are_the_waves_that_theory_says():
    result = run(spins(duration=120.0))
    assert all(check.agrees for check in result.checks)
    names = [check.name for check in result.checks]
    assert names == ["total vortex charge", "dissipation identity", "vortices left of the pair", "energy at the end"]
    assert result.checks[3].allowed < 1e-2
    trace = result.tables["trace"]
    assert trace["force"].iloc[-1] < 0.1 * trace["force"].max() and trace["force"].notna().all()
    assert [(one.x, one.y) for one in charts_of(spins())][-1] == ("evaluations", "gap")
    live = result.picture.readouts[-1]
    assert live.label == "identity misses" and np.abs(live.values).max() < 1
    marks = layer(result, Markers)
    assert sorted(marks.symbols) == ["minus", "plus"]  # each vortex is one marker from frame to frame
    alive = np.isfinite(marks.positions[..., 0])
    assert alive[0].all() and not alive[-1].any()
    assert result.picture.panels[0].captions[0] == "one vortex, one antivortex"
    assert result.picture.panels[2].title == "Distance of the pair"


def test_a_pair_that_has_not_met_is_not_asked_to_have(monkeypatch):
    assert "vortices left of the pair" not in [check.name for check in run(spins(duration=10.0)).checks]
    monkeypatch.setattr("demos.physics.xy_magnet.checks.MEETING", 10.0)
    left = next(check for check in run(spins(duration=10.0)).checks if check.name == "vortices left of the pair")
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
    end = result.checks[-1]
    assert end.measured == pytest.approx(XYModel(24).twisted_energy(2), abs=1e-3) and end.allowed < 1e-4


def test_waves_on_a_twist_have_the_hessians_eigenvalues():
    model = XYModel(6)
    x = np.arange(6)
    import torch

    theta = torch.from_numpy(np.broadcast_to(2 * np.pi * x / 6, (1, 6, 6)).copy())
    hessian = model.system().flow().hessian(theta, 0.0)[0].reshape(36, 36)
    rates = np.sort(wave_rates((1, 0), model).ravel())
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian.numpy()), rates, atol=1e-12)
    assert twisted_energy(model, (1, 0)) == pytest.approx(float(model.energy(theta)), rel=1e-14)


def test_a_step_past_stability_is_told():
    result = run(spins(method="euler", step=0.3, start="random", duration=10.0))
    assert result.warnings == (
        "The step 0.3 is 1.2 × the stability limit 2/L = 0.25: neighbours overshoot each other, "
        "and a checkerboard grows.",
    )
    assert all(check.agrees for check in result.checks)
    assert not run(spins(method="euler", step=0.2, duration=10.0)).warnings


def test_warm_states_tell_their_temperature():
    config = spins(kT=0.6, method="leimkuhler_matthews", step=0.05, start="aligned")
    result = run(config)
    check = result.checks[1]
    assert check.name == "temperature of the states" and check.exact == 0.6 and check.agrees and check.allowed < 0.06
    assert "Langevin" in result.notes[0] and "below" in result.notes[0]
    assert {chart.table for chart in charts_of(config)} <= set(result.tables)
    short = run(config.replace(duration=0.3, step=0.01))
    assert not short.checks[1].agrees  # from T = 0 it has not warmed up


def test_the_same_config_gives_the_same_bytes():
    config = spins(kT=0.9, method="leimkuhler_matthews", step=0.05, start="random", duration=5.0)
    first, again = run(config), run(config)
    assert encode(first.picture) == encode(again.picture) and first.checks == again.checks
    assert first.tables["trace"].equals(again.tables["trace"])


def test_temperature_and_method_go_together():
    cold = spins()
    warm = EnergyConfig.adapt(cold, {**fields(cold), "kT": 0.5})
    assert warm["method"] == "leimkuhler_matthews" and warm["step"] == 0.05
    assert EnergyConfig.adapt(EnergyConfig(**warm), {**warm, "kT": 0.0})["method"] == "dopri5"
    assert EnergyConfig.adapt(EnergyConfig(**warm), {**warm, "method": "euler"})["kT"] == 0
    assert EnergyConfig.adapt(cold, {**fields(cold), "method": "leimkuhler_matthews"})["kT"] > 0


def fields(config: EnergyConfig) -> dict:
    return {name: getattr(config, name) for name in EnergyConfig.controls()}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"kT": 0.5}, "kT = 0.5 needs noise, and Dormand–Prince 5\\(4\\) has none here"),
        ({"method": "leimkuhler_matthews"}, "kT = 0 has no noise for Leimkuhler–Matthews"),
        ({"start": "twisted", "side": 8}, "two turns over 8 spins are no minimum"),
        ({"method": "euler", "step": 1e-6, "duration": 1e4}, "This would take about"),
        ({"start": "zigzag"}, "Zigzag is not for this system"),
    ],
)
def test_bad_input_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        spins(**bad)


def test_progress_rises():
    seen: list[float] = []
    run(spins(start="random"), seen.append)
    assert seen == sorted(seen) and seen[-1] == 1.0


def test_series_of_the_energy():
    """The low one begins at −2; the high one is the slope of its partition function, by differences."""
    assert cold_series(np.array([0.0]))[0] == -2
    T, h = 1.5, 1e-5
    from scipy.special import iv

    u = lambda b: iv(1, b) / iv(0, b)
    log_z = lambda b: 2 * np.log(iv(0, b)) + 2 * u(b) ** 4 + 4 * u(b) ** 6
    slope = -(log_z(1 / T + h) - log_z(1 / T - h)) / (2 * h)
    assert float(hot_series(np.array([T]))[0]) == pytest.approx(slope, rel=1e-8)


def test_the_sweep_meets_both_series():
    (study,) = studies_of(spins())
    frame = study.run(spins(), None)
    measured = frame[frame["series"] == "measured"].set_index("T")
    ends = (0.1, cold_series, 1e-3), (0.25, cold_series, 0.25**3), (2.0, hot_series, 16 * 0.243**8)
    for T, exact, left_out in ends:
        row = measured.loc[T]
        assert abs(row["energy"] - float(exact(np.array([T]))[0])) < 5 * row["error"] + left_out
    assert measured.loc[0.4, "pairs"] < 0.1 < 2 < measured.loc[1.2, "pairs"]

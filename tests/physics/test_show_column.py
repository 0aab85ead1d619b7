"""The column on the energy page: straight or bent as theory says, its rate, the bifurcation, a jump too far."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.physics.column.model import EULER, column, deflection, elastica, elastica_deflection, hencky_load, polygon
from demos.physics.config import EnergyConfig
from demos.physics.run import charts_of, run, studies_of
from demos.picture import Markers
from demos.picture.payload import encode


def rod(**changes) -> EnergyConfig:
    default = {"system": "column", "method": "rkc", "start": "nearly straight", "duration": 120.0, "links": 16}
    return EnergyConfig(**(default | changes))


def named(result) -> dict:
    return {check.name: check for check in result.checks}


@pytest.mark.parametrize(("links", "load"), [(3, 1.0), (8, 1.2), (9, 1.02), (30, 1.7)])
def test_the_polygon_of_the_shooting_balances_and_is_a_minimum(links, load):
    angles = polygon(links, load * EULER)
    system, x = column(links, load * EULER), torch.from_numpy(polygon(links, load * EULER))[None]
    assert float(system.force(x)[0]) < 1e-9 and abs(np.sin(angles).sum()) < 1e-12
    np.testing.assert_allclose(angles, -angles[::-1], atol=1e-10)
    assert float(system.energy(x)[0]) < load * EULER  # below the straight column


def test_below_hencky_nothing_bends():
    assert not polygon(10, hencky_load(10) * 0.999).any() and polygon(10, hencky_load(10) * 1.001).any()


@pytest.mark.parametrize("load", [1.001, 1.2, 1.8])
def test_the_elastica_keeps_its_length_and_its_deflection(load):
    fine = elastica(load * EULER, 2001)
    assert np.linalg.norm(np.diff(fine, axis=0), axis=1).sum() == pytest.approx(1, abs=1e-6)
    assert fine[:, 1].max() == pytest.approx(elastica_deflection(load * EULER), rel=1e-12)
    assert abs(fine[-1, 1]) < 1e-12
    many = torch.from_numpy(polygon(400, load * EULER))[None]
    heights = float(deflection(many)[0])
    assert heights == pytest.approx(fine[:, 1].max(), abs=1e-4)


@pytest.mark.parametrize(("method", "step"), [("rkc", 1.0), ("euler", 0.02), ("lbfgs", 0.2), ("fire", 0.01)])
def test_it_bends_like_the_polygon_and_almost_like_the_elastica(method, step):
    config = rod(method=method, step=step)
    result = run(config)
    checks = named(result)
    assert all(check.agrees for check in result.checks), checks
    assert checks["deflection"].measured == pytest.approx(0.327, abs=1e-3)
    assert 0 < checks["deflection, smooth column"].error < checks["deflection, smooth column"].allowed < 4e-3
    assert ("growth of the first mode" in checks) == (method == "rkc")
    assert {chart.table for chart in charts_of(config)} <= set(result.tables)
    assert "the straight column is a saddle" in result.notes[0]


def test_below_the_load_it_straightens_at_the_exact_rate():
    result = run(rod(load=0.9))
    checks = named(result)
    assert all(check.agrees for check in result.checks)
    assert checks["deflection"].exact == 0 and checks["energy"].exact == pytest.approx(0.9 * EULER)
    assert checks["growth of the first mode"].exact == pytest.approx((0.9 * EULER - hencky_load(16)) / 16)
    assert checks["growth of the first mode"].allowed < 0.1 * abs(checks["growth of the first mode"].exact)


def test_both_sides_occur_and_the_dot_ends_on_the_branch():
    ends = set()
    for seed in range(4):
        result = run(rod(seed=seed, method="lbfgs", step=0.1))
        dot = [part for part in result.picture.panels[1].layers if isinstance(part, Markers)][1].positions[-1, 0]
        assert dot[0] == 1.2 and abs(dot[1]) == pytest.approx(elastica_deflection(1.2 * EULER), abs=4e-3)
        ends.add(bool(dot[1] > 0))
    assert ends == {True, False}


def test_a_straight_column_stands_on_its_saddle():
    result = run(rod(start="straight"))
    assert named(result)["ways down from the end"].exact == 1
    assert all(check.agrees for check in result.checks)
    assert "would stand for ever" in result.notes[1]


def test_an_optimizer_may_jump_over_the_ridge_and_is_not_called_wrong():
    result = run(rod(links=20, load=1.8, method="lbfgs", step=0.2, seed=1))
    assert "hangs from its pin" in result.notes[1] and all(check.agrees for check in result.checks)
    flow = run(rod(links=20, load=1.8, seed=1))
    assert "deflection" in named(flow) and all(check.agrees for check in flow.checks)


def test_a_step_past_stability_is_told():
    result = run(rod(links=20, method="euler", step=0.03))
    assert len(result.warnings) == 1
    assert "diverged" in result.warnings[0] and "× the stability limit 2/L" in result.warnings[0]
    assert all(check.agrees for check in result.checks)
    assert not any("on its way" in note or "swung" in note for note in result.notes)  # it is nowhere
    encode(result.picture)


@pytest.mark.parametrize("step", [0.2, 5.0])
def test_a_column_that_is_lost_is_told_once(step):
    result = run(rod(links=20, method="euler", step=step))
    assert len(result.warnings) == 1 and len(result.notes) == 1 and "the straight column" in result.notes[0]
    assert all(check.agrees for check in result.checks)


def test_a_column_on_its_way_promises_less():
    result = run(rod(duration=5.0))
    assert "deflection" not in named(result) and all(check.agrees for check in result.checks)
    assert "still on its way" in result.notes[1]


def test_the_books_are_read_while_the_picture_plays():
    flow, jumps = run(rod()), run(rod(method="lbfgs", step=0.05))
    live = next(one for one in flow.picture.readouts if one.label == "identity misses")
    assert live.values[0] == 0 and 0 < abs(live.values[-1]) <= 0.1 and live.unit == "%"
    assert not any(one.label == "identity misses" for one in jumps.picture.readouts)


def test_the_same_config_gives_the_same_bytes():
    first, again = run(rod()), run(rod())
    assert encode(first.picture) == encode(again.picture) and first.checks == again.checks


def test_a_new_load_brings_the_time_it_needs():
    before = rod(load=1.2)
    values = {name: getattr(before, name) for name in EnergyConfig.controls()}
    near = EnergyConfig.adapt(before, {**values, "load": 1.02})
    assert near["duration"] > 3 * before.duration
    assert "deflection" in named(run(EnergyConfig(**near)))
    assert EnergyConfig.adapt(before, {**values, "load": 1.02, "duration": 7.0})["duration"] == 7.0


def test_the_study_finds_both_branches_and_henckys_loads():
    (study,) = studies_of(rod())
    seen: list[float] = []
    frame = study.run(rod(), seen.append)
    assert seen == sorted(seen) and seen[-1] == 1
    measured = frame[frame["series"] == "16 links"]
    for row in measured.itertuples():
        exact = torch.from_numpy(polygon(16, row.load * EULER))[None]
        assert abs(row.deflection) == pytest.approx(abs(float(deflection(exact)[0])), abs=1e-5)
    above = measured[measured["load"] > 1]["deflection"]
    assert (above > 0).any() and (above < 0).any()
    found = frame[frame["series"] == "softest mode is flat"]
    assert all(
        p * EULER == pytest.approx(hencky_load(int(n)), abs=1e-8)
        for n, p in zip(found["links"], found["critical"], strict=True)
    )


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"load": 2.0}, "load = 2.0 is out of range; allowed is 0 to 1.8"),
        ({"links": 101}, "links = 101 is out of range"),
        ({"start": "arch"}, "Arch is not for this system"),
        ({"method": "euler", "step": 1e-5, "duration": 1e4}, "take a larger step"),
    ],
)
def test_bad_input_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        rod(**bad)

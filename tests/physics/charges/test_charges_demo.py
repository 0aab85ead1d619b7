"""Charges on a sphere on the energy page: cells and defects, the table's energies, searches, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.physics.charges.charts import charts
from demos.physics.charges.config import ChargesConfig
from demos.physics.charges.model import cells, neighbours, thomson
from demos.physics.charges.picture import NAMES, cells_of
from demos.physics.charges.run import run
from demos.picture import Cells
from demos.picture.payload import encode

METHODS = tuple(ChargesConfig.controls()["method"].options)
CHEAP = {
    "euler": {"duration": 2.0},
    "dopri5": {"duration": 5.0},
    "annealing": {"duration": 0.3, "walks": 3},
    "starts": {"walks": 6},
}


def config(method: str = "rkc", **changes) -> ChargesConfig:
    step = ChargesConfig.STEPS.get(method, 1e-3)
    return ChargesConfig(**({"method": method, "step": step, "count": 12} | CHEAP.get(method, {}) | changes))


def named(result) -> dict:
    return {check.name: check for check in result.checks}


def fine(result) -> bool:
    """No row that differs unexplained, no self-test that fails, and a source beside every truth."""
    verdict = result.verdict
    sources = all(row.source for row in verdict.rows if row.truth is not None)
    return not verdict.failing and sources and all(row.state is not State.DIFFERS for row in verdict.rows)


ABOVE, CLOCK, HELD = (
    "energy above the best known minimum",
    "energy lost but not dissipated",
    "ways to move without raising the energy",
)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_shows_cells_and_checks_that_agree(method):
    chosen = config(method)
    result = run(chosen)
    assert fine(result)
    assert named(result)["defect charge Σ(6 − c)"].measured == 12
    layer = next(part for part in result.picture.panels[0].layers if isinstance(part, Cells))
    assert (np.bincount(layer.frames) == 12).all() and len(np.bincount(layer.frames)) == result.picture.frames
    assert len(encode(result.picture)) < 1.5e6
    for chart in charts(chosen):
        assert {"series", chart.x, chart.y} <= set(result.tables[chart.table])


def test_the_ground_state_is_reached_to_all_digits_of_the_table():
    result = run(config(count=12))
    assert abs(named(result)[ABOVE].difference) < 1e-9 and named(result)[HELD].measured == 3
    assert result.picture.panels[0].captions[-1] == "12 fives"


def test_another_minimum_is_no_failed_check_but_is_told():
    """The flow from this seed takes 46 charges somewhere else."""
    result = run(config(count=46, seed=1))
    assert named(result)[ABOVE].state is State.PREDICTED and named(result)[HELD].agrees
    assert any("886.167113639" in note for note in result.notes)


def test_the_cells_are_voronois():
    """The corners from the convex hull are those of SciPy's diagram, charge by charge, and so are the neighbours."""
    x = thomson(20).start("random", seed=3)[0]
    layer, counts = cells_of(x.numpy()[None])
    assert np.array_equal(counts[0], neighbours(x))
    ends = np.r_[layer.starts[1:], len(layer.corners)]
    for i, exact in enumerate(cells(x)):
        mine = layer.corners[layer.starts[i] : ends[i]]
        gaps = np.linalg.norm(mine[:, None] - exact[None], axis=2)
        assert len(mine) == len(exact) and gaps.min(1).max() < 1e-9
        first, turn = gaps[0].argmin(), 1 if gaps[1].argmin() == (gaps[0].argmin() + 1) % len(exact) else -1
        around = (first + turn * np.arange(len(exact))) % len(exact)  # in order around the charge, either way
        assert np.abs(mine - exact[around]).max() < 1e-9
        assert NAMES[layer.labels[i]] == str(len(exact))


def test_frames_that_are_lost_have_no_cells():
    x = thomson(8).start("spiral").numpy()
    layer, counts = cells_of(np.concatenate((x, np.full_like(x, np.nan), x)))
    assert set(layer.frames) == {0, 2} and len(counts[1]) == 0


@pytest.mark.parametrize("count", [2, 3])
def test_two_and_three_charges_have_no_cells(count):
    result = run(config(count=count))
    assert fine(result) and named(result)[ABOVE].agrees
    assert not any(isinstance(layer, Cells) for layer in result.picture.panels[0].layers)
    encode(result.picture)


def test_many_starts_are_counted():
    result = run(config("starts", count=37, walks=40))
    table = result.tables["minima"]
    assert table.y.sum() == 40 and len(table) >= 2 and named(result)[ABOVE].agrees
    assert "40 random starts ended in" in result.notes[0]
    assert result.picture.readouts[0].values[-1] == pytest.approx(560.618887731, abs=1e-8)


def test_loose_starts_keep_their_distance():
    x = thomson(50).start("loose", seed=1, replicas=2)
    gaps = torch.cdist(x, x) + 9 * torch.eye(50)
    assert float(gaps.min()) >= 0.5 * (4 * np.pi / 50) ** 0.5 and float((x.norm(dim=2) - 1).abs().max()) < 1e-14


def test_a_step_past_stability_is_told():
    result = run(config("euler", step=0.5, duration=20.0))
    assert "stability limit 2/L" in result.warnings[0] and fine(result) and result.verdict.state is not State.AGREES
    assert abs(named(result)["an error's growth in one step"].truth) > 1


def test_an_energy_that_climbs_is_told():
    result = run(config("dopri5", duration=100.0, tolerance=0.1))
    assert "The energy rose" in result.warnings[0] and "smaller tolerance" in result.warnings[0]
    assert not run(config("dopri5")).warnings
    assert not any("tremble" in note for note in result.notes if "not come to rest" in result.notes[0])


def test_cooled_charges_never_leave_the_sphere():
    result = run(config("annealing"))
    assert named(result)["distance from the centre"].agrees


def test_the_same_config_gives_the_same_bytes():
    assert encode(run(config("starts")).picture) == encode(run(config("starts")).picture)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"count": 1}, "count = 1 is out of range"),
        ({"method": "starts", "start": "spiral"}, "begin at random"),
        ({"method": "bdf"}, "not one of"),
        ({"method": "annealing", "step": 1e-6}, "allowed"),
        ({"method": "annealing", "hot": 0.01, "cold": 0.5}, "above the hottest"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words) as told:
        ChargesConfig(**changes)
    assert str(told.value).endswith(".") and "\n" not in str(told.value)


def test_a_method_brings_its_step_and_cooling_its_time():
    values = ChargesConfig.complete({"method": "annealing"})
    assert (values["step"], values["duration"]) == (1e-3, 2.0)
    back = ChargesConfig.complete({"method": "rkc"}, ChargesConfig(**values))
    assert back["duration"] == 100.0


def test_searches_begin_at_random_and_the_last_choice_wins():
    assert ChargesConfig.complete({"method": "starts"}, ChargesConfig(start="spiral"))["start"] == "random"
    assert ChargesConfig.complete({"start": "spiral"}, ChargesConfig(method="starts"))["method"] == "rkc"


def test_only_the_fields_that_count_are_used():
    assert {"step", "iterations", "walks", "hot", "cold"} == ChargesConfig().unused()
    assert {"duration", "tolerance", "walks", "hot", "cold"} == ChargesConfig(method="lbfgs", step=0.1).unused()
    assert {"step", "duration", "iterations", "tolerance", "hot", "cold"} == ChargesConfig(method="starts").unused()
    assert "hot" not in ChargesConfig(method="annealing", duration=2.0).unused()

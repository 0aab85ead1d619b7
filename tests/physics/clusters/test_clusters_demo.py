"""Clusters on the energy page: every method's picture and checks, the two funnels, searches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.common.progress import Cancelled
from demos.contract import State
from demos.physics.bench.certificate import certify
from demos.physics.bench.endpoint import endpoint_notes, endpoint_of
from demos.physics.clusters.charts import charts
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.funnels import icosahedral_funnel
from demos.physics.clusters.model import cluster
from demos.physics.clusters.reference import second_funnel
from demos.physics.clusters.run import run
from demos.physics.clusters.xyz_text import encode_atoms
from demos.picture import Curve, Spheres
from demos.picture.payload import encode

STEPS = ClusterConfig.STEPS
METHODS = tuple(ClusterConfig.controls()["method"].options)
CHEAP = {
    "dopri5": {"duration": 1.0},
    "implicit_euler": {"duration": 2.0},
    "euler": {"duration": 1.0},
    "annealing": {"duration": 2.0, "walks": 3},
    "hopping": {"walks": 3, "hops": 10},
}


def config(method: str = "rkc", **changes) -> ClusterConfig:
    return ClusterConfig(
        **({"method": method, "step": STEPS.get(method, 1e-3), "count": 7} | CHEAP.get(method, {}) | changes)
    )


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
def test_every_method_shows_a_cluster_its_energy_and_checks_that_agree(method):
    chosen = config(method)
    result = run(chosen)
    assert result.verdict.rows and fine(result)
    body, energy = result.picture.panels
    (atoms,) = body.layers
    frames = result.picture.frames
    assert isinstance(atoms, Spheres) and atoms.positions.shape == (frames, 7, 3) and body.z is not None
    level = next(layer for layer in energy.layers if isinstance(layer, Curve) and layer.name == "best known")
    assert level.dashed and float(level.y[0]) == pytest.approx(-16.505384)
    assert len(encode(result.picture)) < 1.5e6 and result.picture.alt.endswith(".") and result.notes
    for chart in charts(chosen):
        table = result.tables[chart.table]
        assert {"series", chart.x, chart.y} <= set(table) and len(table)


def test_the_same_config_gives_the_same_bytes():
    for method in ("rkc", "hopping", "annealing"):
        assert encode(run(config(method)).picture) == encode(run(config(method)).picture)


def test_the_flow_falls_and_its_trace_counts_its_work():
    table = run(config("bdf", duration=20.0)).tables["trace"]
    assert (np.diff(table.energy) <= 1e-9).all() and (table.gap > 0).all()
    assert table.evaluations.is_monotonic_increasing and table.evaluations.iloc[-1] > 100
    assert abs(table.residual.iloc[-1]) < 1e-3 and table.force.iloc[-1] < 1e-4
    assert np.allclose(table.step.iloc[1:], np.diff(table.x))


def test_an_optimizer_counts_iterations_and_has_no_energy_balance():
    table = run(config("lbfgs")).tables["trace"]
    assert (np.diff(table.x) == 1).all() and table.residual.isna().all()
    assert table.step.max() <= STEPS["lbfgs"] * (1 + 1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 2},
        {"count": 5, "seed": 1},
        {"count": 13, "duration": 0.001},
        {"count": 38, "duration": 0.01},
        {"count": 38, "start": "funnels"},
        {"count": 13, "start": "icosahedron"},
        {"count": 38, "start": "octahedron", "method": "bdf"},
        {"potential": "morse", "steepness": 20.0, "count": 13},
        {"potential": "power_law", "repulsion": 30.0, "attraction": 1.0, "count": 8, "seed": 2},
        {"potential": "power_law", "repulsion": 30.0, "attraction": 29.0, "count": 7, "method": "bdf"},
    ],
)
def test_the_clock_loses_at_most_a_thousandth_however_short_the_way_and_stiff_the_pair(changes):
    found = [check for check in run(config(**changes)).checks if check.name.startswith(CLOCK)]
    assert found and all(check.allowed == pytest.approx(0.1, rel=0.01) and check.agrees for check in found)


@pytest.mark.parametrize("method", ["lbfgs", "fire", "nesterov", "heavy_ball"])
@pytest.mark.parametrize("count", [13, 38])
def test_every_optimizer_comes_to_rest_by_its_own_step(method, count):
    result = run(config(method, count=count))
    assert not result.warnings and "ended in a minimum" in result.notes[0]


def test_a_loose_tolerance_is_seen_in_the_energy_balance():
    result = run(config(count=13, tolerance=0.01))
    assert named(result)[CLOCK].state is State.PREDICTED and "tolerance" in named(result)[CLOCK].explained
    assert any("a smaller one mends it" in note for note in result.notes)


def test_implicit_euler_pays_for_every_step():
    assert named(run(config("implicit_euler")))["largest E(x⁺) + |x⁺ − x|²/2h − E(x)"].agrees


def test_a_step_past_stability_is_told_and_its_growth_predicted():
    """2/L at the icosahedron is 0.00337: below it the shape is found again, above it it never comes to rest."""
    below, above = (
        run(config("euler", count=13, start="icosahedron", step=step, duration=5.0)) for step in (0.0033, 0.0036)
    )
    assert not below.warnings and named(below)[ABOVE].agrees
    assert "1.07" in above.warnings[0] and "0.00337" in above.warnings[0]
    growth = named(above)["an error's growth in one step"]
    known = above.tables["trace"].query("series == 'exact: 2/L'")
    assert known.step.to_numpy() == pytest.approx([0.00337, 0.00337], rel=2e-3) and known.energy.isna().all()
    assert growth.agrees and growth.truth < -1 and named(above)[ABOVE].state is State.NOT_COMPARABLE
    lost = named(above)[CLOCK]
    assert lost.state is State.PREDICTED and lost.measured < -100
    assert "has not come to rest" in above.notes[0]


def test_a_step_far_too_long_tears_the_cluster_apart():
    result = run(config("euler", count=13, step=0.1, duration=20.0))
    assert result.verdict.state is State.NOT_COMPARABLE and not result.verdict.failing
    assert "stability limit" in result.warnings[0] and "out of each other's reach" in result.notes[0]
    rises = run(config("euler", count=13, step=0.05))
    energy = rises.tables["trace"]["energy"].dropna()
    assert f"E rose by {energy.iloc[-1] - energy.iloc[0]:.3g}," in rises.notes[-1] and energy.iloc[-1] > energy.iloc[0]
    encode(result.picture)


@pytest.mark.parametrize(
    "changes", [{"count": 3, "method": "euler", "step": 1.0}, {"count": 2, "method": "nesterov", "step": 50.0}]
)
def test_scattered_atoms_are_no_saddle(changes):
    """So far apart that forces and curvatures are rounding: they fulfil the stop criterion, and are at no rest."""
    result = run(ClusterConfig(**changes))
    assert "out of the others' reach" in named(result)[HELD].incomparable and named(result)[ABOVE].incomparable
    assert "out of each other's reach" in result.notes[0]
    assert not any("minimum" in note or "saddle" in note for note in result.notes)


def test_a_saddle_is_not_called_a_minimum():
    """Three atoms in a row, as a file: no force bends it."""
    system = cluster(3)
    row = torch.zeros(3, 3, dtype=torch.float64)
    row[:, 0] = 2 ** (1 / 6) * torch.tensor([-1.0, 0.0, 1.0])
    for _ in range(60):  # Newton's method along the row
        slope = system.gradient(row[None])[0, 2, 0]
        bend = system.hessian(row[None])[0][[6, 0]][:, 6]
        row[2, 0] -= slope / (bend[0] - bend[1])
        row[0, 0] = -row[2, 0]
    end = endpoint_of(system, row)
    assert end.certificate.negative and not end.certificate.is_minimum
    notes = endpoint_notes(end, system.ground_state)
    assert "a saddle" in notes[0] and notes[1].startswith("It lies") and "minimum 0" not in notes[1]


def test_no_finite_number_left_is_told_too():
    result = run(config("nesterov", step=1.0))
    assert result.verdict.state is State.NOT_COMPARABLE and np.isfinite(result.picture.clock.values).all()
    encode(result.picture)


def test_the_icosahedral_funnel_is_what_the_literature_says():
    found = certify(cluster(38), icosahedral_funnel())
    assert found.is_minimum and abs(found.energy - second_funnel().value) <= second_funnel().floor


def test_both_funnels_draw_back_what_is_shaken():
    result = run(config(start="funnels", count=38))
    assert fine(result)
    assert [panel.title for panel in result.picture.panels] == ["Truncated octahedron", "Icosahedral funnel", "Energy"]
    above = [check for check in result.checks if check.name.startswith("energy above")]
    assert [check.source.split(":")[0] for check in above] == ["−173.928427", "−173.252378"]
    assert set(result.tables["trace"].series) == {"Truncated octahedron", "Icosahedral funnel"}


def test_hopping_counts_its_hits():
    result = run(config("hopping", walks=6, hops=60))
    assert named(result)[ABOVE].agrees and "6 of 6 walks" in result.notes[0]
    lowest = result.tables["search"].query("series == 'lowest so far'")
    assert (np.diff(lowest.energy) <= 0).all() and (np.diff(lowest.x) >= 0).all()
    assert result.tables["walks"].share.iloc[-1] == 1
    assert result.picture.panels[0].captions[-1].startswith("minimum")


@pytest.mark.parametrize(("start", "count"), [("icosahedron", 13), ("given", 13)])
def test_hopping_begins_where_it_is_told(start, count):
    """From the ground state itself, or a file that holds it, the first minimization of every walk finds it."""
    atoms = encode_atoms(cluster(13).start("icosahedron")[0])
    result = run(config("hopping", count=count, start=start, atoms=atoms if start == "given" else "", hops=3))
    assert result.tables["search"].x.iloc[0] == 1 and named(result)[ABOVE].agrees
    assert result.tables["walks"].query("share == 1").x.iloc[0] == 1 and "3 of 3 walks" in result.notes[0]


@pytest.mark.parametrize(
    ("method", "changes"), [("hopping", {}), ("annealing", {}), ("rkc", {"start": "funnels", "count": 38})]
)
def test_every_kind_of_run_keeps_newtons_third_law(method, changes):
    result = run(config(method, **changes))
    laws = [check for check in result.checks if check.name.startswith(("sum of forces", "torque"))]
    assert len(laws) == (4 if changes else 2) and all(check.agrees for check in laws)


def test_the_energy_balance_is_shown_while_the_picture_plays():
    """The live number is the table's: zero at the start, and large where the steps are too long."""
    flow, coarse = run(config("bdf")), run(config("euler", count=13, step=0.0036, start="icosahedron", duration=2.0))
    for result in (flow, coarse):
        live = next(one for one in result.picture.readouts if one.label == "energy not dissipated")
        assert live.unit == "%" and live.values[0] == 0
        assert live.values[-1] == pytest.approx(100 * result.tables["trace"].residual.dropna().iloc[-1], abs=1e-4)
    assert abs(live.values[-1]) > 1
    assert not any(one.label == "energy not dissipated" for one in run(config("lbfgs")).picture.readouts)


def test_hopping_without_a_known_energy():
    result = run(config("hopping", potential="morse", steepness=13.0, count=6))
    assert fine(result) and result.tables["walks"].empty


def test_annealing_is_compared_with_minimizing_at_once():
    result = run(config("annealing", walks=8, duration=5.0))
    assert result.tables["ends"].groupby("series").y.sum().to_dict() == {"cooled slowly": 8, "minimized at once": 8}
    assert result.picture.readouts[0].label == "kT" and result.picture.readouts[0].values[-1] == 0


def test_a_run_can_be_stopped():
    calls = []

    def stop(done: float) -> bool:
        calls.append(done)
        return len(calls) < 3

    with pytest.raises(Cancelled):
        run(config("hopping", count=38, walks=16, hops=200), stop)
    assert len(calls) == 3

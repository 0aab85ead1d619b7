"""The area that the closed curves of a drawing lose, against the law of sharp walls, and what that law leaves out."""

import numpy as np
import pytest
import torch

from demos.contract import Check, State
from demos.gradient_flow import solve
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.drawing import draw_stroke, encode_drawing
from demos.physics.phase_field.drawn_curves import (
    AREA,
    curve_number,
    flat_length,
    grid_speed,
    has_thin_part,
    smallest_radius,
    wall_count,
)
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.run import run


def area_lost(picture: np.ndarray, **changes) -> Check:
    """The row of a drawing's run in L²."""
    config = PhaseFieldConfig(
        method="etdrk2_adaptive", start="drawn", metric="L2", drawing=encode_drawing(picture), **changes
    )
    return next(check for check in run(config).checks if check.name == AREA)


def test_curves_of_a_drawing_are_counted_with_their_sign():
    inside = np.zeros((12, 12), bool)
    inside[2:8, 2:8] = True
    assert curve_number(inside) == 1 and curve_number(~inside) == -1
    inside[4:6, 4:6] = False
    assert curve_number(inside) == 0
    band = np.zeros((12, 12), bool)
    band[3:6] = True
    assert curve_number(band) == 0


def test_a_drawn_disc_loses_area_as_its_curve_says():
    picture = draw_stroke(None, np.array([[0.5, 0.5], [0.5, 0.5]]), 0.3, "add")
    row = area_lost(picture, grid="128", duration=100.0)
    assert row.agrees and row.truth == pytest.approx(2 * np.pi)


BAND, RING = [[0.0, 0.5], [1.0, 0.5]], [[0.5 + 0.3 * np.cos(a), 0.5 + 0.3 * np.sin(a)] for a in np.linspace(0, 6.3, 60)]
CROSS = [([[0.2, 0.5], [0.8, 0.5]], 0.08), ([[0.5, 0.2], [0.5, 0.8]], 0.08)]


@pytest.mark.parametrize(
    ("strokes", "grid", "state"),
    [
        ([(BAND, 0.15)], "128", State.AGREES),
        ([(RING, 0.05)], "64", State.NOT_COMPARABLE),
        ([(RING, 0.1)], "128", State.AGREES),
        (CROSS, "64", State.NOT_COMPARABLE),
        ([([[0.4, 0.75], [0.4, 0.75]], 0.06), ([[0.75, 0.25], [0.75, 0.75]], 0.17)], "128", State.NOT_COMPARABLE),
    ],
    ids=["a band", "a thin ring", "a thick ring", "a cross", "a small disc beside a large one"],
)
def test_walls_that_attract_or_feel_the_grid_are_not_called_wrong(strokes, grid, state):
    """A ring of 4.5 walls loses area though its curves cancel, and the grid moves a band's flat walls by 1.5e-3. The
    radius was that of two discs of the same size; a cross of thin arms is bent too sharply all along."""
    picture = None
    for places, radius in strokes:
        picture = draw_stroke(picture, np.array(places), radius, "add")
    duration = 30.0 if grid == "128" else 20.0
    row = area_lost(picture, grid=grid, duration=duration)
    assert row.state is state, row


@pytest.mark.parametrize("gamma", [1.0, 1.5, 2.0])
def test_a_grid_moves_a_flat_wall_as_its_lattice_sum_says(gamma):
    """From eight places between two points; the gradient's energy, which the sum leaves out, takes away about half."""
    field, speeds = PhaseField(64, gamma, "L2"), []
    x = field.torus.coordinates()[1]
    for place in np.linspace(0, 1, 8, endpoint=False):
        wall = torch.tanh((16 - (x - place).abs()) / field.width).expand(1, 64, 64).clone()
        path = solve(field.system().flow(), wall, 0.05 * np.arange(141), "etdrk2", record=[6.0, 7.0], stabilizer=0.0)
        speeds.append(float((path.states[1] - path.states[0])[0, 0, 32:].sum()) / 2)  # of the right wall
    assert 0.4 < np.abs(speeds).max() / grid_speed(field.width, 1.0) < 1


def test_flat_walls_and_thin_parts_of_a_mask():
    y, x = np.mgrid[-32:32, -32:32]
    disc, band, ring = x**2 + y**2 < 400, abs(y) < 8, abs(np.hypot(x, y) - 20) < 3
    assert [wall_count(mask) for mask in (disc, ~disc, ring, band, band.T)] == [1, 1, 2, 2, 2]
    assert flat_length(disc) == 0 and flat_length(band) == flat_length(band.T) == 128
    assert flat_length((abs(x) < 16) & (abs(y) < 16)) == 4 * 31
    touching = disc | ((x - 29) ** 2 + y**2 < 100)
    square, masks = (abs(x) < 16) & (abs(y) < 16), (disc, band, ring, ~ring, touching)
    assert [has_thin_part(mask, 4.2) for mask in masks] == [False, False, True, True, True]
    assert not has_thin_part(square & ~((abs(x) > 13) & (abs(y) > 13)), 4.2)
    assert smallest_radius(disc) == pytest.approx(20, abs=0.1) and smallest_radius(ring) == pytest.approx(
        240**0.5, abs=0.2
    )  # 23² − 17²

"""A visitor's own data as text: there and back, and what is refused."""

import numpy as np
import pytest
import torch

from demos.physics.clusters.xyz_text import decode_atoms, encode_atoms
from demos.physics.config import EnergyConfig
from demos.physics.phase_field.drawing import LETTERS, SIDE, draw_stroke, encode_drawing, read_drawing


@pytest.mark.parametrize("count", [2, 13, 75])
def test_atoms_come_back(count):
    positions = torch.from_numpy(np.random.default_rng(count).normal(0, 3, (count, 3)))
    text = encode_atoms(positions)
    assert len(text) <= EnergyConfig.controls()["atoms"].most
    centred = positions - positions.mean(0)
    assert (decode_atoms(text) - centred).abs().max() < 1e-4


@pytest.mark.parametrize(
    "positions",
    [
        np.zeros((1, 3)),
        np.zeros((76, 3)),
        np.zeros((4, 2)),
        np.full((4, 3), np.nan),
        np.array([[0, 0, 0], [1e4, 0, 0]]),
    ],
)
def test_atoms_that_cannot_be_text(positions):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        encode_atoms(positions)


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "A" * 11, "A" * 4000])
def test_no_atoms(text):
    with pytest.raises(ValueError, match=r"^.*\.$"):
        decode_atoms(text)


def test_a_drawing_comes_back():
    field = draw_stroke(None, np.array([[0.2, 0.5], [0.8, 0.5]]), 0.1, "add")
    assert field[SIDE // 2, SIDE // 2] == 1 and field[0, 0] == -1
    field = draw_stroke(field, np.array([[0.5, 0.5]]), 0.05, "erase")
    assert field[SIDE // 2, SIDE // 2] == -1 and field[SIDE // 2, SIDE // 4] == 1
    text = encode_drawing(field)
    assert len(text) == LETTERS <= EnergyConfig.controls()["drawing"].most
    assert np.array_equal(read_drawing(text), field)
    assert (draw_stroke(field, np.empty((0, 2)), 0.1, "clear") == -1).all()


def test_the_brush_goes_around_the_edge():
    field = draw_stroke(None, np.array([[0.0, 0.5]]), 0.1, "add")
    assert field[SIDE // 2, 0] == field[SIDE // 2, -1] == 1


@pytest.mark.parametrize("text", ["", "?", "é", "AAAA", "A" * 540])
def test_no_drawing(text):
    with pytest.raises(ValueError, match="not one that this page wrote"):
        read_drawing(text)


def test_strokes_and_pictures_that_are_refused():
    with pytest.raises(ValueError, match="mode"):
        draw_stroke(None, np.zeros((1, 2)), 0.1, "smear")
    with pytest.raises(ValueError, match="stroke"):
        draw_stroke(None, np.array([[np.nan, 0.0]]), 0.1, "add")
    for bad in (np.zeros((3, 3)), np.full((SIDE, SIDE), 2.0), np.full((SIDE, SIDE), np.nan)):
        with pytest.raises(ValueError, match="drawing"):
            encode_drawing(bad)


@pytest.mark.parametrize("system", ["cluster", "phase"])
@pytest.mark.parametrize("name", ["atoms", "drawing"])
def test_what_is_not_ours_is_refused_also_where_it_is_not_used(system, name):
    method = "rkc" if system == "cluster" else "etdrk2_adaptive"
    start = "random" if system == "cluster" else "spinodal"
    with pytest.raises(ValueError, match=f"{name[:-1]}.* not one that this page wrote"):
        EnergyConfig(system=system, method=method, start=start, **{name: "nonsense"})

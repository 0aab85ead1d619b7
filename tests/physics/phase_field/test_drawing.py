"""A painted start as text: there and back, and what is refused."""

import numpy as np
import pytest

from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.drawing import LETTERS, SIDE, draw_stroke, encode_drawing, read_drawing


def test_a_drawing_comes_back():
    field = draw_stroke(None, np.array([[0.2, 0.5], [0.8, 0.5]]), 0.1, "add")
    assert field[SIDE // 2, SIDE // 2] == 1 and field[0, 0] == -1
    field = draw_stroke(field, np.array([[0.5, 0.5]]), 0.05, "erase")
    assert field[SIDE // 2, SIDE // 2] == -1 and field[SIDE // 2, SIDE // 4] == 1
    text = encode_drawing(field)
    assert len(text) == LETTERS <= PhaseFieldConfig.controls()["drawing"].most
    assert np.array_equal(read_drawing(text), field)
    assert (draw_stroke(field, np.empty((0, 2)), 0.1, "clear") == -1).all()


def test_the_brush_goes_around_the_edge():
    field = draw_stroke(None, np.array([[0.0, 0.5]]), 0.1, "add")
    assert field[SIDE // 2, 0] == field[SIDE // 2, -1] == 1


@pytest.mark.parametrize("text", ["", "?", "é", "AAAA", "A" * 540])
def test_no_drawing(text):
    with pytest.raises(ValueError, match="drawing"):
        read_drawing(text)


def test_strokes_and_pictures_that_are_refused():
    with pytest.raises(ValueError, match="mode"):
        draw_stroke(None, np.zeros((1, 2)), 0.1, "smear")
    with pytest.raises(ValueError, match="stroke"):
        draw_stroke(None, np.array([[np.nan, 0.0]]), 0.1, "add")
    for bad in (np.zeros((3, 3)), np.full((SIDE, SIDE), 2.0), np.full((SIDE, SIDE), np.nan)):
        with pytest.raises(ValueError, match="drawing"):
            encode_drawing(bad)

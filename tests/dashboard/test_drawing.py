"""Tests of a visitor's own data on /diffusion: how the brush, the eraser and a file change the config."""

import io
import re

import numpy as np
import pytest

from dashboard.player.player import Stroke
from dashboard.views.diffusion.drawing import Drawing
from demos.diffusion.data import decode_points
from demos.diffusion.demo import DEMO
from demos.diffusion.setup import data_of


class _Controls:
    """The part of Controls that Drawing uses."""

    def __init__(self):
        self.current, self.refusal = DEMO.config(), ""

    def refuse(self, sentence):
        self.refusal = sentence

    def change(self, **values):
        self.current, self.refusal = self.current.replace(**values), ""


@pytest.fixture
def drawing(monkeypatch):
    import streamlit as st

    state: dict = {}
    monkeypatch.setattr(st, "session_state", state)
    controls = _Controls()
    return Drawing(controls, "d"), controls, state


def stroke(mode, *points, radius=0.2):
    return Stroke(0, mode, radius, tuple(points))


def shown(controls) -> np.ndarray:
    assert controls.current.data == "points"
    return decode_points(controls.current.points)


def test_a_stroke_is_shown_where_it_was_drawn(drawing):
    """The points are neither moved nor scaled: they fill the width of the brush, up to the rounding of the encoding."""
    it, controls, _ = drawing
    it.stroke(stroke("add", (1.0, 3.0), (3.0, 3.0)))
    points = shown(controls)
    assert np.abs(points[:, 1] - 3).max() < 0.2 + 1 / 512
    assert points[:, 0].min() == pytest.approx(1, abs=0.3) and points[:, 0].max() == pytest.approx(3, abs=0.3)
    assert data_of(controls.current).view >= 4.4  # the picture is as wide as those of the built-in data


def test_a_drawing_may_fill_the_widest_pictures(drawing):
    """The pictures of 8 Gaussians and the checkerboard reach to 5.3 and 6: a circle of that size is kept and shown."""
    it, controls, _ = drawing
    turn = np.linspace(0, 2 * np.pi, 200)
    it.stroke(stroke("add", *zip(5.2 * np.cos(turn), 5.2 * np.sin(turn), strict=True), radius=0.1))
    assert np.abs(np.linalg.norm(shown(controls), axis=1) - 5.2).max() < 0.11
    assert data_of(controls.current).view > 5.3


def test_drawing_goes_on_at_the_shown_end(drawing):
    it, controls, _ = drawing
    it.stroke(stroke("add", (-3.0, 0.0), (-1.0, 0.0)))
    first = shown(controls)
    it.stroke(stroke("add", (-1.0, 0.0), (3.0, 0.0), radius=0.05))
    points = shown(controls)
    assert np.array_equal(points[: len(first)], first)  # the earlier points are unchanged
    assert np.abs(points[len(first) :, 1]).max() < 0.05 + 1 / 512
    assert np.diff(np.sort(points[:, 0])).max() < 0.2  # no gap


def test_a_dot_is_refused_and_changes_nothing(drawing):
    it, controls, _ = drawing
    it.stroke(stroke("add", (0.5, 0.5)))
    assert controls.current == DEMO.config()
    assert "single point" in controls.refusal
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))
    it.stroke(stroke("add", (3.0, 3.0)))  # the dot of an i
    assert np.sum(shown(controls)[:, 1] > 2) >= 12


def test_erasing_where_it_is_shown_cuts(drawing):
    """The eraser removes the points within its radius, and no others."""
    it, controls, _ = drawing
    it.stroke(stroke("add", (2.0, 3.0), (4.0, 3.0)))
    before = shown(controls)
    it.stroke(stroke("erase", (3.0, 2.0), (3.0, 4.0), radius=0.3))
    after = shown(controls)
    assert np.abs(after[:, 0] - 3).min() > 0.3
    assert np.array_equal(after, before[np.abs(before[:, 0] - 3) > 0.3])
    assert 10 < len(after) < len(before) - 10


@pytest.mark.parametrize("way", ["clear", "erase"])
def test_where_nothing_is_left_the_earlier_data_return(drawing, way):
    it, controls, _ = drawing
    it.stroke(stroke("erase", (0.0, 0.0)))
    assert "nothing drawn" in controls.refusal
    controls.change(data="moons")
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))
    it.stroke(stroke(way, *(() if way == "clear" else ((-1.0, 0.0), (1.0, 0.0))), radius=0.5))
    assert controls.current.data == "moons" and controls.current.points == "" and controls.refusal == ""


def test_a_stroke_replaces_points_that_cannot_be_decoded(drawing):
    it, controls, _ = drawing
    controls.change(data="points", points="not points!")
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))
    assert len(shown(controls)) == 100


def test_old_strokes_do_not_come_back(drawing):
    """A stroke adds to the points on the page, also after a scene was chosen or a file uploaded."""
    it, controls, state = drawing
    it.stroke(stroke("add", (-3.0, -3.0), (-2.0, -3.0)))
    controls.current = DEMO.scenes[0].config
    it.stroke(stroke("add", (2.0, 3.0), (3.0, 3.0)))
    assert shown(controls)[:, 1].min() > 2.5
    state["d"] = named("points.csv", b"0,0\n1,1\n2,4\n")
    it.uploaded(it.read)
    uploaded = shown(controls)
    it.stroke(stroke("add", (2.0, 3.0), (3.0, 3.0)))
    assert np.array_equal(shown(controls)[:3], uploaded) and len(shown(controls)) > 3


def test_a_drawing_has_room_for_any_number_of_strokes(drawing):
    it, controls, _ = drawing
    for i in range(600):
        it.stroke(stroke("add", (-6.4, i / 100 - 3), (6.4, i / 100 - 3)))
    assert controls.refusal == "" and len(shown(controls)) == 2_000
    assert np.abs(shown(controls)).max() == 6  # points outside of the box are clamped to it


def named(name, content):
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"hello\nworld\n", "No line of the file holds two numbers"),
        ("a.csv", b"1,nan\n2,3\n", "at least two different points"),
        ("a.png", b"nothing", "cannot|can be read"),
        ("a.npy", b"\x80\x04\x95", "npy"),
        ("a.exe", b"1,2", ".csv"),
        ("a.csv", b"", "empty"),
    ],
)
def test_bad_upload_is_refused(drawing, name, content, words):
    it, controls, state = drawing

    state["d"] = named(name, content)
    it.uploaded(it.read)
    assert controls.current == DEMO.config()
    assert re.search(words, controls.refusal)


def test_good_upload_becomes_points(drawing):
    it, controls, state = drawing
    state["d"] = named("points.csv", b"x,y\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(20)))
    it.uploaded(it.read)
    assert len(shown(controls)) == 20


def test_notes_on_a_file_are_shown_with_its_points(drawing):
    it, controls, state = drawing
    rows = b"".join(b"%d,%d,%d,%s\n" % (i, i * i, 7 - i, b"ab"[i % 2 : i % 2 + 1]) for i in range(20))
    state["d"] = named("points.csv", b"x,y,z,kind\n" + rows)
    controls.config = controls.current
    assert not it.notes()
    it.uploaded(it.read)
    controls.config = controls.current
    assert any("“z”" in note for note in it.notes()) and any("2 classes: a, b" in note for note in it.notes())
    data = data_of(controls.current)
    assert data.classes == 2 and data.label_names == ("a", "b")
    assert controls.current.replace(target="1", guidance=3.0).target == "1"
    with pytest.raises(ValueError, match="2 classes"):
        controls.current.replace(target="2")
    controls.change(target="1")
    it.stroke(stroke("add", (-1.0, 0.0), (1.0, 0.0)))  # the brush has no classes
    controls.config = controls.current
    assert controls.refusal == "" and controls.current.target == "all" and not it.notes()

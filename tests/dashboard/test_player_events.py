"""Tests that events of the player are validated: impossible ones are dropped, positions are clamped to the panel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.player.events import Drag, Drop, Pick, Stroke, read_drag, read_drop, read_pick, read_stroke
from demos.picture import Field, Handles, Panel, Picture, Points, Readout
from demos.picture.payload import encode
from demos.picture.player import without_comments

CLOUD = Points("cloud", np.zeros((2, 5, 2)))
PANELS = [
    Panel((-1, 3), (0, 2), [Field("f", np.eye(3)), CLOUD], brush=True, pickable=True),
    Panel((-1, 3), (0, 2), [CLOUD, Handles("starts", [[0, 1], [2, 1]])], clickable=True),
]
PAYLOAD = encode(Picture(PANELS, Readout("t", np.arange(2))))
STROKE = {"panel": 0, "mode": "add", "radius": 0.5, "points": [[0, 1], [2.5, 1.5]]}
DRAG = {"panel": 1, "layer": "starts", "index": 1, "x": 2.5, "y": 0.5, "number": 3, "resting": True}
PICK = {"panel": 0, "layer": "cloud", "index": 4, "x": 1.0, "y": 1.5}


def test_a_click_is_read_and_moved_into_its_panel():
    assert read_drop({"panel": 1, "x": 2.5, "y": 0.5}, PAYLOAD) == Drop(1, 2.5, 0.5)
    assert read_drop({"panel": 1, "x": 1e300, "y": -7}, PAYLOAD) == Drop(1, 3.0, 0.0)


@pytest.mark.parametrize("change", [{"panel": 0}, {"panel": 2}, {"panel": -1}, {"x": float("nan")}, {"y": None}])
def test_invalid_clicks_are_dropped(change):
    assert read_drop({"panel": 1, "x": 2.5, "y": 0.5, **change}, PAYLOAD) is None


def test_a_stroke_is_read():
    assert read_stroke(STROKE, PAYLOAD) == Stroke(0, "add", 0.5, ((0.0, 1.0), (2.5, 1.5)))
    cleared = read_stroke({**STROKE, "mode": "clear", "points": []}, PAYLOAD)
    assert cleared.mode == "clear" and cleared.points == ()


def test_a_stroke_is_moved_into_its_panel():
    stroke = read_stroke({**STROKE, "radius": 1e9, "points": [[-1e300, 1], [9, 9]]}, PAYLOAD)
    assert stroke == Stroke(0, "add", 2.0, ((-1.0, 1.0), (3.0, 2.0)))


@pytest.mark.parametrize(
    "change",
    [
        {"panel": 1}, {"panel": 2}, {"panel": -1}, {"panel": "x"}, {"panel": None}, {"panel": float("inf")},
        {"mode": "fill"}, {"mode": None}, {"radius": 0}, {"radius": float("nan")}, {"radius": "wide"},
        {"points": []}, {"points": [[0, 1]] * 501}, {"points": [[0, 1, 2]]}, {"points": "ab"}, {"points": 3},
        {"points": [[0, float("nan")]]}, {"points": [["a", "b"]]}, {"points": {"0": [0, 1]}},
    ],
)  # fmt: skip
def test_invalid_strokes_are_dropped(change):
    assert read_stroke({**STROKE, **change}, PAYLOAD) is None


def test_a_pick_is_read():
    assert read_pick(PICK, PAYLOAD) == (True, Pick(0, "cloud", 4, 1.0, 1.5))
    assert read_pick({**PICK, "index": -1, "layer": ""}, PAYLOAD) == (True, None)


@pytest.mark.parametrize(
    "change",
    [{"panel": 1}, {"panel": 7}, {"index": 5}, {"index": -2}, {"index": "no"}, {"layer": "f"}, {"layer": "other"},
     {"x": float("nan")}, {"layer": None}],
)  # fmt: skip
def test_invalid_picks_are_dropped(change):
    assert read_pick({**PICK, **change}, PAYLOAD) == (False, None)


def test_a_drag_is_read_and_moved_into_its_panel():
    assert read_drag(DRAG, PAYLOAD) == Drag(1, "starts", 1, 2.5, 0.5, True, 3)
    far = read_drag({**DRAG, "x": -1e9, "y": 1e9, "resting": 1}, PAYLOAD)
    assert far == Drag(1, "starts", 1, -1.0, 2.0, False, 3)


@pytest.mark.parametrize(
    "change",
    [{"panel": 0}, {"panel": 2}, {"panel": -1}, {"index": 2}, {"index": -1}, {"index": None}, {"layer": "cloud"},
     {"layer": None}, {"layer": ["starts"]}, {"x": float("nan")}, {"y": "high"}, {"number": "first"}, {"number": None},
     {"number": float("inf")}],
)  # fmt: skip
def test_invalid_drags_are_dropped(change):
    assert read_drag({**DRAG, **change}, PAYLOAD) is None


NUMBERS = st.floats() | st.integers()
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(max_size=5)
ANYTHING = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.text(max_size=6), inner, max_size=4), max_leaves=10)  # fmt: skip
SHAPED = st.fixed_dictionaries({
    "panel": st.integers(-1, 3) | ANYTHING, "mode": st.sampled_from(["add", "erase", "clear"]) | ANYTHING,
    "radius": NUMBERS | ANYTHING, "points": st.lists(st.lists(NUMBERS, min_size=2, max_size=2), max_size=4) | ANYTHING,
    "x": NUMBERS, "y": NUMBERS, "layer": st.sampled_from(["cloud", "starts"]) | ANYTHING,
    "index": st.integers(-3, 9) | ANYTHING, "number": NUMBERS | ANYTHING, "resting": ANYTHING,
})  # fmt: skip


@given(ANYTHING | SHAPED)
def test_any_value_is_read_or_dropped(value):
    drop = read_drop(value, PAYLOAD)
    assert drop is None or (drop.panel == 1 and -1 <= drop.x <= 3 and 0 <= drop.y <= 2)
    fine, pick = read_pick(value, PAYLOAD)
    assert pick is None or (fine and 0 <= pick.index < 5)
    drag = read_drag(value, PAYLOAD)
    if drag is not None:
        assert drag.panel == 1 and drag.index in (0, 1) and -1 <= drag.x <= 3 and 0 <= drag.y <= 2 and drag.number >= 0
    stroke = read_stroke(value, PAYLOAD)
    if stroke is not None:
        assert 0 < stroke.radius <= 2 and len(stroke.points) <= 500 and stroke.panel == 0
        assert all(-1 <= x <= 3 and 0 <= y <= 2 for x, y in stroke.points)


def test_comments_of_the_player_are_not_sent():
    code = "/** What\n *  it does. */\nconst a = 1;  // one\n\n    // two\n    /* three */\n  return `x\n    y`;\n"
    assert without_comments(code) == "const a = 1;  // one\nreturn `x\ny`;"

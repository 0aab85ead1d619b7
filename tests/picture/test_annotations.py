"""Words in the picture: where and when they are shown, and what does not fit is refused by name."""

import numpy as np
import pytest

from demos.gradient_flow.steppers import LARGEST
from demos.picture import Annotation, Mark, Panel, Picture, Points, Readout, frames_within
from demos.picture.payload import decode, encode
from demos.picture.payload.flat import LOST


def picture(values=(0.0, 1.0, 2.0, 3.0), positions=None, annotations=(), **rest):
    frames = len(values)
    places = np.zeros((frames, 3, 2)) if positions is None else positions
    panel = Panel((-1, 1), (-1, 1), [Points("p", places)], annotations=annotations)
    return Picture([panel], Readout("t", np.array(values)), **rest)


def test_annotations_travel_with_their_frames():
    notes = [Annotation("waits", 0.5, 0.1, (1, 2), "right"), Annotation("always", 0, 0)]
    first, second = decode(encode(picture(annotations=notes)))["panels"][0]["annotations"]
    assert (first["first"], first["last"], first["align"]) == (1, 2, "right")
    assert (second["first"], second["last"]) == (0, 3)


@pytest.mark.parametrize(
    "note",
    [
        Annotation("x", float("nan"), 0),
        Annotation("x", 0, 0, (2, 1)),
        Annotation("x", 0, 0, (0, 4)),
        Annotation("x", 0, 0, align="top"),
    ],
)
def test_an_annotation_that_does_not_fit_is_refused(note):
    with pytest.raises(ValueError, match="Annotation 'x' of panel 0"):
        encode(picture(annotations=[note]))


@pytest.mark.parametrize("values", [(0.0, 1.0, 2.0, 4.0), (4.0, 2.0, 1.0, 0.0)])
def test_marks_find_their_frame_on_rising_and_falling_clocks(values):
    (mark,) = decode(encode(picture(values, marks=[Mark(3.0, "here")])))["marks"]
    assert mark["at"] == pytest.approx(2.5 if values[0] == 0 else 0.5) and not mark["beyond"]


def test_a_mark_after_the_end_is_beyond():
    (mark,) = decode(encode(picture(marks=[Mark(33.6, "forgotten")])))["marks"]
    assert mark["beyond"] and mark["at"] == 3


def test_computed_frames_rise_within_the_clock():
    assert decode(encode(picture(computed=(0, 2, 3))))["computed"] == [0, 2, 3]
    for wrong in ((2, 1), (0, 4), (1, 1)):
        with pytest.raises(ValueError, match="computed"):
            encode(picture(computed=wrong))


def test_points_outside_are_counted_on_their_side():
    places = np.zeros((4, 3, 2))
    places[1, 0] = (-5, -5)  # beyond a corner: to the left
    places[1, 1] = (0, 7)
    places[2, 2] = (np.nan, 0)
    places[3, :] = (2, 0)
    counts = decode(encode(picture(positions=places)))["panels"][0]["layers"][0]["beyond"]
    assert np.array_equal(counts, [[0] * 5, [1, 0, 0, 1, 0], [0, 0, 0, 0, 1], [0, 3, 0, 0, 0]])


def test_lost_is_what_the_solver_counts_as_diverged():
    """A coordinate beyond its bound, though it may be finite still."""
    assert LOST == LARGEST
    places = np.zeros((4, 3, 2))
    places[3, 0], places[3, 1], places[2, 2] = (-2e12, 0), (0, 0.5e12), (np.inf, 0)
    counts = decode(encode(picture(positions=places)))["panels"][0]["layers"][0]["beyond"]
    assert np.array_equal(counts[2:], [[0, 0, 0, 0, 1], [0, 0, 0, 1, 1]])


def test_nothing_is_counted_where_all_are_inside():
    assert "beyond" not in decode(encode(picture()))["panels"][0]["layers"][0]


def test_frames_within_a_range_of_the_clock():
    assert frames_within([0, 1, 2, 3], 0.5, 2) == (1, 2)
    assert frames_within([3, 2, 1, 0], 0.5, 2) == (1, 2)
    assert frames_within([0, 1], 5, 6) is None

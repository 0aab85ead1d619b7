"""Data from outside: words, drawings and texts are taken whole or refused in one sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.diffusion.data import (
    add_stroke,
    decode_classes,
    decode_points,
    encode_points,
    erase,
    from_points,
    points_from_word,
)
from tests.examples import examples


def test_word():
    points = points_from_word("Il")
    assert points.shape == (1_000, 2)
    assert np.array_equal(points, points_from_word("Il"))
    with pytest.raises(ValueError, match="no letter"):
        points_from_word("   ")
    with pytest.raises(ValueError, match="500 letters"):
        points_from_word("a" * 500)
    with pytest.raises(ValueError, match="no letter"):
        points_from_word("\n\t")


@pytest.mark.parametrize("word", ["你好", "日本", "ok🙂", "\u3164", "\u2800", "\u0301"])
def test_letters_that_the_font_lacks_are_refused(word):
    """Rather than drawn as boxes, in one sentence that names the first of them."""
    with pytest.raises(ValueError, match="is not in the font") as caught:
        points_from_word(word)
    assert f"“{word.lstrip('oke')[0]}”" in str(caught.value)


@pytest.mark.parametrize(
    ("word", "wider"),  # than high
    [
        ("Müller", 3.5),
        ("é", 0.55),
        ("São", 2),
        ("ß", 0.62),
        ("ñ", 0.54),
        ("€", 0.7),
        ("x²", 0.94),
        ("Ωπθ", 2),
        ("Привет", 3.7),
    ],
)
def test_words_of_other_letters(word, wider):
    """Source Sans, which ships with Streamlit, has accents, Greek and Cyrillic."""
    width, height = np.ptp(points_from_word(word), axis=0)
    assert width / height == pytest.approx(wider, rel=0.15)


def test_an_accent_typed_apart_is_the_letter_with_it():
    assert np.array_equal(points_from_word("e\u0301"), points_from_word("é"))
    above = points_from_word("é")  # the accent stands above the letter, apart from it
    heights = np.histogram(above[:, 1], bins=40, range=(-4, 4))[0]
    gap = np.flatnonzero(heights == 0)
    assert len(gap) and heights[: gap[0]].sum() > 0.7 * len(above)


def test_points_are_even_along_a_stroke():
    none = np.empty((0, 2))
    corner = add_stroke(none, [(0, 0), (3, 0), (3, 1)], 0.0)
    assert (corner[:, 1] == 0).mean() == pytest.approx(0.75, abs=0.01)
    with_dot = add_stroke(corner, [(5, 5)], 0.5)[len(corner) :]
    assert len(with_dot) == 12 and (np.hypot(*(with_dot - 5).T) <= 0.5).all()
    for first in ([(1, 1)], [(1, 1), (1, 1)], [(i / 1e5, 0) for i in range(30_000)]):
        with pytest.raises(ValueError, match=r"\.$"):
            add_stroke(none, first, 0.1)


def test_a_stroke_is_as_wide_as_the_brush_and_the_eraser_takes_it_whole():
    line = [(-3, 0), (0, 0), (0, 3)]
    points = add_stroke(np.empty((0, 2)), line, 0.3)
    assert len(points) == 300  # 50 a unit of length
    away = np.minimum(
        np.hypot(points[:, 0] - points[:, 0].clip(-3, 0), points[:, 1]),
        np.hypot(points[:, 0], points[:, 1] - points[:, 1].clip(0, 3)),
    )
    assert 0.25 < away.max() <= 0.3
    assert len(erase(points, line, 0.3)) == 0
    half = erase(points, line[:2], 0.3)
    assert 120 < len(half) < 150 and half[:, 1].min() > 0.2
    full = add_stroke(add_stroke(points, [(6.4, -4), (6.4, 4)] * 20, 0.1), [(1, 1)], 0.2)
    assert len(full) == 2_000 and np.abs(full).max() == 6
    assert np.abs(decode_points(encode_points(full, fit=False)) - full).max() <= 0.5 / 341 + 1e-12
    for bad in ([(1, 2, 3)], [(np.inf, 1)], None, ["a"]):
        for change in (add_stroke, erase):
            with pytest.raises(ValueError, match=r"\.$"):
                change(points, bad, 0.1)


@settings(max_examples=examples(200))
@given(st.lists(st.tuples(st.floats(-1e300, 1e300), st.floats(-1e6, 1e6)), min_size=2, max_size=40))
def test_points_survive_as_text(pairs):
    points = np.array(pairs)
    try:
        text = encode_points(points)
    except ValueError:
        smallest = max(1e-11 * np.abs(points).max(), 1e-149)
        assert (
            len(np.unique(points, axis=0)) < 2
            or np.ptp(points, axis=0).max() < smallest
            or np.ptp(points / 2, axis=0).max() > 1e149
        )
        return
    decoded = decode_points(text)
    assert len(text) == 4 * len(points)
    assert np.abs(decoded).max() == 4
    assert np.abs(decode_points(encode_points(decoded)) - decoded).max() <= 1 / 512


def test_classes_travel_with_the_points():
    points, labels = np.array([[0, 0], [1, 1], [2, 0], [3, 3.0]]), np.array([1, 0, 1, 0])
    text = encode_points(points, fit=False, labels=labels, names=("a.b:c", "été"))
    found, names = decode_classes(text)
    assert found.tolist() == [0, 0, 1, 1] and names == ("a b c", "été")
    assert np.abs(decode_points(text) - points[[1, 3, 0, 2]]).max() < 0.5 / 341 + 1e-12
    assert decode_classes(encode_points(points)) == (None, ())
    data = from_points("points", "Points", decode_points(text), labels=found, label_names=names)
    assert data.classes == 2 and data.distribution.shares.tolist() == [0.5, 0.5]
    for bad in (".a:2", ".a:1.b:1", ".a:0.b:4", ".a:x.b:3", ".a:-1.b:5", ".a", ".a:2.b:3", ".a:٢.b:٢"):
        with pytest.raises(ValueError, match=r"\.$"):
            decode_classes(text.partition(".")[0] + bad)


@settings(max_examples=examples(200))
@given(st.text(max_size=60))
def test_any_text_is_points_or_a_sentence(text):
    try:
        points = decode_points(text)
    except ValueError as problem:
        assert str(problem).endswith(".")
        return
    assert np.abs(points).max() <= 2_048 / 341


def test_finite_data_set():
    data = from_points("points", "Points", [(0, 0), (1, 1), (2, 0)])
    assert data.finite
    assert data.classes == 1
    with pytest.raises(ValueError, match="at least two"):
        from_points("points", "Points", [(0, 0)])

"""Data from outside: words, uploads, drawings and texts are taken whole or refused in one sentence."""

import io
import pickle
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from demos.diffusion.data import (
    add_stroke,
    decode_points,
    encode_points,
    erase,
    from_points,
    points_from_upload,
    points_from_word,
)
from tests.examples import examples


def png(array, mode="L"):
    out = io.BytesIO()
    Image.fromarray(array, mode).save(out, "PNG")
    return out.getvalue()


def npy(array, **rest):
    out = io.BytesIO()
    np.save(out, array, **rest)
    return out.getvalue()


BLOB = np.full((40, 60), 255, np.uint8)
BLOB[10:20, 30:50] = 0


@pytest.mark.parametrize(
    "name",
    [
        ("two.csv", b"x,y\n1,2\n3,4\n5,7\n"),
        ("two.csv", "\ufeff1;2\r\n3;4\r\n".encode()),
        ("tabs.CSV", b"1\t2\n3\t4"),
        ("quoted.csv", b'"x","y"\n"1","2"\n\n"3","4"\n'),
        ("spaced.csv", b"\n x y \n 1 2 \n 3  5\n"),
        ("a.npy", npy(np.array([[0, 1], [2, 5]]))),
        ("a.npy", npy(np.array([[0, 1], [2, 5]], np.float16))),
        ("a.png", png(BLOB)),
    ],
    ids=lambda pair: pair[0],
)
def test_good_files(name):
    points = points_from_upload(*name)
    assert points.ndim == 2
    assert points.shape[1] == 2
    assert np.abs(points).max() == pytest.approx(4)


def header(text):
    """An .npy file of version 1 with a header of one's own, and a few numbers."""
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(64)


def zipped_text(most):
    """A .png of one black and one white pixel whose comment unpacks to more than Pillow takes."""
    body = b"zTXtcomment\x00\x00" + zlib.compress(bytes(most))
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    plain = png(np.array([[0, 255]], np.uint8))
    return plain[:33] + chunk + plain[33:]  # after the signature and IHDR


BAD = {
    "empty": ("a.csv", b"", "empty"),
    "text": ("a.csv", b"hello\nworld", "Line 2"),
    "three numbers": ("a.csv", b"1,2,3\n4,5,6", "3 numbers"),
    "one row": ("a.csv", b"1,2", "at least two"),
    "all the same": ("a.csv", b"1,2\n1,2\n1,2", "at least two"),
    "NaN": ("a.csv", b"1,2\nnan,3\n4,5", "not finite"),
    "infinity": ("a.csv", b"1,2\ninf,3", "not finite"),
    "a million rows": ("a.csv", b"1,2\n" * 1_000_000, "more than 200,000"),
    "not UTF-8": ("a.csv", b"\xff\xfe\x00", "UTF-8"),
    "names only": ("a.csv", b"x,y\n", "no numbers"),
    "pickle as npy": ("a.npy", pickle.dumps([1, 2]), "plain numbers"),
    "object array": ("a.npy", npy(np.array([{}, 1], dtype=object), allow_pickle=True), "plain numbers"),
    "wrong shape": ("a.npy", npy(np.zeros((5, 3))), "shape"),
    "complex": ("a.npy", npy(np.zeros((5, 2), complex)), "complex"),
    "cut npy": ("a.npy", npy(np.random.default_rng(0).random((9, 2)))[:-5], "plain numbers"),
    "long header": ("a.npy", b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65_535, "plain numbers"),
    "npy with a size beyond 64 bits": (
        "a.npy",
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 2)}\n" % 2**70),
        "plain numbers",
    ),
    "npy without a type": (
        "a.npy",
        header(b"{'descr': (), 'fortran_order': False, 'shape': (4, 2)}\n"),
        "plain numbers",
    ),
    "npy of open brackets": ("a.npy", header(b"((("), "plain numbers"),
    "npy of an open string": ("a.npy", header(b"'''abc"), "plain numbers"),
    "npy of an open dictionary": ("a.npy", header(b"{\n"), "plain numbers"),
    "a word after empty lines": ("a.csv", b"1,2\n\n\n3,4\nfive,6\n", "Line 5 "),
    "a third number after empty lines": ("a.csv", b"\n1,2\n\n3,4,5\n", "Line 4 "),
    "picture with a huge comment": ("a.png", zipped_text(2 << 20), "not a .png"),
    "npy of a million rows": ("a.npy", npy(np.zeros((300_000, 2), np.float32)), "more than 200,000"),
    "white picture": ("a.png", png(np.full((20, 20), 255, np.uint8)), "no ink"),
    "not a picture": ("a.png", b"\x89PNG\r\n\x1a\nnothing", "cannot|not a"),
    "huge picture": ("a.png", png(np.zeros((2_100, 2_100), np.uint8)), "more than 4,000,000"),
    "kind": ("a.exe", b"MZ", "csv"),
    "no kind": ("points", b"1,2", "csv"),
    "too long": ("a.csv", b"1,2\n" * 2_000_000, "MB"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_one_sentence(case):
    name, content, words = BAD[case]
    with pytest.raises(ValueError, match=words) as caught:
        points_from_upload(name, content)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 160
    assert sentence.endswith(".") or sentence.endswith(").")


def test_upload_is_thinned_and_repeatable():
    content = npy(np.random.default_rng(0).standard_normal((50_000, 2)))
    first, again = points_from_upload("a.npy", content), points_from_upload("a.npy", content)
    assert len(first) == 2_000
    assert np.array_equal(first, again)


def test_picture_keeps_its_shape():
    """A black rectangle 20 × 10 on white: twice as wide as high, upright."""
    points = points_from_upload("a.png", png(BLOB))
    low, high = points.min(0), points.max(0)
    assert (high - low)[0] / (high - low)[1] == pytest.approx(2, rel=0.03)
    tall = np.full((40, 40), 255, np.uint8)
    tall[5:10, 5:35] = tall[10:35, 5:8] = 0  # a bar at the top, and a stem at the left
    points = points_from_upload("a.png", png(tall))
    assert (points[:, 1] > 3).mean() > 0.4
    assert points[points[:, 1] < 0][:, 0].max() < 0


@pytest.mark.parametrize(
    "colors",
    [
        (np.uint16(65_535), np.uint16(300)),
        (np.uint16(20_000), np.uint16(60_000)),  # more than 255 both
        ((255, 0, 0), (0, 255, 0)),
        ((200, 60, 60), (60, 60, 200)),
    ],
    ids=["white", "grey", "red on green", "red on blue"],
)
def test_ink_in_sixteen_bits_and_in_colours_of_one_brightness(colors):
    ground, ink = (np.array(color) for color in colors)
    array = np.where((BLOB == 0).reshape(*BLOB.shape, *[1] * ink.ndim), ink, ground)
    array = array.astype(np.uint8 if ink.ndim else np.uint16)
    points = points_from_upload("a.png", png(array, "RGB" if ink.ndim else None))
    low, high = points.min(0), points.max(0)
    assert (high - low)[0] / (high - low)[1] == pytest.approx(2, rel=0.03)


def test_transparent_picture():
    pixels = np.zeros((30, 30, 4), np.uint8)
    pixels[10:20, 5:25] = 255
    points = points_from_upload("a.png", png(pixels, "RGBA"))
    assert np.ptp(points[:, 0]) == pytest.approx(2 * np.ptp(points[:, 1]), rel=0.05)


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


@pytest.mark.parametrize("word", ["你好", "привет", "ok🙂", "\u3164", "\u2800", "e\u0301"])
def test_letters_that_the_font_lacks_are_refused(word):
    """Rather than drawn as boxes, in one sentence that names the first of them."""
    with pytest.raises(ValueError, match="is not in the font") as caught:
        points_from_word(word)
    assert f"“{word.lstrip('oke')[0]}”" in str(caught.value)


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

"""Uploaded files as people have them: what is read, what is told about it, what is refused in one sentence."""

import gzip
import io
import pickle
import zlib

import numpy as np
import pytest
from PIL import Image

from demos.diffusion.data import read_upload


def png(array, mode="L"):
    out = io.BytesIO()
    Image.fromarray(array, mode).save(out, "PNG")
    return out.getvalue()


def npy(array, **rest):
    out = io.BytesIO()
    np.save(out, array, **rest)
    return out.getvalue()


def npz(**arrays):
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
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
    points = read_upload(*name).points
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
    "text": ("a.csv", b"hello\nworld", "No line of the file holds two numbers; one of its lines is “hello”"),
    "one row": ("a.csv", b"1,2", "at least two"),
    "all the same": ("a.csv", b"1,2\n1,2\n1,2", "at least two"),
    "a million rows": ("a.csv", b"1,2\n" * 1_000_000, "more than 200,000"),
    "names only": ("a.csv", b"x,y\n", "No line of the file holds two numbers"),
    "pickle as npy": ("a.npy", pickle.dumps([1, 2]), "plain numbers"),
    "object array": ("a.npy", npy(np.array([{}, 1], dtype=object), allow_pickle=True), "plain numbers"),
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
    "picture with a huge comment": ("a.png", zipped_text(2 << 20), "not a picture"),
    "npy of a million rows": ("a.npy", npy(np.zeros((300_000, 2), np.float32)), "more than 200,000"),
    "white picture": ("a.png", png(np.full((20, 20), 255, np.uint8)), "no ink"),
    "not a picture": ("a.png", b"\x89PNG\r\n\x1a\nnothing", "not a picture"),
    "one column": ("a.csv", b"x\n1\n2\n3\n", "one column of numbers; two are needed"),
    "one column of an array": ("a.npy", npy(np.zeros((5, 1))), "shape"),
    "an image as an array": ("a.npy", npy(np.zeros((480, 640))), "shape"),
    "complex pairs": ("a.npy", npy(np.zeros((5, 2), complex)), "only one number a point"),
    "mostly missing": ("a.csv", b"x,y\n1,2\nNA,2\n,3\nnan,1\n2,5\n3,\n", "4 of 6 rows lack a number"),
    "rows of all lengths": ("a.csv", b"1,2\n1,2,3\n1,2,3,4\n", "Line [23] of the file holds"),
    "binary as text": ("a.csv", b"\x01\x02\x03,\x04", "not text"),
    "a workbook": ("a.xlsx", b"PK\x03\x04", "save the sheet as .csv"),
    "heic": ("a.heic", b"....ftypheic", "save it as .jpg"),
    "json of nothing": ("a.json", b'{"a": 1}', "no lists of numbers"),
    "json of words": ("a.json", b'["a", "b"]', "no list of points"),
    "broken json": ("a.json", b'{"a": [', "not JSON"),
    "deep json": ("a.json", b"[" * 100_000, "."),
    "a gzip bomb": ("a.csv.gz", gzip.compress(b"1,2\n" * 4_000_000), "unpacks to more than 10 MB"),
    "a cut gzip": ("a.csv.gz", gzip.compress(b"1,2\n3,4\n")[:-9], ".gz file"),
    "an npz bomb": ("a.npz", npz(x=np.zeros((1_000_000, 2))), "unpacks to more than 10 MB"),
    "an npz of words": ("a.npz", npz(a=np.array("b")), "no array of points"),
    "a picture as wide as a bomb": (
        "a.png",
        png(np.zeros((7_000, 7_000), np.uint8)),
        "pixels are more than 40,000,000",
    ),
    "kind": ("a.exe", b"MZ", "csv"),
    "no kind": ("points", b"1,2", "csv"),
    "too long": ("a.csv", b"1,2\n" * 3_000_000, "MB"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_one_sentence(case):
    name, content, words = BAD[case]
    with pytest.raises(ValueError, match=words) as caught:
        read_upload(name, content)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 160
    assert sentence.endswith(".") or sentence.endswith(").")


def test_upload_is_thinned_and_repeatable():
    content = npy(np.random.default_rng(0).standard_normal((50_000, 2)))
    first, again = read_upload("a.npy", content).points, read_upload("a.npy", content).points
    assert len(first) == 2_000
    assert np.array_equal(first, again)


def test_picture_keeps_its_shape():
    """A black rectangle 20 × 10 on white: twice as wide as high, upright."""
    points = read_upload("a.png", png(BLOB)).points
    low, high = points.min(0), points.max(0)
    assert (high - low)[0] / (high - low)[1] == pytest.approx(2, rel=0.03)
    tall = np.full((40, 40), 255, np.uint8)
    tall[5:10, 5:35] = tall[10:35, 5:8] = 0  # a bar at the top, and a stem at the left
    points = read_upload("a.png", png(tall)).points
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
    points = read_upload("a.png", png(array, "RGB" if ink.ndim else None)).points
    low, high = points.min(0), points.max(0)
    assert (high - low)[0] / (high - low)[1] == pytest.approx(2, rel=0.03)


def test_transparent_picture():
    pixels = np.zeros((30, 30, 4), np.uint8)
    pixels[10:20, 5:25] = 255
    points = read_upload("a.png", png(pixels, "RGBA")).points
    assert np.ptp(points[:, 0]) == pytest.approx(2 * np.ptp(points[:, 1]), rel=0.05)


# -- tables
# -- pictures

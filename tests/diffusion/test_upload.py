"""Uploaded files as people have them: what is read, what is told about it, what is refused in one sentence."""

import gzip
import io
import json
import pickle
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from demos.diffusion.data import read_upload
from tests.examples import examples


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

POINTS = np.random.default_rng(0).standard_normal((60, 2)).round(4)
SIDES = np.ptp(POINTS, axis=0)
TRUE = (POINTS - (POINTS.min(0) + POINTS.max(0)) / 2) * (8 / SIDES.max())


def text(row="{a},{b}", head="", comma="."):
    rows = (row.format(i=i, a=a, b=b, c="rgb"[i % 3], k=i % 3) for i, (a, b) in enumerate(POINTS.tolist()))
    return head + "\n".join(rows).replace("." if comma != "." else "\0", comma) + "\n"


RECORDS = np.array([(a, b, "rgb"[i % 3]) for i, (a, b) in enumerate(POINTS)], [("x", float), ("y", float), ("c", "U1")])
SAME = {  # the same points in many spellings: name, content, what the notes say, number of classes
    "comma": ("a.csv", text().encode(), "", 0),
    "Excel in German": ("a.csv", text("{a};{b}", "größe;breite\n", ",").encode("latin-1"), "", 0),
    "Excel in French, with a separator's name": ("a.csv", text("{a};{b}", "sep=;\nx;y\n", ",").encode(), "", 0),
    "decimal commas and tabs": ("a.txt", text("{a}\t{b}", "", ",").encode(), "", 0),
    "decimal commas and blanks": ("a.dat", text("{a} {b}", "", ",").encode(), "", 0),
    "decimal commas in quotes": ("a.csv", text('"{a}","{b}"', "", ",").replace('",', '";').encode(), "", 0),
    "Excel's Unicode text": ("a.txt", text("{a}\t{b}", "x\ty\n").encode("utf-16"), "", 0),
    "UTF-16 without a mark": ("a.csv", text().encode("utf-16-le"), "", 0),
    "a byte-order mark": ("a.csv", text("{a},{b}", "x,y\n").encode("utf-8-sig"), "", 0),
    "pandas": ("a.csv", text("{i},{a},{b}", ",x,y\n").encode(), "only counts the rows", 0),
    "pandas without names": ("a.csv", text("{i},{a},{b}", ",0,1\n").encode(), "only counts the rows", 0),
    "pandas without names or index": ("a.csv", text("{a},{b}", "0,1\n").encode(), "", 0),
    "pandas after a filter": ("a.csv", text("7{i},{a},{b}", ",x,y\n").encode(), "only counts the rows", 0),
    "an index without a name": ("a.csv", text("{i},{a},{b}").encode(), "only counts the rows", 0),
    "R": ("a.csv", text('"{i}" {a} {b}', '"x" "y"\n').encode(), "only counts the rows", 0),
    "x, y, z": ("a.csv", text("{a},{b},1{a}", "x,y,z\n").encode(), "left aside: “z”", 0),
    "x and y at the end": ("a.csv", text("2{a},{b},{a}", "z,y,x\n").encode(), "left aside: “z”", 0),
    "classes as words": ("a.csv", text("{a},{b},{c}", "x,y,colour\n").encode(), "3 classes: b, g, r", 3),
    "classes as words first": ("a.csv", text("{c},{a},{b}").encode(), "3 classes: b, g, r", 3),
    "classes as numbers": ("a.csv", text("{a},{b},{k}", "x,y,label\n").encode(), "3 classes: 0, 1, 2", 3),
    "classes as numbers without a name": ("a.csv", text("{a};{b};{k}").encode(), "3 classes: 0, 1, 2", 3),
    "classes as decimals": ("a.csv", text("{a},{b},{k}.0").encode(), "3 classes: 0, 1, 2", 3),
    "names of places": ("a.csv", text("{a},{b},place {i}", "lon,lat,name\n").encode(), "left aside: “name”", 0),
    "two lines of names": ("a.csv", text("{a},{b}", "x,y\n[cm],[cm]\n").encode(), "", 0),
    "a title, and names": ("a.csv", text("{a},{b}", "My points\n\nx,y\n").encode(), "", 0),
    "NumPy's text": ("a.dat", text("{a} {b}", "# x y\n").encode(), "", 0),
    "comments in the middle": ("a.csv", text().replace("\n", "\n# more\n", 3).encode(), "", 0),
    "a comment after a row": ("a.csv", text().replace("\n", " # first\n", 1).encode(), "", 0),
    "a missing value": ("a.csv", (text() + "nan,3\n").encode(), "Left out 1 row where a number is missing", 0),
    "NA, nothing and infinity": ("a.csv", (text() + "NA,1\n,2\n3,inf\n").encode(), "Left out 3 rows", 0),
    "a typo in the first row": ("a.csv", ("1.0,O.5\n" + text()).encode(), "cannot be read: line 1.", 0),
    "a typo in the middle": ("a.csv", text().replace("\n", "\n1.0,O.5\n", 1).encode(), "cannot be read: line 2.", 0),
    "a short row": ("a.csv", (text() + "4\n").encode(), "Left out 1 line that do not hold 2 values: line 61", 0),
    "a comma at the ends": ("a.csv", text("{a},{b},").encode(), "", 0),
    "a typographic minus": ("a.csv", text().replace("-", "−").encode(), "", 0),
    "bars": ("a.txt", text("{a} | {b}").encode(), "", 0),
    "gzip": ("a.csv.gz", gzip.compress(text().encode()), "", 0),
    "an npz": ("a.npz", npz(points=POINTS), "", 0),
    "an npz of x and y": ("a.npz", npz(x=POINTS[:, 0], y=POINTS[:, 1]), "", 0),
    "an npz with labels": ("a.npz", npz(X=POINTS, y=np.arange(60) % 3), "3 classes: 0, 1, 2", 3),
    "pairs in JSON": ("a.json", json.dumps(POINTS.tolist()).encode(), "", 0),
    "records in JSON": ("a.json", json.dumps([{"x": a, "y": b} for a, b in POINTS.tolist()]).encode(), "", 0),
    "columns in JSON": ("a.json", json.dumps(dict(zip("xy", POINTS.T.tolist(), strict=True))).encode(), "", 0),
    "points in JSON": ("a.json", json.dumps({"points": POINTS.tolist()}).encode(), "", 0),
    "an array of three columns": ("a.npy", npy(np.c_[POINTS, POINTS[:, :1]]), "left aside: column 3", 0),
    "an array with classes": ("a.npy", npy(np.c_[POINTS, np.arange(60) % 3]), "3 classes: 0, 1, 2", 3),
    "an array lying down": ("a.npy", npy(POINTS.T), "", 0),
    "complex numbers": ("a.npy", npy(POINTS[:, 0] + 1j * POINTS[:, 1]), "", 0),
    "records of NumPy": ("a.npy", npy(RECORDS), "3 classes: b, g, r", 3),
    "an array with nan": ("a.npy", npy(np.r_[POINTS, [[np.nan, 1]]]), "Left out 1 row", 0),
    "an array called otherwise": ("a.txt", npy(POINTS), "", 0),
    "an outlier": ("a.csv", (text() + "1e6,0\n").encode(), "1 point very far from all others, such as (1e+06, 0)", 0),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_points_in_many_spellings(case):
    name, content, says, classes = SAME[case]
    found = read_upload(name, content)
    np.testing.assert_allclose(found.points, TRUE, atol=1e-9)
    notes = " ".join(found.notes)
    assert says in notes and bool(says) == bool(notes) and all(note.endswith(".") for note in found.notes)
    assert len(found.names) == classes
    if classes:
        assert np.bincount(found.labels).tolist() == [20, 20, 20]
        word = found.names[found.labels[0]]
        assert word in ("r", "0")
    else:
        assert found.labels is None


@pytest.mark.parametrize("scale", [(1, 100), (1e5, 1), (1, 20), (1e-6, 1e3)])
def test_axes_of_different_units_are_scaled_apart(scale):
    found = read_upload("a.npy", npy(POINTS * scale))
    assert np.ptp(found.points, axis=0) == pytest.approx([8, 8]) and "scaled by itself" in found.notes[-1]


@pytest.mark.parametrize("scale", [(1, 1), (3, 1), (1, 1 / 5)])
def test_axes_of_like_units_keep_their_shape(scale):
    found = read_upload("a.npy", npy(POINTS * scale))
    width, height = np.ptp(found.points, axis=0)
    assert width / height == pytest.approx(SIDES[0] * scale[0] / (SIDES[1] * scale[1])) and not found.notes


def test_a_straight_line_stays_one():
    assert np.ptp(read_upload("a.csv", b"1,5\n2,5\n3,5\n").points, axis=0).tolist() == [8, 0]


def test_two_far_clusters_are_no_outliers():
    both = np.concatenate([POINTS * 0.01, POINTS[:20] * 0.01 + 50])
    assert len(read_upload("a.npy", npy(both)).points) == 80


def test_more_than_eight_classes():
    rows = "".join(f"{i % 7}.5,{i % 11}.5,k{min(i % 16, 11)}\n" for i in range(320))
    found = read_upload("a.csv", rows.encode())
    assert len(found.names) == 8 and found.names[-1] == "other" and "12 classes" in " ".join(found.notes)
    assert found.names[0] == "k0" or "k11" in found.names


def test_many_rows_are_told():
    found = read_upload("a.npy", npy(np.random.default_rng(0).standard_normal((10_000, 2))))
    assert len(found.points) == 2_000 and "2,000 of 10,000" in found.notes[-1]


@settings(max_examples=examples(150), deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text('0123456789.,;\t\n -eE"#xyNA[]{}:', max_size=200).map(str.encode)))
def test_any_file_is_points_or_a_sentence(content):
    for name in ("a.csv", "a.npy", "a.png", "a.json", "a.npz", "a.gz"):
        try:
            found = read_upload(name, content)
        except ValueError as problem:
            assert str(problem).endswith((".", ").")) and "\n" not in str(problem)
            continue
        assert np.isfinite(found.points).all() and np.abs(found.points).max() <= 4 + 1e-9


# -- pictures


def picture(array, kind="PNG", mode=None, **rest):
    out = io.BytesIO()
    Image.fromarray(array, mode).save(out, kind, **rest)
    return out.getvalue()


def bar(height, width, thickness=1 / 8):
    """A dark bar on paper, twice as wide as it is high."""
    pixels = np.full((height, width, 3), 250, np.uint8)
    half = int(width * thickness)
    pixels[height // 2 - half // 2 : height // 2 + half // 2, width // 2 - half : width // 2 + half] = 20
    return pixels


def aspect(found):
    width, height = np.ptp(found.points, axis=0)
    return width / height


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", picture(bar(300, 400))),
        ("a.jpg", picture(bar(300, 400), "JPEG")),
        ("a.png", picture(bar(300, 400), "JPEG")),  # called wrongly
        ("a.gif", picture(bar(300, 400), "GIF")),
        ("a.webp", picture(bar(300, 400), "WEBP")),
        ("a.bmp", picture(bar(300, 400), "BMP")),
        ("a.csv", picture(bar(300, 400))),
        (
            "a.jpg",
            picture(
                np.rot90(bar(300, 400)).copy(),
                "JPEG",
                exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
            ),
        ),
    ],
)
def test_pictures_of_every_kind(name, content):
    found = read_upload(name, content)
    assert aspect(found) == pytest.approx(2, rel=0.08) and not found.notes


@pytest.mark.parametrize("size", [(1600, 2560), (1800, 2880), (2160, 3840), (3024, 4032)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_screens_and_photos_are_made_smaller(size, kind):
    found = read_upload("a.png", picture(bar(*size), kind))
    assert aspect(found) == pytest.approx(2, rel=0.08) and "was made smaller" in found.notes[0]


def test_a_thin_line_on_a_large_screen_is_ink():
    pixels = np.full((2160, 3840), 255, np.uint8)
    pixels[500, 500:2500] = pixels[500:1500, 500] = 0
    assert aspect(read_upload("a.png", picture(pixels))) == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("margin", [0, 40])
def test_a_window_with_round_corners_is_what_is_in_it(margin):
    """macOS cuts the corners and draws a shadow around: what is transparent is outside, not ink."""
    pixels = np.zeros((300 + 2 * margin, 400 + 2 * margin, 4), np.uint8)
    pixels[..., 3] = 40 if margin else 0
    inside = pixels[margin : 300 + margin, margin : 400 + margin]
    inside[:] = (246, 246, 246, 255)
    for corner in (np.s_[:8, :8], np.s_[:8, -8:], np.s_[-8:, :8], np.s_[-8:, -8:]):
        inside[corner][..., 3] = 0
    inside[120:180, 140:260, :3] = 30
    assert aspect(read_upload("a.png", picture(pixels, mode="RGBA"))) == pytest.approx(2, rel=0.05)


def test_a_drawing_on_nothing_is_its_ink():
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[90:110, 80:120] = (200, 30, 30, 255)
    assert aspect(read_upload("a.png", picture(pixels, mode="RGBA"))) == pytest.approx(2, rel=0.08)
    pixels[5:195, 5:195] = (200, 30, 30, 255)  # one colour all over: the shape is the ink
    assert aspect(read_upload("a.png", picture(pixels, mode="RGBA"))) == pytest.approx(1, rel=0.05)

"""Uploaded tables as people have them: separators, decimal commas, units, many rows."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.diffusion.data import read_upload
from tests.diffusion.test_upload import npy, npz
from tests.examples import examples

POINTS = np.random.default_rng(0).standard_normal((60, 2)).round(4)
SIDES = np.ptp(POINTS, axis=0)
TRUE = (POINTS - (POINTS.min(0) + POINTS.max(0)) / 2) * (8 / SIDES.max())


def text(row="{a},{b}", head="", comma="."):
    rows = (row.format(i=i, a=a, b=b, c="rgb"[i % 3], k=i % 3) for i, (a, b) in enumerate(POINTS.tolist()))
    return head + "\n".join(rows).replace("." if comma != "." else "\0", comma) + "\n"


def spelled(row, spell, head="", scale=1):
    """The table with each number written as `spell` does."""
    return (
        head
        + "".join(
            row.format(i=i, a=spell(scale * a), b=spell(scale * b)) + "\n" for i, (a, b) in enumerate(POINTS.tolist())
        )
    ).encode()


def grouped(mark, decimal):
    """A number of thousands with a mark between three digits each."""
    return lambda v: f"{v:,.2f}".translate(str.maketrans({",": mark, ".": decimal}))


COMMA = lambda v: str(v).replace(".", ",")
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
    "decimal commas in quotes between commas": ("a.csv", spelled('{i},"{a}","{b}"', COMMA, "Nr,x,y\n"), "counts", 0),
    "decimal commas between commas": ("a.csv", spelled("{a},{b}", COMMA), "", 0),
    "decimal commas between commas and blanks": ("a.csv", spelled("{a}, {b}", COMMA, "u, v\n"), "", 0),
    "thousands in German": ("a.csv", spelled("{a};{b}", grouped(".", ","), scale=1e4), "", 0),
    "thousands in Swiss": ("a.csv", spelled("{a};{b}", grouped("’", "."), scale=1e4), "", 0),
    "thousands in French": ("a.csv", spelled("{a};{b}", grouped(" ", ","), scale=1e4), "", 0),
    "a unit": ("a.csv", spelled("{a} cm;{b} cm", COMMA), "", 0),
    "percent": ("a.csv", spelled("{a}%,{b}%", str), "", 0),
    "Fortran": ("a.dat", spelled("{a} {b}", lambda v: f"{v:.5e}".replace("e", "D")), "", 0),
    "a dash as minus": ("a.csv", spelled("{a},{b}", lambda v: str(v).replace("-", "–")), "", 0),
    "an index with a name": ("a.csv", spelled("{i};{a};{b}", COMMA, "Messung;Größe;Breite\n"), "counts the rows", 0),
    "a table in Markdown": ("a.txt", text("| {a} | {b} |", "| x | y |\n|---|---|\n").encode(), "", 0),
    "pairs in brackets": ("a.txt", text("({a}, {b}),").encode(), "", 0),
    "printed by NumPy": ("a.txt", str(POINTS).encode(), "", 0),
    "lines of JSON": ("a.jsonl", text('{{"x": {a}, "y": {b}}}').encode(), "", 0),
    "columns in an object in JSON": (
        "a.json",
        json.dumps({"data": dict(zip("xy", POINTS.T.tolist(), strict=True))}).encode(),
        "",
        0,
    ),
    "GeoJSON": (
        "a.geojson",
        json.dumps({"features": [{"geometry": {"coordinates": p}} for p in POINTS.tolist()]}).encode(),
        "",
        0,
    ),
    "an npz for training": ("a.npz", npz(X_test=POINTS[:5], X_train=POINTS, y_train=np.arange(60) % 3), "“x_train”", 3),
    "codes of missing values": ("a.csv", (text() + "-999,-999\n" * 12).encode(), "12 points very far", 0),
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


@pytest.mark.parametrize("cell", [lambda i: f"2024-01-{1 + i % 28:02d}", lambda i: f"station {i % 25}"])
def test_dates_and_places_are_no_classes(cell):
    """28 days in 60 rows: of eight classes the eighth, "other", held 42 of them."""
    rows = "".join(f"{cell(i)},{x},{y}\n" for i, (x, y) in enumerate(POINTS))
    found = read_upload("a.csv", f"when,x,y\n{rows}".encode())
    assert found.labels is None and "left aside: “when”" in found.notes[0] and len(found.points) == 60
    assert read_upload("a.csv", f"class,x,y\n{rows}".encode()).labels is not None


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

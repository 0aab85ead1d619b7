"""XYZ files: what is right comes through exactly, what is wrong is refused in one sentence."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demos.physics.clusters.model import cluster
from demos.physics.clusters.xyz import LARGEST, atoms_of_file, read_xyz

GOOD = "3\nargon\nAr 0 0 0\nAr 1.2 0 0\nAr 0.6 1 0\n"


def test_positions_come_back_to_the_last_digit():
    x = cluster(20).start("random", seed=3)[0]
    x = x - x.mean(0)
    text = "\n".join(["20", "all digits", *(f"Ar {a:.17g} {b:.17g} {c:.17g}" for a, b, c in x.tolist())])
    torch.testing.assert_close(read_xyz(text), x, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n"),
        GOOD + "\n\n",
        GOOD.replace("Ar 0 0 0", "18   0.0\t0e0 -0 17 extra columns"),
        GOOD.replace("argon\n", ""),  # no comment
        GOOD.replace("3\nargon\n", ""),  # nor a number
        "\n \n" + GOOD,
        GOOD.replace("3\n", "3 atoms\n"),
        GOOD.replace("argon", "Å").encode("latin-1"),
        GOOD.encode("utf-16"),
        GOOD + "# end\n",
        GOOD + "\n\n! end",
        GOOD.replace("Ar ", ""),
        GOOD.replace("Ar 1.2 0 0", "Ar, 1.2, 0, 0"),
        GOOD.replace("1.2", "1,2").replace("0.6", "0.6D+00"),
        GOOD.replace("1.2", "5").replace("0.6", "7") + GOOD,  # two frames
        GOOD.replace("1.2", "5") + "\n" + GOOD + "\n",
        GOOD.replace("argon", "Properties=id:I:1:species:S:1:pos:R:3").replace("Ar", "7 Ar"),
        GOOD.replace("argon", 'pbc="F F F" Properties="species:S:1:mass:R:1:pos:R:3:forces:R:3"').replace(
            "Ar", "Ar 39.9"
        ),
        GOOD.replace("argon", "Properties=species:S:1:pos"),
    ],
)
def test_spellings_of_the_same_file(text):
    expected = torch.tensor([[0, 0, 0], [1.2, 0, 0], [0.6, 1, 0]], dtype=torch.float64)
    torch.testing.assert_close(read_xyz(text), expected - expected.mean(0), rtol=0, atol=1e-15)


def triangle(side, name="Ar"):
    return f"3\n\n{name} 0 0 0\n{name} {side} 0 0\n{name} {side / 2} {side * 0.75**0.5} 0\n"


@pytest.mark.parametrize(
    ("text", "rest", "side", "says"),
    [
        (triangle(1.12), 1.122, 1.12, ""),
        (triangle(3.8), 1.122, 3.8 / 3.405, "divided by 3.405, the σ of Ar"),
        (triangle(4.4, "Xe"), 1.122, 4.4 / 3.98, "divided by 3.98, the σ of Xe"),
        (triangle(2.5, "Au"), 1.122, 1.122, "neighbours in the file are 2.5 apart, at rest here 1.12"),
        (triangle(0.38), 1.122, 1.122, "Lengths were divided by 0.339"),  # nanometres
        (triangle(3.8, "LJ"), 1.0, 1.0, "Lengths were divided by 3.8"),
        (triangle(1.2), 1.0, 1.2, ""),
        (triangle(1.0, "C"), 1.122, 1.0, "3 C: all run as Lennard-Jones atoms of one kind"),
        ("3\n\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n", 1.122, 0.96, "2 H, 1 O: all run as Lennard-Jones atoms"),
        (triangle(1.1) + triangle(1.12), 1.122, 1.12, "2 frames; the last one is used"),
    ],
)
def test_what_is_done_to_a_file_is_told(text, rest, side, says):
    atoms = atoms_of_file(text, rest)
    first, second = atoms.positions[:2]
    assert float((first - second).norm()) == pytest.approx(side, rel=1e-6)
    notes = " ".join(atoms.notes)
    assert says in notes and bool(says) == bool(notes) and all(note.endswith(".") for note in atoms.notes)


def test_units():
    torch.testing.assert_close(read_xyz(GOOD, unit=3.4), read_xyz(GOOD) / 3.4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Line 1 is ''; an XYZ file begins with the number of atoms."),
        ("hello world", "Line 1 is 'hello world'"),
        ("-3\n", "Line 1 is '-3'"),
        ("1\n\nAr 0 0 0\n", "The file has 1 atom; 2 to 75 can be used here."),
        ("100000\n\n", "The file has 100000 atoms; 2 to 75"),
        ("9" * 5000, "atoms; 2 to 75"),
        ("3\nargon\nAr 0 0 0\nAr 1 0 0\n", "Line 1 promises 3 atoms, but 2 follow."),
        (GOOD + "Ar 3 3 3\n", "Line 6 comes after the last of the 3 atoms"),
        (GOOD.replace("1.2", "one"), "Line 4 has 'one' where a coordinate must be."),
        (GOOD.replace("1.2", "nan"), "Line 4 has the coordinate nan"),
        (GOOD.replace("1.2", "1e99"), "Line 4 has the coordinate 1e99; it must be from −1,000 to 1,000."),
        (GOOD.replace("1.2 0 0", "1.2 0"), "Line 4 is 'Ar 1.2 0'; it must be a name and three numbers."),
        (b"\x89PNG\x00\xff", "The file is not text"),
        ("3\n" + "x" * LARGEST, "bytes; at most 1,000,000 are read"),
        (GOOD + "2\n\nAr 0 0 0\n", "Line 6 promises 2 atoms, but 1 follow."),
        ("HEADER    PROTEIN\nATOM 1 N\n", "Line 1 is 'HEADER    PROTEIN'; an XYZ file begins"),
    ],
)
def test_refusals_are_one_sentence(text, words):
    with pytest.raises(ValueError) as refused:
        read_xyz(text)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 160 and str(refused.value).count("\n") == 0


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_nothing_else_than_a_refusal_or_positions(data):
    try:
        x = read_xyz(data)
    except ValueError:
        return
    assert x.ndim == 2 and x.shape[1] == 3 and torch.isfinite(x).all()


@given(st.integers(2, 75), st.text(alphabet="0123456789.-+eE naifx\t\n", max_size=400))
def test_nothing_else_where_the_first_line_is_right(count, rest):
    try:
        x = read_xyz(f"{count}\n\n{rest}")
    except ValueError:
        return
    assert x.shape == (count, 3) and torch.isfinite(x).all()

"""XYZ files: what is right comes through exactly, what is wrong is refused in one sentence."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demos.physics.clusters.model import cluster
from demos.physics.clusters.xyz import LARGEST, read_xyz

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
    ],
)
def test_spellings_of_the_same_file(text):
    expected = torch.tensor([[0, 0, 0], [1.2, 0, 0], [0.6, 1, 0]], dtype=torch.float64)
    torch.testing.assert_close(read_xyz(text), expected - expected.mean(0), rtol=0, atol=1e-15)


def test_units():
    torch.testing.assert_close(read_xyz(GOOD, unit=3.4), read_xyz(GOOD) / 3.4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Line 1 is ''; an XYZ file begins with the number of atoms."),
        ("hello world", "Line 1 is 'hello world'"),
        ("-3\n", "Line 1 is '-3'"),
        ("1\n\nAr 0 0 0\n", "The file has 1 atoms; 2 to 75 can be used here."),
        ("100000\n\n", "The file has 100000 atoms; 2 to 75"),
        ("9" * 5000, "atoms; 2 to 75"),
        ("3\nargon\nAr 0 0 0\nAr 1 0 0\n", "Line 1 promises 3 atoms, but 2 follow."),
        (GOOD + "Ar 3 3 3\n", "Line 6 comes after the last of the 3 atoms"),
        (GOOD.replace("1.2", "one"), "Line 4 has 'one' where a coordinate must be."),
        (GOOD.replace("1.2", "nan"), "Line 4 has the coordinate nan"),
        (GOOD.replace("1.2", "1e99"), "Line 4 has the coordinate 1e99; it must be from −1,000 to 1,000."),
        (GOOD.replace("1.2 0 0", "1.2 0"), "Line 4 is 'Ar 1.2 0'; it must be a name and three numbers."),
        (b"\x89PNG\x00\xff", "The file is not text"),
        ("3\n" + "x" * LARGEST, "bytes; an XYZ file of 75 atoms needs fewer than 64,000"),
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

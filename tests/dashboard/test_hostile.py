"""Property tests with malicious or broken formulas and files: each is read, or refused in one sentence."""

from __future__ import annotations

import gzip
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from demos.diffusion.data import read_upload
from demos.landscapes.formula import Formula

NUMBERS = ("nan", "inf", "-inf", "1e309", "-0", "1e-400", "0x10", "1_000", "٣", "½", "9" * 400, "--1", "1,5", "")
TEXTS = (
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${x}",
    "../../etc/passwd",
    "\0",
    "\ud7ff",
    "%00",
    "'; DROP",
    "\u202e",
    "𝒳" * 40,
)
CODE = (
    *("__import__('os').system('id')", "x.__class__", "lambda: 0", "import os", "9**9**9**9", "exp(exp(exp(exp(x))))"),
    *("(" * 500 + "x" + ")" * 500, "x" * 5000, "x y" * 300, "1/0", "sqrt(-1)", "log(0)", "x; y", "x^^2", "∑x", "sin"),
)
PIECES = (
    "x",
    "y",
    "sin",
    "exp",
    "(",
    ")",
    "^",
    "*",
    "/",
    "+",
    "-",
    "1e9",
    ".",
    ",",
    ";",
    "π",
    "²",
    " ",
    "_",
    "\\",
    "$",
)
HEADS = (
    b"",
    b"PK\3\4",
    b"\x1f\x8b",
    b"\x93NUMPY",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"%PDF",
    b"BM",
    b"x,y\n",
    b"[[1,2],",
    b"\xff\xfe",
)


formulas = st.one_of(
    st.sampled_from(CODE), st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.text(max_size=80)
)
words = st.one_of(
    st.sampled_from(NUMBERS + TEXTS), formulas, st.floats().map(repr), st.integers().map(str), st.text(max_size=30)
)


@st.composite
def files(draw) -> tuple[str, bytes]:
    """(name, content) of a file; the content may begin with the signature of a known format."""
    kind = draw(st.sampled_from(("csv", "txt", "npy", "npz", "json", "png", "xlsx", "parquet", "gz", "exe", "")))
    body = draw(st.sampled_from(HEADS)) + draw(
        st.binary(max_size=200) | words.map(lambda text: text.encode("utf-8", "replace"))
    )
    return f"{draw(st.text(max_size=8))}.{kind}", gzip.compress(body) if draw(st.booleans()) else body


def readable(read: Any, *arguments: Any) -> None:
    """Assert that `read(*arguments)` returns a value or raises ValueError with one sentence."""
    try:
        read(*arguments)
    except ValueError as problem:
        assert str(problem).strip() and "\n" not in str(problem), repr(problem)


@given(formulas)
def test_formulas_are_read_or_refused_in_a_sentence(text):
    readable(Formula.parse, text)


@given(files())
def test_files_are_read_or_refused_in_a_sentence(file):
    readable(read_upload, *file)

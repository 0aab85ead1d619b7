"""The message that a visitor reads after an unexpected exception: the program failed, and this is what to report."""

from __future__ import annotations

import dis
import logging
import sysconfig
from pathlib import Path
from typing import Any

import streamlit as st

_log = logging.getLogger(__name__)

WORDS = {
    MemoryError: "There was not enough memory for these settings.",
    OSError: "The server's disk did not take or give what it should.",
}
FAULT = "Something went wrong in the program; your settings are not to blame."
LIBRARIES = tuple(Path(path) for path in {*map(sysconfig.get_path, ("stdlib", "purelib", "platlib"))})


def words(problem: BaseException) -> str:
    """One sentence about the exception. It never quotes the exception's text, which may reveal how the server is set
    up."""
    return next((text for kind, text in WORDS.items() if isinstance(problem, kind)), FAULT)


def is_refusal(problem: BaseException) -> bool:
    """Whether the exception says, in a sentence for the visitor, why these settings are refused.

    That is a ValueError from a `raise` statement of this project. A ValueError of a library, such as NumPy's about the
    shapes of arrays, or of a built-in function, is a fault of the program like any other exception.
    """
    trace = problem.__traceback__
    if not isinstance(problem, ValueError) or trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    if any(Path(code.co_filename).is_relative_to(folder) for folder in LIBRARIES):
        return False
    return any(one.offset == trace.tb_lasti and one.opname == "RAISE_VARARGS" for one in dis.get_instructions(code))


def report(place: Any, problem: BaseException, address: str, instead: str = "") -> None:
    """Show in `place` that the page at `address` failed, and write the traceback into the server's log.

    instead: a sentence about what the page shows instead.
    """
    _log.error("%s failed", address, exc_info=problem)
    with place.container():
        st.error(f"{words(problem)} {instead} If it happens again, please report these lines:".replace("  ", " "))
        st.code(f"{address}\n{type(problem).__name__}", language=None)

"""The message that a visitor reads after an unexpected exception: the program failed, and this is what to report."""

from __future__ import annotations

import logging
from typing import Any

import streamlit as st

_log = logging.getLogger(__name__)

WORDS = {
    MemoryError: "There was not enough memory for these settings.",
    OSError: "The server's disk did not take or give what it should.",
}
FAULT = "Something went wrong in the program; your settings are not to blame."


def words(problem: BaseException) -> str:
    """One sentence about the exception. It never quotes the exception's text, which may reveal how the server is set
    up."""
    return next((text for kind, text in WORDS.items() if isinstance(problem, kind)), FAULT)


def report(place: Any, problem: BaseException, address: str, instead: str = "") -> None:
    """Show in `place` that the page at `address` failed, and write the traceback into the server's log.

    instead: a sentence about what the page shows instead.
    """
    _log.error("%s failed", address, exc_info=problem)
    with place.container():
        st.error(f"{words(problem)} {instead} If it happens again, please report these lines:".replace("  ", " "))
        st.code(f"{address}\n{type(problem).__name__}", language=None)

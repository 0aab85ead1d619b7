"""What a visitor reads where the program itself failed: that it is not his doing, and what to report."""

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
    """One sentence about it. Never the text of the error: it may say how the server is built."""
    return next((text for kind, text in WORDS.items() if isinstance(problem, kind)), FAULT)


def tell(place: Any, problem: BaseException, address: str, instead: str = "") -> None:
    """Tell in `place` that what stands at `address` failed; the server's log has the rest.

    instead: a sentence about what is shown in its place.
    """
    _log.error("%s failed", address, exc_info=problem)
    with place.container():
        st.error(f"{words(problem)} {instead} If it happens again, please report these lines:".replace("  ", " "))
        st.code(f"{address}\n{type(problem).__name__}", language=None)

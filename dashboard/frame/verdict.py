"""The verdict under a picture: its headline, the most important rows, and an expander with the rest."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.frame.glossary import explained
from demos.contract import State, Verdict
from demos.contract.markup import headline, self_tests, table


def explain_once() -> Callable[[str], str]:
    """`explained` for the cells of one table: the function explains each term at its first occurrence in any cell."""
    seen: set[str] = set()
    return lambda text: explained(text, seen)


def spoken(verdict: Verdict) -> str:
    """The headline for screen readers: the state in a word, then the sentence."""
    state = State.DIFFERS if verdict.failing else verdict.state
    return f"{state}: {verdict.headline}"


def draw_verdict(verdict: Verdict, embedded: bool = False, key: str = "rows") -> None:
    """Draw the verdict here; on an embedded page only its headline. key: of the expander of the other rows, by which
    the browser remembers whether it is open, whatever its title says."""
    st.html(headline(verdict, explained))
    if embedded:
        return
    if verdict.shown:
        st.html(table(verdict.shown, explain_once()))
    tests = self_tests(verdict)
    more = f"{len(verdict.folded)} more comparison{'s' if len(verdict.folded) > 1 else ''}" if verdict.folded else ""
    title = ", ".join(text for text in (more, tests) if text)
    if title:
        with st.expander(title[:1].upper() + title[1:], key=key):
            if verdict.folded:
                st.html(table(verdict.folded, explain_once()))
            if verdict.self_tests:
                st.caption("Self-tests check the program, not this picture; they do not count towards the verdict.")
                st.html(table(verdict.self_tests, explain_once()))

"""The verdict under a picture: a headline, the rows that matter, the others folded, the self-tests in one line."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from demos.common.numbers import number
from demos.contract import Check, State, Verdict
from demos.contract.wording import difference_of, judgement, shown, truth_of

CLASSES = {
    State.AGREES: "gf-agrees",
    State.PREDICTED: "gf-predicted",
    State.DIFFERS: "gf-differs",
    State.NOT_COMPARABLE: "gf-unknown",
    State.NO_TRUTH: "gf-unknown",
}
SIGNS = {State.AGREES: "✓", State.PREDICTED: "≈", State.DIFFERS: "✗", State.NOT_COMPARABLE: "?", State.NO_TRUTH: "–"}
"""Beside the colour, for those who cannot tell colours apart."""


def headline(verdict: Verdict) -> str:
    """The headline as HTML, in the colour of its state."""
    state = State.DIFFERS if verdict.failing else verdict.state
    sign = f'<span class="gf-sign" aria-label="{state}">{SIGNS[state]}</span>'
    return f'<p class="gf-headline {CLASSES[state]}" data-state="{state.name}">{sign} {escape(verdict.headline)}</p>'


def table(rows: Sequence[Check]) -> str:
    """The rows as an HTML table: measured, truth, predicted, difference. Everything from a row is escaped."""
    predicted = any(row.predicted is not None for row in rows)
    body = "".join(_row(row, predicted) for row in rows)
    heads = ("", "measured", "truth", *(["predicted"] if predicted else []), "difference", "", "truth from")
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return f'<table class="gf-checks"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(row: Check, predicted: bool) -> str:
    unit = f" {escape(row.unit)}" if row.unit else ""
    error = f' <span class="gf-soft">± {number(row.uncertainty, digits=2)}</span>' if row.uncertainty else ""
    note = f' title="{escape(row.note, quote=True)}"' if row.note else ""
    cells = [f"{shown(row, row.measured)}{error}{unit}", truth_of(row) + (unit if row.truth is not None else "")]
    cells += [shown(row, row.predicted)] if predicted else []
    cells.append(difference_of(row))
    numbers = "".join(f'<td class="gf-number">{cell}</td>' for cell in cells)
    return (
        f'<tr data-state="{row.state.name}"><th scope="row"{note}>{escape(row.name)}</th>{numbers}'
        f'<td class="{CLASSES[row.state]}">{escape(judgement(row))}</td>'
        f'<td class="gf-soft">{escape(row.source)}</td></tr>'
    )


def self_tests(verdict: Verdict) -> str:
    """One line for all self-tests of the code; "" where there are none."""
    count, failing = len(verdict.self_tests), len(verdict.failing)
    if not count:
        return ""
    if failing:
        return f"{failing} of {count} self-tests of the code fail"
    return f"{count} self-test{'s' if count > 1 else ''} of the code pass{'' if count > 1 else 'es'}"


def draw_verdict(verdict: Verdict, embedded: bool = False) -> None:
    """Draw it here; embedded, the headline alone."""
    st.html(headline(verdict))
    if embedded:
        return
    if verdict.shown:
        st.html(table(verdict.shown))
    tests = self_tests(verdict)
    more = f"{len(verdict.folded)} more comparison{'s' if len(verdict.folded) > 1 else ''}" if verdict.folded else ""
    title = ", ".join(text for text in (more, tests) if text)
    if title:
        with st.expander(title[:1].upper() + title[1:]):
            if verdict.folded:
                st.html(table(verdict.folded))
            if verdict.self_tests:
                st.caption("Self-tests check the program, not this picture; they do not count towards the verdict.")
                st.html(table(verdict.self_tests))

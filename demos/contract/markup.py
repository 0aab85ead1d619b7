"""A verdict as HTML: its headline and its rows, for the dashboard and for exported files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from demos.common.numbers import number
from demos.common.typeset import typeset
from demos.contract.check import Check, State
from demos.contract.verdict import Verdict
from demos.contract.wording import difference_of, judgement, predicted_error_of, shown, truth_of

Words = Callable[[str], str]
"""A function from a sentence to HTML: `typeset`, or one that also explains technical terms."""

CLASSES = {
    State.AGREES: "gf-agrees",
    State.PREDICTED: "gf-predicted",
    State.DIFFERS: "gf-differs",
    State.NOT_COMPARABLE: "gf-unknown",
    State.NO_TRUTH: "gf-unknown",
}
SIGNS = {State.AGREES: "✓", State.PREDICTED: "≈", State.DIFFERS: "✗", State.NOT_COMPARABLE: "?", State.NO_TRUTH: "–"}
"""Shown in addition to the colour, for readers who cannot distinguish colours."""


def headline(verdict: Verdict, words: Words = typeset) -> str:
    """The headline as HTML; its sign and its bar have the colour of the verdict's state."""
    state = State.DIFFERS if verdict.failing else verdict.state
    sign = f'<span class="gf-sign" aria-label="{state}">{SIGNS[state]}</span>'
    text = f'<span class="gf-words">{unbroken(words(verdict.headline))}</span>'
    return f'<p class="gf-headline {CLASSES[state]}" data-state="{state.name}">{sign} {text}</p>'


_NUMBER = re.compile(
    r"(?<![\w&#;\"=-])[−+≤≥≈]?\s?[\d][\d.,\u202f]*(?:\s?(?:×\s?10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
    r"(?:\s?±\s?[\d.]+)?(?:\s(?:%|s\.e\.|σ|kT|ε|time units|times)(?!\w))?"
)


def unbroken(html: str) -> str:
    """The HTML with no-break spaces between a number and its sign, its error and its unit."""
    parts = re.split(r"(<[^>]*>)", html)
    return "".join(
        part if part.startswith("<") else _NUMBER.sub(lambda m: re.sub(r"\s", "\u00a0", m[0]), part) for part in parts
    )


def table(rows: Sequence[Check], words: Words = typeset) -> str:
    """The rows as an HTML table: measured, truth, predicted, difference. All text from a row is escaped.

    The source of the truth is the last column; in a narrow table it is a tooltip on the truth instead.
    """
    predicted = any(row.predicted is not None for row in rows)
    body = "".join(_row(row, predicted, words) for row in rows)
    numbers = ("measured", "truth", *(["predicted"] if predicted else []), "difference")
    head = "<td></td>" + "".join(f'<th scope="col" class="gf-number">{text}</th>' for text in numbers)
    head += '<td></td><th scope="col" class="gf-source">truth from</th>'
    return f'<table class="gf-checks"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(row: Check, predicted: bool, words: Words) -> str:
    unit = f" {typeset(row.unit)}" if row.unit else ""
    error = f' <span class="gf-soft">± {number(row.uncertainty, digits=2)}</span>' if row.uncertainty else ""
    note = f' title="{escape(row.note, quote=True)}"' if row.note else ""
    source = f' title="{escape("Truth from: " + row.source, quote=True)}"' if row.source else ""
    truth = truth_of(row) + (unit if row.truth is not None else "")
    cells = [f'<td class="gf-number">{shown(row, row.measured)}{error}{unit}</td>']
    cells += [f'<td class="gf-number"{source}>{truth}</td>']
    if predicted:
        unsure = predicted_error_of(row)
        unsure = f'<span class="gf-soft">{unsure}</span>' if unsure else ""
        cells += [f'<td class="gf-number">{shown(row, row.predicted)}{unsure}</td>']
    cells += [f'<td class="gf-number gf-difference">{difference_of(row)}</td>']
    return (
        f'<tr data-state="{row.state.name}"><th scope="row"{note}>{words(row.name)}</th>{"".join(cells)}'
        f'<td class="{CLASSES[row.state]}">{unbroken(words(judgement(row)))}</td>'
        f'<td class="gf-soft gf-source">{typeset(row.source)}</td></tr>'
    )


def self_tests(verdict: Verdict) -> str:
    """One line of HTML about all self-tests of the code; "" if there are none."""
    count, failing = len(verdict.self_tests), len(verdict.failing)
    if not count:
        return ""
    if failing:
        return f"{failing} of {count} self-tests of the code fail"
    return f"{count} self-test{'s' if count > 1 else ''} of the code pass{'' if count > 1 else 'es'}"

"""What was measured beside what is exact: the table under a picture."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.frame.numbers import number
from demos.contract import Check


def decimals_of(check: Check) -> int:
    """As many that the uncertainty (or the floor, or the difference) shows two digits, and the values three."""
    values = [abs(value) for value in (check.measured, check.exact) if math.isfinite(value)]
    largest = max(values, default=0.0)
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    grains = (check.uncertainty, check.floor, abs(check.error))
    grain = next((grain for grain in grains if math.isfinite(grain) and grain > 0), None)
    if grain is None:
        return 2 - power
    needed = 1 - math.floor(math.log10(grain))
    return min(needed if largest < grain else max(needed, 2 - power), 11 - power)


def values(check: Check) -> tuple[str, str]:
    """Measured and exact, for people: counts as counts, what should vanish with its own size, else alike decimals."""
    if check.bound:
        measured, exact = values(dataclasses.replace(check, bound=False))
        return measured, f"≤ {exact}"
    pair = check.measured, check.exact
    if not check.uncertainty and all(math.isfinite(value) for value in pair):
        if not check.floor and all(value == int(value) and abs(value) < 1e7 for value in pair):
            return number(pair[0], 0), number(pair[1], 0)
        if check.exact == 0 and abs(check.measured) < 1e-3:
            return number(check.measured, digits=2), "0"
    decimals = decimals_of(check)
    return number(pair[0], decimals), number(pair[1], decimals)


def verdict(check: Check) -> str:
    """In words: how far apart the two are, in the only unit that is fair."""
    if not math.isfinite(check.error):
        return "not finite"
    if check.bound and check.error <= 0:
        return "stays below"
    apart = abs(check.error)
    if check.uncertainty > 0 and (apart <= check.sigmas * check.uncertainty or not check.agrees):
        sigma = apart / check.uncertainty
        text = f"{sigma:.1f}" if sigma < 99.95 else number(sigma)
        return f"agrees within {text} σ" if check.agrees else f"off by {text} σ"
    if check.agrees:
        # the difference stands beside it: a wide allowance shows how little was asked
        return "equal" if apart == 0 else f"agrees, {number(check.allowed, digits=2)} allowed"
    return f"off by {number(apart, digits=2)}, allowed {number(check.allowed, digits=2)}"


def table(checks: Sequence[Check]) -> str:
    """The checks as an HTML table; everything from a check is escaped."""
    rows = []
    for check in checks:
        (measured, exact), unit = values(check), f" {escape(check.unit)}" if check.unit else ""
        error = (
            "" if not check.uncertainty else f' <span class="gf-soft">± {number(check.uncertainty, digits=2)}</span>'
        )
        note = f' title="{escape(check.note, quote=True)}"' if check.note else ""
        rows.append(
            f'<tr><th scope="row"{note}>{escape(check.name)}</th>'
            f"<td>{measured}{error}{unit}</td>"
            f"<td>{exact}{unit}</td>"
            f"<td>{number(check.error, digits=2)}</td>"
            f'<td class="{_class(check)}">{escape(verdict(check))}</td>'
            f'<td class="gf-soft">{escape(check.source)}</td></tr>'
        )
    heads = ("", "measured", "exact", "difference", "", "exact from")
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return f'<table class="gf-checks"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def line(checks: Sequence[Check], most: int = 2, broken: Sequence[str] = ()) -> str:
    """One line: how many agree, what broke, then the checks that do not agree, then the first ones."""
    agreeing, parts = sum(check.agrees for check in checks), []
    if checks:
        color = "gf-agrees" if agreeing == len(checks) else "gf-differs"
        parts.append(f'<b class="{color}">{agreeing} of {len(checks)} agree</b>')
    parts += [f'<span class="gf-differs" title="{escape(text, quote=True)}">{escape(text)}</span>' for text in broken]
    for check in sorted(checks, key=lambda check: check.agrees)[:most]:
        (measured, exact), unit = values(check), f" {check.unit}" if check.unit else ""
        text = f"{check.name} {measured}{unit}, exact {exact}{unit}"
        parts.append(f'{escape(text)} <span class="{_class(check)}">({escape(verdict(check))})</span>')
    return f'<div class="gf-line">{" · ".join(parts)}</div>'


def _class(check: Check) -> str:
    return "gf-agrees" if check.agrees else "gf-differs"


def draw_checks(checks: Sequence[Check], one_line: bool = False, broken: Sequence[str] = ()) -> None:
    """Draw them here; `broken` is what the one line tells before them."""
    if one_line:
        st.html(line(checks, broken=broken))
    elif checks:
        st.html(table(checks))

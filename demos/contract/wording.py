"""Text of a check: its numbers and its judgement, the same on the page and on the command line."""

from __future__ import annotations

import math

from demos.common.numbers import number
from demos.contract.check import Check, State

ROUNDING = 1e-12  # relative: a difference below it is printed as 0


def decimals_of(check: Check) -> int:
    """The number of decimals that shows two digits of the uncertainty (else the floor, else the difference) and three
    of the values; no more than five digits of a difference that is much larger than its uncertainty."""
    values = [abs(v) for v in (check.measured, check.truth, check.predicted) if v is not None and math.isfinite(v)]
    largest = max(values, default=0.0)
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    grains = (check.uncertainty, check.floor, abs(check.difference))
    grain = next((grain for grain in grains if math.isfinite(grain) and grain > 0), None)
    if grain is None:
        return 2 - power
    if math.isfinite(check.difference):
        grain = max(grain, abs(check.difference) / 1_000)
    needed = 1 - math.floor(math.log10(grain))
    return min(
        needed if largest < grain else max(needed, 2 - power), 4 - power if not check.uncertainty else 11 - power
    )


def shown(check: Check, value: float | None) -> str:
    """One of the row's numbers, rounded to `decimals_of(check)` decimals; a dash for None."""
    if value is None:
        return "–"
    numbers = [v for v in (check.measured, check.truth, check.predicted) if v is not None]
    counts = not check.uncertainty and not check.floor and all(v == int(v) for v in numbers if math.isfinite(v))
    if counts and all(math.isfinite(v) and abs(v) < 1e7 for v in numbers):
        return number(value, 0)
    largest = max((abs(v) for v in numbers if math.isfinite(v)), default=0.0)
    if 0 < abs(value) < ROUNDING * max(1.0, largest) or value == 0:
        return "0"
    if abs(value) < 1e-3 and check.truth == 0 and not check.uncertainty:
        return number(value, digits=2)
    decimals = decimals_of(check)
    if abs(value) < 0.5 * 10.0**-decimals and value != check.measured:
        return number(value, digits=2)  # a small truth beside a large measured value is not 0
    return number(value, decimals)


def truth_of(check: Check) -> str:
    """The truth as text, with ≤ or ≥ in front where it is a bound."""
    sign = {"upper": "≤ ", "lower": "≥ "}.get(check.bound, "") if check.truth is not None else ""
    return sign + shown(check, check.truth)


def predicted_error_of(check: Check) -> str:
    """The standard error of the prediction as text, where it is the larger one of the two: then it decides."""
    decides = check.predicted is not None and check.predicted_error > check.uncertainty
    return f" ± {number(check.predicted_error, digits=2)}" if decides else ""


def difference_of(check: Check) -> str:
    """measured − truth as text, with the relative difference unless the truth is close to zero."""
    if check.truth is None or not math.isfinite(check.difference):
        return "–"
    if abs(check.difference) <= ROUNDING * max(1.0, abs(check.truth)):
        return "0"
    text = number(check.difference, digits=2)
    small = abs(check.truth) <= 0.05 * max(abs(check.measured), check.allowed)
    return text if small else f"{text} ({percent(check.difference / check.truth)})"


def allowed_of(check: Check) -> str:
    """The largest difference from the truth that still agrees, as text; a dash if there is no truth."""
    return "–" if check.truth is None else number(check.allowed, digits=2)


def percent(share: float) -> str:
    """A relative difference as text: +4 %, −0.02 %, 12 times."""
    if abs(share) >= 10:
        return f"{number(1 + share, digits=2)} times"
    text = number(100 * share, digits=2)
    return f"{'+' if share > 0 else ''}{text} %"


def judgement(check: Check) -> str:
    """The state of the row in words, with its reason or its size."""
    match check.state:
        case State.NOT_COMPARABLE:
            return f"not comparable: {check.incomparable}"
        case State.NO_TRUTH:
            return f"no truth known: {check.why}" if check.why else "no truth known"
        case State.AGREES:
            return _agreeing(check)
        case State.PREDICTED:
            reason = (
                f"as {check.predicted_by or 'this method'} predicts" if check.predicted is not None else check.explained
            )
            return f"off the truth, {reason}"
    value = check.truth if check.predicted is None else check.predicted
    name = "the truth" if check.predicted is None else "the prediction"
    if value is None or not math.isfinite(check.measured):
        return "not finite"
    errors = abs(check.z)
    how = (
        f"{number(errors, digits=2)} standard errors"
        if math.isfinite(errors)
        else number(check.measured - value, digits=2)
    )
    return f"off {name} by {how}"


def _agreeing(check: Check) -> str:
    if check.bound and check.truth is not None:
        return {"upper": "stays below", "lower": "stays above"}[check.bound]
    if math.isfinite(check.z):
        return f"agrees within {abs(check.z):.1f} s.e."
    if check.truth is not None and check.difference == 0:
        return "equal"
    return f"agrees, {number(check.allowed, digits=2)} allowed" if check.floor else "agrees"


def standard_headline(rows: tuple[Check, ...], state: State) -> str:
    """The headline for a demo that gives none."""
    if not rows:
        return "No truth is known to stand beside this picture."
    first = next(row for row in rows if row.state is state)
    if state is State.AGREES:
        return f"This picture agrees with its truth in {len(rows)} of {len(rows)} comparisons."
    return f"{first.name}: {judgement(first)}."

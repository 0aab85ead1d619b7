"""What the scenes say, computed from their runs."""

from __future__ import annotations

from collections.abc import Callable

from demos.contract import Check, Result, State
from demos.contract.scene import Claim, Evidence
from demos.contract.wording import shown

PASSING = (State.AGREES, State.PREDICTED)


def row_of(result: Result, name: str) -> Check | None:
    """The first row about the picture whose name contains all words of `name`."""
    return next((row for row in result.verdict.rows if all(word in row.name for word in name.split("|"))), None)


def claim(*parts: tuple[str, Callable[[Check], bool]]) -> Claim:
    """That each named row is there, is right or off as predicted, and says what is claimed of it."""

    def evidence(result: Result) -> Evidence:
        words, holds = [], True
        for name, test in parts:
            row = row_of(result, name)
            holds = holds and row is not None and row.state in PASSING and bool(test(row))
            words.append(f"{name}: {'no row' if row is None else shown(row, row.measured)}")
        return Evidence(holds, "; ".join(words))

    return evidence


def between(low: float, high: float) -> Callable[[Check], bool]:
    return lambda row: low <= row.measured <= high


def meets_truth(row: Check) -> bool:
    return row.meets_truth


def misses_truth(row: Check) -> bool:
    return row.truth is not None and not row.meets_truth

"""A result as text: the headline, a table of measured and exact values, and notes."""

from __future__ import annotations

from collections.abc import Iterator

from demos.common.numbers import number
from demos.contract import Check, Result
from demos.contract.wording import allowed_of, difference_of, judgement, predicted_error_of, shown, truth_of

HEADS = ("", "measured", "exact", "predicted", "difference", "allowed", "")


def report_of(result: Result) -> str:
    """The whole report of a result."""
    return "\n".join(_lines(result))


def _lines(result: Result) -> Iterator[str]:
    verdict = result.verdict
    yield f"{verdict.state}: {verdict.headline}"
    yield from (f"warning: {line}" for line in result.warnings)
    yield ""
    if verdict.rows:
        yield from _table([HEADS, *(_cells(row) for row in verdict.rows)])
        yield ""
    if verdict.self_tests:
        passing = len(verdict.self_tests) - len(verdict.failing)
        yield f"{passing} of {len(verdict.self_tests)} self-tests of the code pass."
        yield from (f"  {test.name}: {judgement(test)}" for test in verdict.failing)
    yield from result.notes


def _table(cells: list[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table: names left-aligned, numbers right-aligned, the last column not padded."""
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADS) - 1)]
    for name, *numbers, last in cells:
        padded = [text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True)]
        yield "  ".join((name.ljust(widths[0]), *padded, last)).rstrip()


def _cells(row: Check) -> tuple[str, ...]:
    unit = f" {row.unit}" if row.unit else ""
    error = f" ± {number(row.uncertainty, digits=2)}" if row.uncertainty else ""
    measured = shown(row, row.measured) + error + unit
    predicted = shown(row, row.predicted) + predicted_error_of(row)
    return (row.name, measured, truth_of(row), predicted, difference_of(row), allowed_of(row), judgement(row))

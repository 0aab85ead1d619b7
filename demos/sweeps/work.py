"""One run in a worker process, and what of it is returned for the table: not the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from demos.contract import Check, Config, Result
from demos.contract.record import row_of


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run. verdict: the state of its verdict, or FAILED. error: why it failed, in one line. rows: one
    for each check."""

    verdict: str
    headline: str = ""
    error: str = ""
    seconds: float = 0.0
    rows: tuple[dict[str, Any], ...] = ()

    @property
    def failed(self) -> bool:
        return self.verdict == FAILED


FAILED = "failed"


def outcome_of(run: Callable[[Any], Result], config: Config) -> Outcome:
    """The outcome of one run. An exception becomes a failed outcome, because it might not be picklable."""
    begun = perf_counter()
    try:
        result = run(config)
        verdict = result.verdict
        rows = tuple(_row(check) for check in (*verdict.rows, *verdict.self_tests))
        return Outcome(str(verdict.state), verdict.headline, "", perf_counter() - begun, rows)
    except Exception as problem:
        return failure(problem, perf_counter() - begun)


def failure(problem: BaseException | str, seconds: float = 0.0) -> Outcome:
    if isinstance(problem, ValueError):
        problem = str(problem)  # its message is a sentence already
    text = problem if isinstance(problem, str) else f"{type(problem).__name__}: {problem}"
    return Outcome(FAILED, error=" ".join(text.split()) or "failed", seconds=seconds)


OF_ROW = "about measured truth predicted uncertainty predicted_error difference allowed unit state"
ROW = tuple(OF_ROW.split())
"""The entries of `row_of` that are columns of the table, besides the name."""


def _row(check: Check) -> dict[str, Any]:
    row = row_of(check)
    return {"check": check.name, **{name: row[name] for name in ROW}}

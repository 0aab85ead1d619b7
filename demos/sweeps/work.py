"""What one run leaves in the table. Runs in the worker: the picture never travels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from demos.contract import Check, Config, Result
from demos.contract.record import row_of


@dataclass(frozen=True)
class Outcome:
    """verdict: its state, or FAILED. error: why it failed, in one line. rows: one for each check."""

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
    """Of one run, also of one that raises: what it raised may not survive the way back to the caller."""
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
        problem = str(problem)  # a sentence already
    text = problem if isinstance(problem, str) else f"{type(problem).__name__}: {problem}"
    return Outcome(FAILED, error=" ".join(text.split()) or "failed", seconds=seconds)


OF_ROW = "about measured truth predicted uncertainty predicted_error difference allowed unit state"
ROW = tuple(OF_ROW.split())
"""Of `row_of`, what a table keeps of each check beside its name."""


def _row(check: Check) -> dict[str, Any]:
    row = row_of(check)
    return {"check": check.name, **{name: row[name] for name in ROW}}

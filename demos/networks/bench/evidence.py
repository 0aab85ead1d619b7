"""What the claims of scenes read off a result."""

from __future__ import annotations

from demos.contract import Check, Result


def row(result: Result, name: str) -> Check:
    """The first row about the picture whose name begins so; a claim about none is a mistake: StopIteration."""
    return next(check for check in result.verdict.rows if check.name.startswith(name))


def rows(result: Result, name: str) -> list[Check]:
    """All rows about the picture whose names begin so."""
    return [check for check in result.verdict.rows if check.name.startswith(name)]

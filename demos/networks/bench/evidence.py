"""Rows of a result, for the claims of scenes."""

from __future__ import annotations

from demos.contract import Check, Result


def row(result: Result, name: str) -> Check:
    """The first row about the picture whose name begins with `name`. Raises StopIteration where there is none."""
    return next(check for check in result.verdict.rows if check.name.startswith(name))


def rows(result: Result, name: str) -> list[Check]:
    """All rows about the picture whose names begin with `name`."""
    return [check for check in result.verdict.rows if check.name.startswith(name)]

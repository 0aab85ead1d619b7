"""Result: what a run of a demo gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demos.contract.check import Check
from demos.contract.verdict import Verdict
from demos.picture import Picture


@dataclass(frozen=True)
class Result:
    """What a run gives: the moving picture, its verdict, tidy tables for charts, and what happened, in words.

    checks: every row, the most telling about this picture first, self-tests of the code among them. headline: one
    plain sentence that judges this picture, with the number that decides. notes: what else happened. warnings: what
    the settings break, and by how much; a run with a warning cannot have a headline that calls it right.
    """

    picture: Picture
    checks: tuple[Check, ...]
    tables: Mapping[str, Any]  # name -> pandas DataFrame, tidy
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    headline: str = ""

    @property
    def verdict(self) -> Verdict:
        """The headline with the rows about the picture, and the self-tests apart."""
        return Verdict.of(self.headline, self.checks)

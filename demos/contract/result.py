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
    """What a run gives: the moving picture, its checks, tidy tables for charts, and sentences.

    checks: all rows, the most informative about this picture first; self-tests of the code are among them.
    headline: one plain sentence that judges this picture and gives the decisive number. notes: what else happened.
    warnings: which condition of validity the settings violate, and by how much; the headline of a run with a warning
    must not call it correct.
    """

    picture: Picture
    checks: tuple[Check, ...]
    tables: Mapping[str, Any]  # name -> pandas DataFrame, tidy
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    headline: str = ""

    @property
    def verdict(self) -> Verdict:
        """The headline, the rows about the picture, and separately the self-tests."""
        return Verdict.of(self.headline, self.checks)

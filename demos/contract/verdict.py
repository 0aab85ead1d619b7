"""Verdict: what the rows say together about the picture on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from demos.contract.check import Check, State, worst
from demos.contract.wording import standard_headline

SHOWN = 3  # rows under the headline; the rest is folded
EXIT = {State.AGREES: 0, State.DIFFERS: 1, State.NOT_COMPARABLE: 3, State.NO_TRUTH: 3, State.PREDICTED: 4}


@dataclass(frozen=True)
class Verdict:
    """headline: one plain sentence about this picture. rows: about the picture, the most telling first; the demo
    orders them for its config. self_tests: about the code; they never count."""

    headline: str
    rows: tuple[Check, ...]
    self_tests: tuple[Check, ...] = ()

    @classmethod
    def of(cls, headline: str, checks: Iterable[Check]) -> Verdict:
        """From all rows of a run, in the order in which they are to be read."""
        checks = tuple(checks)
        rows = tuple(check for check in checks if check.about == "picture")
        headline = headline or standard_headline(rows, worst(tuple(row.state for row in rows)))
        return cls(headline, rows, tuple(check for check in checks if check.about == "code"))

    @property
    def state(self) -> State:
        """The worst of the rows about the picture: one that differs decides, then one that cannot be compared."""
        return worst(tuple(row.state for row in self.rows))

    @property
    def failing(self) -> tuple[Check, ...]:
        """The self-tests that fail."""
        return tuple(test for test in self.self_tests if test.state is State.DIFFERS)

    @property
    def shown(self) -> tuple[Check, ...]:
        """The first rows, and every later one that differs: an alarm is never folded away."""
        return self.rows[:SHOWN] + tuple(row for row in self.rows[SHOWN:] if row.state is State.DIFFERS)

    @property
    def folded(self) -> tuple[Check, ...]:
        return tuple(row for row in self.rows[SHOWN:] if row.state is not State.DIFFERS)

    @property
    def exit_status(self) -> int:
        """Of the command line: 0 agrees, 1 differs unexplained (also a self-test that fails), 3 not comparable or no
        truth known, 4 differs from the truth as predicted."""
        return 1 if self.failing else EXIT[self.state]

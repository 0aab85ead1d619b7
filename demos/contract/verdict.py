"""Verdict: the overall judgement of the picture on the screen, from all its checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from demos.contract.check import Check, State, worst
from demos.contract.wording import standard_headline

SHOWN = 3  # rows under the headline; the others are collapsed
EXIT = {State.AGREES: 0, State.DIFFERS: 1, State.NOT_COMPARABLE: 3, State.NO_TRUTH: 3, State.PREDICTED: 4}


@dataclass(frozen=True)
class Verdict:
    """The overall judgement of a run.

    headline: one plain sentence about this picture. rows: the checks of the picture, the most informative first; the
    demo orders them for its config. self_tests: the checks of the code; they do not affect `state`.
    """

    headline: str
    rows: tuple[Check, ...]
    self_tests: tuple[Check, ...] = ()

    @classmethod
    def of(cls, headline: str, checks: Iterable[Check]) -> Verdict:
        """The verdict of all checks of a run, in the order of reading; "" gives the standard headline."""
        checks = tuple(checks)
        rows = tuple(check for check in checks if check.about == "picture")
        headline = headline or standard_headline(rows, worst(tuple(row.state for row in rows)))
        return cls(headline, rows, tuple(check for check in checks if check.about == "code"))

    @property
    def state(self) -> State:
        """The worst state of the rows about the picture; see `State` for the order."""
        return worst(tuple(row.state for row in self.rows))

    @property
    def failing(self) -> tuple[Check, ...]:
        """The self-tests that fail."""
        return tuple(test for test in self.self_tests if test.state is State.DIFFERS)

    @property
    def shown(self) -> tuple[Check, ...]:
        """The first rows, and every later one that differs: a failure is never hidden."""
        return self.rows[:SHOWN] + tuple(row for row in self.rows[SHOWN:] if row.state is State.DIFFERS)

    @property
    def folded(self) -> tuple[Check, ...]:
        """The rows that are not `shown`: the page collapses them."""
        return tuple(row for row in self.rows[SHOWN:] if row.state is not State.DIFFERS)

    @property
    def exit_status(self) -> int:
        """Exit status for the command line: 0 agrees, 1 differs without explanation or a self-test fails, 3 not
        comparable or no truth known, 4 differs from the truth as predicted."""
        return 1 if self.failing else EXIT[self.state]

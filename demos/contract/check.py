"""Check: a measured number beside the truth, and beside what this method must give.

Two questions are kept apart. *Truth* is what nature, the data or a table says: Boltzmann's distribution, the best known
minimum, the continuous flow. *Predicted* is what this method at this step, or this sampler with these evaluations,
must give, where that is known. A run that misses the truth as predicted is a lesson; one that misses its prediction
is an alarm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, Self


class State(StrEnum):
    """What a comparison says. The order is that of `worst`."""

    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"
    PREDICTED = "differs as predicted"
    AGREES = "agrees"
    NO_TRUTH = "no truth known"


@dataclass(frozen=True)
class Check:
    """One row: a quantity, measured, true, predicted.

    about: "picture" for the recorded run that is on the screen; "code" for a self-test, which no run can fail.
    truth, predicted: None where they are not known; `why` then says why, where neither is.
    uncertainty: one standard error of `measured`, from the exact distribution or from independent replicas, never from
    the spread of the sample that is judged. predicted_error: one standard error of `predicted`.
    floor: what the comparison cannot see through, a known number (quadrature, rounding, a published digit), in the
    unit of the value; never this run's own error.
    incomparable: why this run cannot be compared, true for this run ("not at rest: …"). explained: why the difference
    from the truth is expected although no number predicts it ("a minimum, but not the lowest"); set it only where
    another row has shown that.
    bound: "upper" where the truth is the most that is possible, "lower" where it is the least.

    Two numbers agree when they differ by at most `sigmas` standard errors plus the floor: 4 by default, which chance
    alone exceeds once in 16,000 times.
    """

    name: str
    measured: float
    truth: float | None
    uncertainty: float = 0.0
    floor: float = 0.0
    unit: str = ""
    source: str = ""  # where the truth comes from
    note: str = ""  # what the quantity is, or what a difference would mean
    sigmas: float = 4.0
    bound: Literal["", "upper", "lower"] = ""
    predicted: float | None = None
    predicted_error: float = 0.0
    predicted_by: str = ""  # where the prediction comes from: "this step", "eight evaluations"
    about: Literal["picture", "code"] = "picture"
    incomparable: str = ""
    explained: str = ""
    why: str = ""
    percentile: float | None = None  # of `measured` among true samples, where the truth is a distribution

    @property
    def difference(self) -> float:
        """measured − truth; NaN where there is no truth."""
        return math.nan if self.truth is None else self.measured - self.truth

    @property
    def allowed(self) -> float:
        """The largest difference from the truth that still agrees."""
        return self.sigmas * self.uncertainty + self.floor

    @property
    def meets_truth(self) -> bool:
        """Whether measured and truth agree; False where there is no truth."""
        return self.truth is not None and self._meets(self.truth, self.uncertainty)

    @property
    def meets_prediction(self) -> bool:
        """Whether measured and predicted agree; False where nothing is predicted."""
        error = math.hypot(self.uncertainty, self.predicted_error)
        return self.predicted is not None and self._meets(self.predicted, error, bounded=False)

    def _meets(self, value: float, error: float, bounded: bool = True) -> bool:
        apart = self.measured - value
        if not math.isfinite(apart):
            return False
        if bounded and self.bound:
            apart = max(0.0, apart if self.bound == "upper" else -apart)
        return abs(apart) <= self.sigmas * error + self.floor

    @property
    def state(self) -> State:
        """What the row says; see `State`."""
        if self.incomparable:
            return State.NOT_COMPARABLE
        if self.truth is None and self.predicted is None:
            return State.NO_TRUTH
        if self.predicted is not None and not self.meets_prediction:
            return State.DIFFERS
        if self.truth is None or self.meets_truth:
            return State.AGREES
        if self.predicted is not None or (self.explained and math.isfinite(self.measured)):
            return State.PREDICTED
        return State.DIFFERS

    @property
    def agrees(self) -> bool:
        return self.state is State.AGREES

    @property
    def z(self) -> float:
        """Standard errors from the prediction, else from the truth; NaN where there is no error bar."""
        value = self.truth if self.predicted is None else self.predicted
        error = math.hypot(self.uncertainty, self.predicted_error if self.predicted is not None else 0.0)
        return math.nan if value is None or error == 0 else (self.measured - value) / error

    def labelled(self, label: str) -> Self:
        """The same row, named after the run that it is about where a picture shows several."""
        return replace(self, name=f"{self.name} · {label}") if label else self


def worst(states: tuple[State, ...]) -> State:
    """The state that decides: the first of `State`'s order that occurs; no truth known where there are none."""
    return next((state for state in State if state in states), State.NO_TRUTH)

"""Check: a measured number, compared with the truth and with what the method predicts.

The two comparisons are separate. *Truth* is the value without any numerical error: Boltzmann's distribution, the best
known minimum, the continuous flow. *Predicted* is the value that this method must give at this step size, or this
sampler with this number of evaluations, where theory gives it. A run that differs from the truth as predicted teaches
something; a run that differs from its prediction is a fault.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, Self


class State(StrEnum):
    """The outcome of a check, in order of precedence: `worst` returns the first that occurs."""

    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"
    PREDICTED = "differs as predicted"
    AGREES = "agrees"
    NO_TRUTH = "no truth known"


@dataclass(frozen=True)
class Check:
    """One row of a verdict: a quantity with its measured, true and predicted value, all in `unit`.

    about: "picture" for a row about the recorded run on the screen; "code" for a self-test, whose result does not
    depend on the run.
    truth, predicted: None if not known. why: the reason, if neither is known.
    uncertainty: one standard error of `measured`, from the exact distribution or from independent replicas, never from
    the spread of the sample that is judged. predicted_error: one standard error of `predicted`.
    floor: the known resolution of the comparison (quadrature error, rounding, last published digit), in the unit of
    the value; never the error of this run.
    incomparable: why this run cannot be compared with the truth ("not at rest: …"); "" if it can.
    explained: why a difference from the truth is expected although no number predicts it ("a minimum, but not the
    lowest"). Set it only if another row has shown the reason.
    bound: "upper" if the truth is the largest possible value, "lower" if it is the smallest.
    Raises ValueError for another `about` or `bound`.

    Two numbers agree if they differ by at most `sigmas` standard errors plus the floor. The default of 4 standard
    errors is exceeded by chance once in 16,000 comparisons. predicted_sigmas: the same for the prediction, where its
    error was estimated from a few replicas and more of it is as rare (Student's t); 0 for `sigmas`.
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
    predicted_sigmas: float = 0.0
    predicted_by: str = ""  # where the prediction comes from: "this step", "eight evaluations"
    about: Literal["picture", "code"] = "picture"
    incomparable: str = ""
    explained: str = ""
    why: str = ""
    percentile: float | None = None  # of `measured` among true samples, where the truth is a distribution

    def __post_init__(self) -> None:
        for name, allowed in (("about", ("picture", "code")), ("bound", ("", "upper", "lower"))):
            if getattr(self, name) not in allowed:  # a verdict would leave out such a row, or its bound
                words = " or ".join(map(repr, allowed))
                raise ValueError(f"{name} = {getattr(self, name)!r} of the row {self.name!r} must be {words}.")

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
        return self.truth is not None and self._meets(self.truth, self.uncertainty, self.sigmas)

    @property
    def meets_prediction(self) -> bool:
        """Whether measured and predicted agree; False where nothing is predicted."""
        error = math.hypot(self.uncertainty, self.predicted_error)
        return self.predicted is not None and self._meets(
            self.predicted, error, self.predicted_sigmas or self.sigmas, bounded=False
        )

    def _meets(self, value: float, error: float, sigmas: float, bounded: bool = True) -> bool:
        apart = self.measured - value
        if not math.isfinite(apart):
            return False
        if bounded and self.bound:
            apart = max(0.0, apart if self.bound == "upper" else -apart)
        return abs(apart) <= sigmas * error + self.floor

    @property
    def state(self) -> State:
        """The outcome of the comparisons; see `State`."""
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
        """Signed distance in standard errors from the prediction (else from the truth); NaN without an error bar."""
        value = self.truth if self.predicted is None else self.predicted
        error = math.hypot(self.uncertainty, self.predicted_error if self.predicted is not None else 0.0)
        return math.nan if value is None or error == 0 else (self.measured - value) / error

    def labelled(self, label: str) -> Self:
        """The same row with the name of its run appended, for pictures that show several runs; unchanged for ""."""
        return replace(self, name=f"{self.name} · {label}") if label else self


def worst(states: tuple[State, ...]) -> State:
    """The worst of these states, in the order of `State`; NO_TRUTH if there are none."""
    return next((state for state in State if state in states), State.NO_TRUTH)

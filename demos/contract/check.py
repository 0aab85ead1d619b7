"""Check: a measured number beside its exact value."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """A measured number beside its exact value.

    `uncertainty` is one standard error of the measurement; `floor` is what the comparison cannot see through
    (quadrature error, a neglected order of the step size, rounding), in the unit of the value. The two agree
    when they differ by no more than `sigmas` standard errors plus the floor: 4 by default, which chance alone
    exceeds once in 16,000 times. Where `exact` is an upper bound, everything below it agrees.
    """

    name: str
    measured: float
    exact: float
    uncertainty: float = 0.0
    floor: float = 0.0
    unit: str = ""
    source: str = ""  # where the exact value comes from
    note: str = ""  # what a difference would mean
    sigmas: float = 4.0
    bound: bool = False  # the exact value is the most that is possible

    @property
    def error(self) -> float:
        return self.measured - self.exact

    @property
    def allowed(self) -> float:
        return self.sigmas * self.uncertainty + self.floor

    @property
    def agrees(self) -> bool:
        return math.isfinite(self.error) and (self.error if self.bound else abs(self.error)) <= self.allowed

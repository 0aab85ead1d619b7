"""Temperatures that change over time: cooling schedules for simulated annealing."""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p

KINDS = ("linear", "exponential", "logarithmic")


@dataclass(frozen=True)
class Cooling:
    """kT(t) from `hot` at t = 0 to `cold` at `duration`, constant before and after; `cold` may be above `hot`.

    "linear"; "exponential", hot (cold/hot)^(t/duration) (Kirkpatrick, Gelatt & Vecchi, Science 220 (1983) 671);
    "logarithmic", where 1/kT grows as log t: the slow cooling that finds the deepest well (Geman & Hwang, SIAM J.
    Control Optim. 24 (1986) 1031). ValueError for another kind, or numbers that are not positive and finite.
    """

    kind: str
    hot: float
    cold: float
    duration: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind = {self.kind!r} is not one of: {', '.join(KINDS)}.")
        for name in ("hot", "cold", "duration"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} = {getattr(self, name)} must be positive and finite.")

    def __call__(self, t: float) -> float:
        """kT at time t."""
        hot, cold, share = self.hot, self.cold, min(max(t / self.duration, 0.0), 1.0)
        if self.kind == "linear":
            return hot + (cold - hot) * share
        if self.kind == "exponential":
            return hot * (cold / hot) ** share
        return 1 / (1 / hot + (1 / cold - 1 / hot) * log1p(self.duration * share) / log1p(self.duration))

    @property
    def hottest(self) -> float:
        return max(self.hot, self.cold)

    @property
    def coldest(self) -> float:
        return min(self.hot, self.cold)

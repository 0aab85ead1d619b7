"""Everything a visitor can change about a phase field."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np

from demos.contract import choice, number, text
from demos.physics.bench.config import (
    SystemConfig,
    duration_field,
    method_field,
    seed_field,
    start_field,
    step_field,
    tolerance_field,
)
from demos.physics.phase_field.drawing import read_drawing
from demos.physics.phase_field.model import PhaseField

STARTS = {
    "spinodal": "Mixture",
    "nucleation": "Small drops",
    "disc": "Disc",
    "two_discs": "Two discs",
    "stripe": "Stripe",
    "star": "Star",
    "drawn": "Your drawing",
}
DURATION = 150.0
LATENESS = 0.1  # timing error of an adaptive step, relative to its length; the energy balance's residual is about that
MOST_EXPLICIT_STEPS = 10_000  # some seconds
MILLISECONDS = {64: 0.25, 128: 0.6, 256: 2.2}  # of one measured step by ETDRK2
RELATIVE_COST = {"etdrk2": 1.0, "semi_implicit": 0.6, "euler": 0.6}


@dataclass(frozen=True)
class PhaseFieldConfig(SystemConfig):
    """One phase field in one metric, or in both side by side, and the method that integrates it."""

    method: str = method_field(("etdrk2_adaptive", "etdrk2", "semi_implicit", "euler"))
    start: str = start_field(STARTS)
    seed: int = seed_field()
    duration: float = duration_field(DURATION)
    step: float = step_field(1e-3)
    tolerance: float = tolerance_field()
    metric: str = choice(
        "H-1",
        "Metric",
        {"L2": "L²: Allen–Cahn", "H-1": "H⁻¹: Cahn–Hilliard", "both": "Both, side by side"},
        group="main",
    )
    gamma: float = number(
        1.0, "Gradient energy γ", low=0.25, high=16.0, scale="log", group="main", help="A wall is √(2γ) wide."
    )
    mean: float = number(0.0, "Mean composition", low=-0.9, high=0.9, step=0.05, group="main")
    grid: str = choice("128", "Grid", {"64": "64²", "128": "128²", "256": "256²"}, group="system")
    stabilizer: float = number(
        0.0,
        "Stabilizer S",
        low=0.0,
        high=4.0,
        step=0.25,
        group="system",
        help="Of the fixed-step methods: what makes any step stable, and slows the clock.",
    )
    drawing: str = text("", "Drawing", most=2_800, group="system", help="A drawn field, as the page writes it.")

    STEPS = {"etdrk2": 0.25, "semi_implicit": 0.25, "euler": 0.01}

    @property
    def fields(self) -> tuple[PhaseField, ...]:
        """One for each metric."""
        metrics = ("L2", "H-1") if self.metric == "both" else (self.metric,)
        return tuple(PhaseField(int(self.grid), self.gamma, metric) for metric in metrics)

    @property
    def drawn_field(self) -> np.ndarray:
        """The drawing (SIDE, SIDE). Raises ValueError where there is none, or a blank one."""
        if not self.drawing:
            raise ValueError("start = drawn needs a drawing: choose Draw under the picture and paint.")
        values = read_drawing(self.drawing)
        if values.min() == values.max():
            raise ValueError("The drawing is blank: paint a domain and leave some of the square free.")
        return values

    @property
    def lateness(self) -> float:
        """The allowed timing error of an adaptive step, relative to its length, from the config's tolerance: 0.1 at
        1e-5. For a disc in H⁻¹ it is halved, because all of its motion is in the first few steps."""
        share = 0.5 * LATENESS if self.start == "disc" and self.metric != "L2" else LATENESS
        return float(np.clip(share * sqrt(self.tolerance / 1e-5), 1e-3, 0.5))

    def check(self) -> None:
        """Raise ValueError for a text that is no drawing, a start that needs one, or a run that takes too long."""
        if self.drawing:  # checked even where it is not used now, because the next stroke would continue it
            read_drawing(self.drawing)
        if self.start == "drawn":
            self.drawn_field  # noqa: B018 - raises ValueError
        super().check()

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """Another method brings its step. Explicit Euler gets a step that is stable for this metric and γ, and a time
        that it can reach; a step that a person then chooses is theirs."""
        now = super().adapt(before, values)
        if now["method"] != "euler":
            return now | ({"duration": DURATION} if before.method == "euler" else {})
        if all(now[name] == getattr(before, name) for name in ("method", "metric", "gamma")):
            return now
        step = _stable_step(now["metric"], now["gamma"])
        return now | {"step": step, "duration": min(now["duration"], MOST_EXPLICIT_STEPS * step)}

    def unused(self) -> frozenset[str]:
        hidden = {"drawing"}  # never a control: the brush writes it
        hidden |= {"stabilizer"} if self.method not in ("etdrk2", "semi_implicit") else set()
        hidden |= {"mean"} if self.start != "spinodal" else set()
        return super().unused() | hidden

    def seconds(self) -> float:
        """The estimated time of a run on one core, from measurements and an estimated number of steps."""
        cost = 1e-3 * MILLISECONDS[int(self.grid)]
        total = 0.1
        for field in self.fields:
            if not self.adapts:
                total += cost * RELATIVE_COST[self.method] * min(self.duration / self.step, 1e9)
                continue
            # in H⁻¹ the motion slows down and adaptive steps grow; in L² the width of the walls limits them
            scale = self.duration / self.gamma
            steps = 25 * scale**0.6 if field.conserved else 6 * self.duration
            total += cost * steps * (LATENESS / self.lateness)
        return total


def _stable_step(metric: str, gamma: float) -> float:
    """0.8 of explicit Euler's stability limit at c = ±1, where f′ = 2; for both metrics the smaller limit."""
    squares = 2 * pi**2  # the largest k² of a grid with one point a unit
    decay = gamma * squares + 2
    return float(f"{0.8 * 2 / (decay * (1.0 if metric == 'L2' else squares)):.1g}")

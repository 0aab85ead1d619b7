"""The settings of charges on a sphere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from demos.physics.bench.config import (
    SystemConfig,
    check_cooling,
    coldest_field,
    count_field,
    duration_field,
    hottest_field,
    iterations_field,
    method_field,
    seed_field,
    start_field,
    step_field,
    tolerance_field,
    walks_field,
)
from demos.physics.charges.model import thomson

DURATION, COOLING = 100.0, 2.0  # default duration of a flow, and of annealing


@dataclass(frozen=True)
class ChargesConfig(SystemConfig):
    """One run of charges on a sphere; see `demos.contract.Config`."""

    STEPS: ClassVar[Mapping[str, float]] = {"euler": 5e-3, "lbfgs": 0.1, "fire": 0.01, "annealing": 1e-3}

    method: str = method_field(("rkc", "dopri5", "euler", "lbfgs", "fire", "starts", "annealing"))
    start: str = start_field({"random": "Random", "spiral": "Spiral"})
    seed: int = seed_field()
    duration: float = duration_field(DURATION)
    step: float = step_field(1e-3)
    iterations: int = iterations_field(1_000)
    tolerance: float = tolerance_field()
    count: int = count_field(37, 100)
    walks: int = walks_field()
    hot: float = hottest_field()
    cold: float = coldest_field()

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """A method brings its step, cooling its own time, and searches begin at random: the last choice wins."""
        now = super().adapt(before, values)
        if (now["start"], now["method"]) == ("spiral", "starts"):
            now = now | ({"method": "rkc"} if now["start"] != before.start else {"start": "random"})
        if (now["method"] == "annealing") != (before.method == "annealing"):
            now = now | {"duration": COOLING if now["method"] == "annealing" else DURATION}
        return now

    def check(self) -> None:
        thomson(self.count)
        check_cooling(self)
        if self.method == "starts" and self.start != "random":
            raise ValueError("Many random starts begin at random: choose that start.")
        super().check()

    def seconds(self) -> float:
        """About how long a run takes on one core, from measurements."""
        size = self.count
        gradient, drawing = 2.5e-5 + 1.2e-8 * size * size, 0.04 + 1e-3 * size
        match self.method:
            case "starts":
                return drawing + self.walks * (2e-3 + 4e-6 * size * size)
            case "annealing":
                return drawing + self.duration / self.step * (6e-5 + self.walks * (5e-7 + 8e-9 * size * size))
            case "dopri5":
                return drawing + self.duration * (1 + 0.55 * size) * 6 * gradient
            case "euler":
                return drawing + min(self.duration / self.step, 1e9) * 1.5 * gradient
            case "rkc":
                return drawing + 2e-3 * size * (1e-5 / self.tolerance) ** 0.4
        return drawing + self.iterations * 2 * gradient

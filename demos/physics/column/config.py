"""What can be changed about the column under load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demos.contract import number, whole
from demos.physics.bench.config import (
    SystemConfig,
    duration_field,
    iterations_field,
    method_field,
    seed_field,
    start_field,
    step_field,
    tolerance_field,
)
from demos.physics.column.model import check_column
from demos.physics.column.reference import EULER, hencky_load


@dataclass(frozen=True)
class ColumnConfig(SystemConfig):
    """One run; see `demos.contract.Config`."""

    method: str = method_field(("rkc", "dopri5", "euler", "lbfgs", "fire"))
    start: str = start_field({"nearly straight": "Nearly straight", "straight": "Straight"})
    seed: int = seed_field()
    duration: float = duration_field(120.0)
    step: float = step_field(1e-3)
    iterations: int = iterations_field(2_000)
    tolerance: float = tolerance_field()
    links: int = whole(20, "Links", low=3, high=100, group="main")
    load: float = number(
        1.2, "Load", low=0.0, high=1.8, step=0.01, unit="π² EI/L²", group="main", help="1 is Euler's load."
    )

    STEPS = {"euler": 0.02, "lbfgs": 0.2, "fire": 0.01}

    @property
    def force(self) -> float:
        """The load P in units of EI/L²."""
        return self.load * EULER

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """A column takes the longer, the nearer its load is to the one at which it buckles: N/|P − P_H| for a factor
        e. A time that a person changes is theirs."""
        values = super().adapt(before, values)
        links, load = values["links"], values["load"]
        if (load, links) == (before.load, before.links) or values["duration"] != before.duration:
            return values
        slow = links / max(abs(load * EULER - hencky_load(links)), 0.05)
        return values | {"duration": min(float(f"{12 * slow:.2g}"), 1e4)}

    def check(self) -> None:
        check_column(self.links, self.force)
        super().check()

    def seconds(self) -> float:
        """The estimated time of a run on one core, interpolated between measurements at 10, 20 and 100 links."""
        size = self.links
        gradient, rest = 4e-5 + 2e-9 * size**2, 0.05 + 5e-6 * size**2
        match self.method:
            case "dopri5":
                return rest + self.duration * 4 * size / 3.3 * 7 * gradient
            case "euler":
                return rest + min(self.duration / self.step, 1e9) * 1.5 * gradient
            case "rkc":
                return rest + (0.1 + 1e-3 * size) * (1e-5 / self.tolerance) ** 0.25
        return rest + min(self.iterations, 100 + 8 * size) * 2 * gradient

"""Everything a visitor can change about a condensate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demos.contract import choice, flag, number
from demos.physics.bench.config import (
    SystemConfig,
    iterations_field,
    method_field,
    seed_field,
    start_field,
    step_field,
)
from demos.physics.condensate.model import GrossPitaevskii

STARTS = {
    "gaussian": "Gaussian",
    "thomas_fermi": "Thomas–Fermi cloud",
    "turbulent": "Turbulent",
    "vortex": "One vortex",
}
WITH_VORTICES = ("turbulent", "vortex")
FINE = 0.2  # largest grid spacing that resolves vortices; where 96 points a side are coarser, 128 are used
MICROSECONDS = {1: 1.2e2, 2: 3.6e2}  # by dimension: one step without rotation, on 512 and 96² points


@dataclass(frozen=True)
class CondensateConfig(SystemConfig):
    """One trapped condensate, at rest or rotating, and the method that computes its ground state."""

    method: str = method_field(("normalized",))
    start: str = start_field(STARTS)
    seed: int = seed_field()
    step: float = step_field(1.0)
    iterations: int = iterations_field(1_000)
    dimensions: str = choice("2", "Dimensions", {"1": "1", "2": "2"}, group="main")
    beta: float = number(62.742, "Interaction β", low=0.0, high=2_000.0, step=0.001, group="main")
    rotation: float = number(
        0.0,
        "Rotation Ω",
        low=0.0,
        high=1.2,
        step=0.01,
        unit="ω",
        group="main",
        help="In trap frequencies. At 1 the gas flies apart.",
    )
    trap: str = choice("harmonic", "Trap", {"harmonic": "Harmonic", "lattice": "With a lattice (1-D)"}, group="system")
    multiplier: bool = flag(
        True,
        "Multiplier μφ in the step",
        group="system",
        help="Without it the normalized flow ends in another state for every step size.",
    )

    STEPS = {"normalized": 1.0}

    @property
    def optimizes(self) -> bool:
        """True: the normalized flow counts steps, not time."""
        return True

    @property
    def condensate(self) -> GrossPitaevskii:
        """The condensate of the config. Raises ValueError where the rotation is too fast."""
        dimensions = int(self.dimensions)
        rotation = self.rotation if dimensions == 2 else 0.0
        trap = self.trap if dimensions == 1 else "harmonic"
        condensate = GrossPitaevskii(dimensions, self.beta, trap, rotation)
        if dimensions == 1:
            return condensate
        points = 96 if rotation == 0 or condensate.width / 96 <= FINE else 128
        return GrossPitaevskii(dimensions, self.beta, trap, rotation, points=points)

    def check(self) -> None:
        """Raise ValueError for too fast a rotation, a start with vortices but no rotation, or too long a run."""
        if self.start in WITH_VORTICES and not self.condensate.is_complex:
            raise ValueError(f"start = {self.start}: {STARTS[self.start]} needs two dimensions and a rotation.")
        super().check()

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """A condensate that begins to rotate gets a start with vortices; one at rest cannot have any."""
        now = super().adapt(before, values)
        stirred = now["rotation"] > 0 and now["dimensions"] == "2"
        if now["start"] in WITH_VORTICES and not stirred:
            chosen = now["start"] != before.start and now["dimensions"] == "2"
            return now | ({"rotation": 0.8} if chosen else {"start": "gaussian"})
        if stirred and before.rotation == 0 and now["rotation"] != before.rotation:
            return now | {"start": "turbulent"}
        return now

    def unused(self) -> frozenset[str]:
        return super().unused() | {"rotation" if self.dimensions == "1" else "trap"}

    def seconds(self) -> float:
        """The estimated time of a run on one core, from measurements per grid point."""
        condensate = self.condensate
        cost = MICROSECONDS[condensate.dimensions] * (2.6 if condensate.is_complex else 1.0)
        if condensate.dimensions == 2:
            cost *= (condensate.points / 96) ** 2
        return 0.1 + 1e-6 * cost * self.iterations + (0.3 if condensate.is_complex else 0.0)

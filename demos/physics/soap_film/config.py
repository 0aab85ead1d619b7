"""Everything a visitor can change about a soap film."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import choice, number, whole
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
from demos.physics.soap_film.model import SoapFilm
from demos.physics.soap_film.reference import CRITICAL_SEPARATION

STARTS = {
    "cylinder": "Cylinder",
    "waist": "Pinched",
    "stable": "Stable catenoid",
    "unstable": "Unstable catenoid",
    "above": "Just above the pass",
    "below": "Just below the pass",
}


@dataclass(frozen=True)
class FilmConfig(SystemConfig):
    """One soap film between two rings of radius R, and the method of its run."""

    method: str = method_field(("rodas3", "rkc", "dopri5", "euler", "lbfgs"))
    start: str = start_field(STARTS)
    seed: int = seed_field()
    duration: float = duration_field(4.0)
    step: float = step_field(1e-3)
    iterations: int = iterations_field(500)
    tolerance: float = tolerance_field()
    separation: float = number(1.0, "Distance of the rings", low=0.1, high=3.0, step=0.005, unit="R", group="main")
    film_metric: str = choice(
        "curvature", "Metric", {"curvature": "Mean curvature", "radius": "Radius"}, group="system"
    )
    pieces: int = whole(60, "Pieces of the profile", low=10, high=200, step=2, group="system")

    STEPS = {"euler": 1e-4, "lbfgs": 0.1}

    @property
    def film(self) -> SoapFilm:
        return SoapFilm(self.separation, self.pieces)

    def check(self) -> None:
        """Raise ValueError for an odd number of pieces, a start that does not exist for this separation, or too long a
        run."""
        if self.pieces % 2:
            raise ValueError(f"pieces = {self.pieces} must be even: the neck is in the middle.")
        if self.start not in self.film.starts():
            raise ValueError(
                f"start = {self.start}: {self.separation:g} radii apart no catenoid spans the rings; "
                "start from a cylinder or pinched."
            )
        super().check()

    def unused(self) -> frozenset[str]:
        return super().unused() | ({"film_metric"} if self.optimizes else frozenset())

    def seconds(self) -> float:
        """The estimated time of a run on one core, from measurements with 60 pieces and their scaling."""
        finest = (self.pieces / self.separation) ** 2
        match self.method:
            case "euler":
                return 0.05 + 1.6e-4 * min(self.duration / self.step, 1e9)
            case "dopri5":
                return 0.05 + 7e-4 * self.duration * finest
            case "lbfgs":
                return 0.05 + 3e-4 * self.iterations
        closes = self.separation > CRITICAL_SEPARATION or self.start == "below"
        if self.method == "rodas3":  # each ring that closes takes steps of its own
            return 0.07 + (0.012 if closes else 3e-4) * self.pieces * (1e-5 / self.tolerance) ** (1 / 3)
        stiff = max(1.0, 1 / self.separation) ** 0.4  # close rings need more stages per step
        return 0.05 + 0.003 * self.pieces * (5.0 if closes else 1.0) * stiff * (1e-5 / self.tolerance) ** 0.3

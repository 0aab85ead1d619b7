"""What can be changed about the network that learns Poisson's equation."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import whole
from demos.physics.bench.config import SystemConfig, iterations_field, method_field, seed_field, step_field
from demos.physics.deep_ritz.model import DeepRitz


@dataclass(frozen=True)
class DeepRitzConfig(SystemConfig):
    """One run; see `demos.contract.Config`. Every method counts iterations here, explicit Euler too."""

    method: str = method_field(("lbfgs", "adam", "heavy_ball", "euler"))
    seed: int = seed_field()
    step: float = step_field(0.05)
    iterations: int = iterations_field(200)
    width: int = whole(24, "Width of the network", low=4, high=64, group="main")

    STEPS = {"lbfgs": 0.05, "adam": 5e-3, "heavy_ball": 5e-3, "euler": 1e-2}

    @property
    def optimizes(self) -> bool:
        return True

    def seconds(self) -> float:
        """The estimated time of a run on one core, from measurements."""
        return 0.1 + (4e-4 + 1e-5 * self.width + 5e-7 * self.width**2) * self.iterations

    def check(self) -> None:
        DeepRitz(self.width)
        super().check()

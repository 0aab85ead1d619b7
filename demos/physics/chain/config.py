"""What can be changed about the hanging chain."""

from __future__ import annotations

from dataclasses import dataclass

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
from demos.physics.chain.model import check_chain
from demos.physics.chain.reference import discrete_catenary


@dataclass(frozen=True)
class ChainConfig(SystemConfig):
    """One run; see `demos.contract.Config`."""

    method: str = method_field(("rkc", "dopri5", "euler", "lbfgs", "fire"))
    start: str = start_field({"zigzag": "Zigzag", "arch": "Arch"})
    seed: int = seed_field()
    duration: float = duration_field(8.0)
    step: float = step_field(1e-3)
    iterations: int = iterations_field(2_000)
    tolerance: float = tolerance_field()
    links: int = whole(20, "Links", low=3, high=100, group="main")
    length: float = number(2.0, "Length of the chain", low=1.01, high=4.0, step=0.01, unit="spans", group="main")

    STEPS = {"euler": 5e-3, "lbfgs": 0.05, "fire": 0.01}

    @property
    def sag(self) -> float:
        """About how far the joints can move, in spans; errors of a step are measured relative to it."""
        return min(1.0, (self.length - 1) ** 0.5)

    def check(self) -> None:
        check_chain(self.links, self.length)
        super().check()

    def seconds(self) -> float:
        """The estimated time of a run on one core, interpolated between measurements at 20, 40 and 100 links."""
        size = self.links
        gradient = 8e-5 + 1.8e-8 * size**2
        match self.method:
            case "dopri5":  # limited by stability: steps of about 3.3/L, L = 4 T/ℓ
                tension = float(discrete_catenary(size, self.length).tensions.max())
                return 0.05 + self.duration * 2.8 * tension * size / self.length / 3.3 * 4 * gradient
            case "euler":
                return 0.05 + min(self.duration / self.step, 1e9) * 2.5 * gradient
            case "rkc":
                return 0.05 + 2.5e-4 * size**1.7 * (1e-5 / self.tolerance / self.sag) ** 0.2
        most = 50 + 2.5 * size if self.method == "lbfgs" else 400 + 5 * size
        return 0.05 + min(self.iterations, most) * 2.5 * gradient

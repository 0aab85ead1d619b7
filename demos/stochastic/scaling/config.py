"""What can be changed about the linear scaling rule."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import number, whole
from demos.stochastic.bench.config import PanelConfig, chains_field, seed_field

LARGEST = 256
STABLE = 2.0  # largest stable lr, in units of 1/h of the steep direction


@dataclass(frozen=True)
class ScalingConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    ratio: float = number(
        0.02,
        "lr/B",
        low=0.005,
        high=0.2,
        scale="log",
        group="main",
        help="The same for all batch sizes; the steep direction has the curvature 1.",
    )
    noise: float = number(2.0, "Gradient noise σ", low=0.2, high=5.0, step=0.1, group="main")
    long_steps: int = whole(
        24, "Steps of the largest batch", low=4, high=60, group="run", help="The others take as long in lr × steps."
    )
    start: float = number(1.0, "Distance of the start", low=0.1, high=5.0, step=0.1, group="data")
    chains: int = chains_field(1_200, 4_000)
    seed: int = seed_field()

    @property
    def sizes(self) -> tuple[int, ...]:
        """The simulated batch sizes: powers of 2 whose learning rate, ratio × B, is stable."""
        return tuple(2**k for k in range(9) if 2**k <= LARGEST and self.ratio * 2**k < STABLE)

    def rate(self, batch: int) -> float:
        return self.ratio * batch

    def seconds(self) -> float:
        steps = 2 * self.long_steps * self.sizes[-1]
        return 0.1 + steps * (6e-5 + 5e-8 * self.chains)

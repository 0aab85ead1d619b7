"""What can be changed about the best batch size for a budget of examples."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import number, whole
from demos.stochastic.bench.config import PanelConfig, chains_field, rate_field, seed_field

LARGEST = 512


@dataclass(frozen=True)
class BatchSizeConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    lr: float = rate_field(0.2, 1.99, help="The steepest direction has the curvature 1: stable below 2.")
    budget: int = whole(
        2_048,
        "Budget of examples",
        low=64,
        high=16_384,
        scale="log",
        group="main",
        help="A batch of B leaves as many steps as the budget has batches.",
    )
    noise: float = number(2.0, "Gradient noise σ", low=0.1, high=8.0, step=0.1, group="main")
    start: float = number(2.0, "Distance of the start", low=0.1, high=10.0, step=0.1, group="data")
    chains: int = chains_field(400, 5_000)
    seed: int = seed_field()

    @property
    def sizes(self) -> tuple[int, ...]:
        """The batch sizes that are simulated: powers of 2 that leave at least four steps."""
        return tuple(2**k for k in range(10) if 2**k <= min(LARGEST, self.budget // 4))

    def seconds(self) -> float:
        """The estimated time of a run: 20 ns per random number, as measured."""
        return 0.1 + 2 * self.budget * self.chains * 4 * 2e-8

"""What can be changed about heavy tails."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import number
from demos.stochastic.bench.config import (
    PanelConfig,
    batch_field,
    chains_field,
    rate_field,
    seed_field,
    steps_field,
)


@dataclass(frozen=True)
class TailsConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    lr: float = rate_field(
        0.5, 1.2, low=0.05, help="The mean curvature is 1. The variance is finite below 2/(1 + 2/B)."
    )
    batch: int = batch_field(1, 32)
    noise: float = number(1.0, "Noise of the labels σ", low=0.1, high=3.0, step=0.1, group="data")
    chains: int = chains_field(20_000)
    steps: int = steps_field(100, 400)
    seed: int = seed_field()

    def seconds(self) -> float:
        """The estimated time of a run: 90 ns per step and chain, as measured, plus the exact distribution."""
        return 0.6 + self.steps * self.chains * 9e-8

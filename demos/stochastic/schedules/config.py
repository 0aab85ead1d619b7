"""What can be changed about schedules of the learning rate."""

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

SCHEDULES = {
    "constant": "Constant",
    "step": "Step",
    "cosine": "Cosine",
    "inverse": "1/t",
    "warmup": "Warm-up",
    "polyak": "Polyak averaging",
    "free": "Schedule-Free",
}


@dataclass(frozen=True)
class SchedulesConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    lr: float = rate_field(
        0.5, 3.0, low=0.02, help="The peak of every schedule. The steep direction has the curvature 1."
    )
    batch: int = batch_field(4, 256)
    noise: float = number(1.0, "Gradient noise σ", low=0.0, high=3.0, step=0.1, group="main")
    flat: float = number(
        0.05,
        "Curvature of the flat direction",
        low=0.005,
        high=1.0,
        scale="log",
        group="main",
        help="The steep one has 1.",
    )
    start: float = number(3.0, "Distance of the start", low=0.1, high=10.0, step=0.1, group="data")
    chains: int = chains_field(1_000, 4_000)
    steps: int = steps_field(1_000, 4_000)
    seed: int = seed_field()

    def seconds(self) -> float:
        """The estimated time of a run: 0.3 ms per step of seven schedules with 1,500 chains, as measured."""
        return 0.1 + self.steps * (8e-5 + 1.5e-7 * self.chains)

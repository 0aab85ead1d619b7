"""What can be changed about the cloud at the bottom of a quadratic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demos.contract import choice, number, whole
from demos.stochastic.bench.batches import SAMPLINGS
from demos.stochastic.bench.config import (
    PanelConfig,
    batch_field,
    chains_field,
    rate_field,
    seed_field,
    steps_field,
)


@dataclass(frozen=True)
class CloudConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    lr: float = rate_field(0.1, 4.0, help="The steep direction has the curvature 1: SGD is stable below 2(1 + β).")
    batch: int = batch_field(4, 512)
    momentum: float = number(0.0, "Momentum β", low=0.0, high=0.98, step=0.01, group="main")
    sampling: str = choice(
        "replacement",
        "Batches",
        SAMPLINGS,
        group="main",
        help="Reshuffled: batches go through all examples in an order that is drawn anew for each epoch.",
    )
    noise: float = number(1.0, "Gradient noise σ", low=0.1, high=3.0, step=0.1, group="data")
    examples: int = whole(
        1_000, "Examples N", low=4, high=4_000, scale="log", group="data", help="A data set of one has no noise."
    )
    chains: int = chains_field(4_000, 10_000)
    steps: int = steps_field(200, 2_000)
    seed: int = seed_field()

    @property
    def limit(self) -> float:
        """The largest stable learning rate, 2(1 + β)/h of the steep direction."""
        return 2 * (1 + self.momentum)

    @property
    def batches_an_epoch(self) -> int:
        return self.examples // self.batch

    def marks(self) -> Mapping[str, Sequence[tuple[float, str]]]:
        return {"lr": ((self.limit, "limit"),)}

    def seconds(self) -> float:
        """The estimated time of a run: 12 ns per example of a batch with replacement, 40 ns without, as measured."""
        each = 1.5e-8 if self.sampling == "replacement" else 5e-8
        shuffles = 0.0 if self.sampling == "replacement" else 4e-9 * self.examples * self.chains
        return 0.1 + self.steps * self.chains * (each * self.batch + 1.5e-8) + shuffles

    def check(self) -> None:
        if self.batch > self.examples:
            raise ValueError(f"A batch of {self.batch} needs as many examples, and there are {self.examples}.")
        super().check()

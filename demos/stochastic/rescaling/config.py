"""What can be changed about rescaling a network without changing its function."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import number, whole
from demos.stochastic.bench.config import PanelConfig, rate_field, seed_field


@dataclass(frozen=True)
class RescalingConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    factor: float = number(
        10.0,
        "Factor a",
        low=1.0,
        high=30.0,
        scale="log",
        group="main",
        help="The first layer is multiplied by a, the second divided by it: ReLU networks do not notice.",
    )
    lr: float = rate_field(0.003, 1.0, help="Of gradient descent, started a breath beside the minimum.")
    hidden: int = whole(8, "Hidden units", low=2, high=24, group="network")
    examples: int = whole(24, "Examples N", low=4, high=100, group="network")
    steps: int = whole(60, "Steps of gradient descent", low=10, high=500, scale="log", group="run")
    seed: int = seed_field()

    def seconds(self) -> float:
        return 0.2 + 2e-4 * self.steps

"""What can be changed about the escape from a saddle."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import number, whole
from demos.stochastic.bench.config import (
    PanelConfig,
    batch_field,
    chains_field,
    rate_field,
    seed_field,
    steps_field,
)


@dataclass(frozen=True)
class SaddleConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    lr: float = rate_field(0.05, 0.5, low=0.01)
    batch: int = batch_field(16, 256, help="Less noise delays the escape only by the logarithm of its size.")
    curvature: float = number(
        1.0, "Steepness of the way down λ", low=0.2, high=2.0, step=0.1, group="main", help="The Hessian has −λ there."
    )
    dimensions: int = whole(2, "Dimensions d", low=2, high=100, scale="log", group="main")
    noise: float = number(1.0, "Gradient noise σ", low=0.2, high=3.0, step=0.1, group="data")
    chains: int = chains_field(1_000, 4_000)
    steps: int = steps_field(200, 2_000)
    seed: int = seed_field()

    @property
    def spread(self) -> float:
        """The standard deviation of the noise of one step in one direction: lr σ/√B."""
        return self.lr * self.noise / self.batch**0.5

    @property
    def temperature(self) -> float:
        """The temperature of the batch noise, lr σ²/2B."""
        return self.lr * self.noise**2 / (2 * self.batch)

    def seconds(self) -> float:
        return 0.2 + self.steps * (1e-4 + 1.5e-8 * self.chains * self.dimensions)

"""What can be changed about flat and sharp wells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demos.contract import choice, number
from demos.stochastic.bench.config import (
    PanelConfig,
    batch_field,
    chains_field,
    rate_field,
    seed_field,
    steps_field,
)
from demos.stochastic.wells.landscape import SLIGHT, STEEP

STARTS = {"sharp": "In the sharp well", "flat": "In the flat well"}


@dataclass(frozen=True)
class WellsConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    lr: float = rate_field(0.008, 0.08, low=0.002, help="The sharp well is stable below 2/40 = 0.05.")
    batch: int = batch_field(1, 64)
    noise: float = number(10.5, "Gradient noise σ", low=2.0, high=15.0, step=0.5, group="main")
    start: str = choice("sharp", "Start", STARTS, group="run")
    chains: int = chains_field(1_000, 2_000)
    steps: int = steps_field(1_000, 4_000)
    seed: int = seed_field()

    @property
    def temperature(self) -> float:
        """lr σ²/2B: the temperature of the batch noise."""
        return self.lr * self.noise**2 / (2 * self.batch)

    @property
    def spread(self) -> float:
        """The standard deviation of the noise of one step: lr σ/√B."""
        return self.lr * self.noise / self.batch**0.5

    @property
    def reach(self) -> tuple[float, float]:
        """An interval that contains the chains: eight standard deviations of the flat well, and the largest overshoot
        from the steep side of the sharp one."""
        wide = 8 * self.spread / (1 - (1 - self.lr * SLIGHT) ** 2) ** 0.5
        bounce = max(1.0, abs(1 - self.lr * STEEP))
        return -0.8 - wide, 0.8 + wide * bounce + 0.4 * bounce

    def marks(self) -> Mapping[str, Sequence[tuple[float, str]]]:
        return {"lr": ((2 / STEEP, "limit, sharp"),)}

    def seconds(self) -> float:
        return 0.2 + self.steps * (5e-5 + 6e-8 * self.chains)

"""What can be changed about the diagonal linear network."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import number, whole
from demos.stochastic.bench.config import PanelConfig, batch_field, rate_field, seed_field, steps_field

EXAMPLES, WEIGHTS = 40, 100
LONGEST = 20_000


@dataclass(frozen=True)
class DiagonalConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    lr: float = rate_field(0.08, 0.1, low=0.005)
    batch: int = batch_field(8, 64)
    label_noise: float = number(
        0.6, "Label noise σ", low=0.0, high=1.0, step=0.05, group="main", help="Added to the labels anew in every step."
    )
    alpha: float = number(
        0.1, "Scale of the start α", low=0.01, high=1.0, scale="log", group="main", help="All weights begin with α."
    )
    spikes: int = whole(5, "Coefficients that are not 0", low=1, high=10, group="data")
    chains: int = whole(4, "Chains of SGD", low=2, high=16, group="run")
    steps: int = steps_field(4_000, LONGEST)
    seed: int = seed_field()

    def seconds(self) -> float:
        """Measured: 55 µs a step with four chains."""
        return 0.2 + self.steps * (4e-5 + 4e-6 * self.chains)

    def check(self) -> None:
        if self.batch > EXAMPLES:
            raise ValueError(f"A batch of {self.batch} needs as many examples, and there are {EXAMPLES}.")
        super().check()

"""What can be changed about stochastic gradient Langevin dynamics."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import choice, flag, whole
from demos.stochastic.bench.config import (
    PanelConfig,
    batch_field,
    chains_field,
    rate_field,
    seed_field,
    steps_field,
)

MODELS = {"linear": "Bayesian linear regression", "logistic": "Bayesian logistic regression"}


@dataclass(frozen=True)
class SgldConfig(PanelConfig):
    """One run; see `demos.contract.Config`."""

    model: str = choice("linear", "Model", MODELS, group="main")
    lr: float = rate_field(
        0.025,
        4.0,
        low=0.002,
        help="In units of 1/λ of the posterior's narrowest direction; all data: stable below 2.",
    )
    batch: int = batch_field(40, 512)
    control: bool = flag(
        False,
        "Control variates",
        group="main",
        help="Each example's gradient less its gradient at the posterior's mode: the noise of a batch ends there.",
    )
    examples: int = whole(200, "Examples N", low=4, high=2_000, scale="log", group="data")
    chains: int = chains_field(700, 5_000)
    steps: int = steps_field(600, 4_000)
    seed: int = seed_field()

    def seconds(self) -> float:
        """The estimated time of a run: 20 ns per example of a batch, as measured; the logistic model is run twice, and
        its exponentials take as long again."""
        each, twice = (2.5e-8, 1.0) if self.model == "linear" else (5e-8, 2.0)
        return 0.2 + twice * self.steps * (6e-5 + self.chains * (each * self.batch + 4e-8))

    def check(self) -> None:
        if self.batch > self.examples:
            raise ValueError(f"A batch of {self.batch} needs as many examples, and there are {self.examples}.")
        super().check()

"""What can be changed about a GAN that learns a ring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demos.contract import Config, choice, number, whole

LOSSES = {"nonsaturating": "Non-saturating", "saturating": "Saturating"}
BESIDE: dict[str, tuple[str, dict[str, Any]]] = {  # name: label, what the second GAN has of its own
    "none": ("Nothing", {}),
    "fast": ("Discriminator 4 × as fast", {"ratio": 4.0}),
    "r1": ("Equal rates and R1", {"ratio": 1.0, "gamma": 0.5}),
    "pack": ("Pairs for the discriminator", {"pack": 2}),
}
LONGEST = 6.0  # seconds


@dataclass(frozen=True)
class RingConfig(Config):
    """A small generator against a small discriminator; the data are eight normal distributions on a circle."""

    ratio: float = number(
        0.5,
        "Discriminator's rate over the generator's",
        low=0.1,
        high=10.0,
        scale="log",
        group="main",
        help="Of Adam's learning rates (two time scales: Heusel et al. 2017).",
    )
    gamma: float = number(
        0.0,
        "R1 penalty γ",
        low=0.0,
        high=5.0,
        step=0.1,
        group="main",
        help="The discriminator pays γ/2 |∂D/∂x|² at the data.",
    )
    pack: int = whole(
        1,
        "Points it sees at once",
        low=1,
        high=4,
        group="main",
        help="PacGAN: the discriminator judges several points together, all true or all made.",
    )
    beside: str = choice(
        "none",
        "Beside it",
        {name: label for name, (label, _) in BESIDE.items()},
        group="main",
        help="A second GAN that differs in this alone: same data, same noise, same first weights.",
    )
    loss: str = choice("nonsaturating", "Generator's loss", LOSSES, help="−log σ(D), or log(1 − σ(D)).")
    lr: float = number(2e-3, "Generator's rate", low=1e-4, high=1e-2, scale="log", help="Adam's learning rate.")
    momentum: float = number(0.5, "Adam's β₁", low=0.0, high=0.95, step=0.05, help="Of both; β₂ is 0.9.")
    sigma: float = number(0.1, "Width σ of a mode", low=0.03, high=0.2, step=0.01, help="The circle's radius is 1.")
    width: int = whole(32, "Units of a hidden layer", low=8, high=64, scale="log")
    batch: int = whole(96, "Batch", low=16, high=256, scale="log")
    steps: int = whole(600, "Steps", low=60, high=2_000, scale="log")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    def check(self) -> None:
        if self.seconds() > LONGEST:
            raise ValueError(
                f"{self.steps:,} steps of {self.width} units with batches of {self.batch} take about "
                f"{self.seconds():.1f} seconds; at most {LONGEST:g} are allowed: fewer steps, or smaller ones, will do."
            )

    def seconds(self) -> float:
        """About how long a run takes on one core; what is true of a new σ alone takes a second."""
        step = 1e-3 + (5e-4 if self.gamma else 0.0) + 4e-9 * self.batch * self.width**2
        return 1.0 + (0.2 + self.steps * step) * (1 if self.beside == "none" else 2)

    def other(self) -> RingConfig | None:
        """The GAN beside it; None if there is none, or if it is the same."""
        alone = self.replace(beside="none")
        other = alone.replace(**BESIDE[self.beside][1])
        return None if other == alone else other

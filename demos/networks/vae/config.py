"""What can be changed about the linear VAE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from demos.contract import Config, choice, flag, number, whole

DIMENSION, LARGEST = 8, 4.0  # dimension of the data, and the largest eigenvalue of their covariance
STARTS = {"aligned": "One direction each", "random": "Random"}


@dataclass(frozen=True)
class VaeConfig(Config):
    """A linear VAE with a few latents, trained on data of a known covariance by gradient flow."""

    noise: float = number(
        1.0,
        "Decoder variance σ²",
        low=0.1,
        high=5.0,
        scale="log",
        group="main",
        help="A latent lives only where the data varies by more than the decoder's own noise.",
    )
    learned: bool = flag(False, "Learn σ², too", group="main")
    latents: int = whole(6, "Latents", low=1, high=DIMENSION - 1, group="main")
    ratio: float = number(
        0.6, "Ratio of eigenvalues", low=0.3, high=0.9, step=0.05, help="λ₁ = 4, and each next one so much smaller."
    )
    start: str = choice(
        "aligned", "Start", STARTS, help="Of the small weights: along one eigenvector each, or anywhere."
    )
    time: float = number(1_000.0, "Time", low=10.0, high=10_000.0, scale="log")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    @property
    def eigenvalues(self) -> np.ndarray:
        """(DIMENSION,) of the data's covariance, falling."""
        return LARGEST * self.ratio ** np.arange(DIMENSION)

    def seconds(self) -> float:
        """About how long it takes on one core."""
        return 1.1 if self.learned else 0.5

    def unused(self) -> frozenset[str]:
        return frozenset() if self.start == "random" else frozenset({"seed"})

    def marks(self) -> Mapping[str, Sequence[tuple[float, str]]]:
        names = "₁₂₃₄₅₆₇₈"
        inside = [(float(v), f"λ{names[i]}") for i, v in enumerate(self.eigenvalues) if 0.1 <= v <= 5.0]
        return {"noise": tuple(inside[:5])}

"""The recorded data of a run of the diagonal linear network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.stochastic.diagonal.config import DiagonalConfig
from demos.stochastic.diagonal.ledger import Ledger, Noise

FRAMES = 70


@dataclass(frozen=True)
class Run:
    """flow (F, 2d): gradient flow at the recorded times. states (F, 1 + 2 chains, 2d): gradient descent, SGD, and SGD
    with label noise. ledger, noise: the recorders of every step."""

    steps: np.ndarray
    flow: np.ndarray
    states: np.ndarray
    ledger: Ledger
    noise: Noise

    @property
    def chains(self) -> int:
        return (self.states.shape[1] - 1) // 2

    @property
    def methods(self) -> dict[str, np.ndarray]:
        """The states (F, n, 2d) of each method."""
        return {
            "gradient flow": self.flow[:, None],
            "gradient descent": self.states[:, :1],
            "SGD": self.states[:, 1 : 1 + self.chains],
            "label noise": self.states[:, 1 + self.chains :],
        }


def recorded(config: DiagonalConfig) -> np.ndarray:
    """The steps with a frame, evenly spaced in their logarithm, because most changes are early."""
    return np.unique(np.r_[0, np.rint(np.geomspace(1, config.steps, FRAMES)).astype(int)])

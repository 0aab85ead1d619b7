"""The hanging chain of rigid links at rest, in closed form: the discrete catenary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

SPAN = 1.0


@dataclass(frozen=True)
class Catenary:
    """The chain at rest: nodes (n, 2), angle and tension of each link, the pull H of the hooks."""

    nodes: np.ndarray
    angles: np.ndarray
    tensions: np.ndarray
    pull: float

    @property
    def energy(self) -> float:
        return float(self.nodes[1:-1, 1].sum())


def discrete_catenary(links: int, length: float) -> Catenary:
    """N equal links of total length > 1 between (0, 0) and (1, 0), a unit weight at each joint.

    Each joint balances: the slopes of two neighbouring links differ by the weight over the horizontal pull, so
    tan θᵢ = (i − (N − 1)/2)/H, the tension is H/cos θᵢ, and H follows from Σ ℓ cos θᵢ = 1.
    """
    steps, link = np.arange(links) - (links - 1) / 2, length / links

    def excess(log_pull: float) -> float:
        return float((link / np.hypot(1, steps * np.exp(-log_pull))).sum()) - SPAN

    pull = float(np.exp(brentq(excess, -12.0, 16.0, xtol=1e-15, rtol=4 * np.finfo(float).eps)))
    angles = np.arctan(steps / pull)
    moves = link * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    return Catenary(np.vstack(([[0.0, 0.0]], moves.cumsum(0))), angles, pull / np.cos(angles), pull)

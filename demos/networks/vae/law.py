"""What is known of the linear VAE: where it comes to rest, and how fast a latent comes to life.

Its ELBO is tight at every maximum, which is that of probabilistic PCA (Tipping & Bishop 1999; Lucas et al. 2019,
sections 4 and 5): |w_i|² = λ_i − σ² where λ_i > σ², else 0; D_i = σ²/λ_i, and σ² itself, where it is learned, the mean
of the eigenvalues that have no latent.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np

from demos.networks.vae.config import DIMENSION, VaeConfig


@dataclass(frozen=True)
class Rest:
    """noise σ²; squares (k,): |w_i|², falling; alive: how many are not 0; energy: −ELBO."""

    noise: float
    squares: np.ndarray
    alive: int
    energy: float


def rest(config: VaeConfig) -> Rest:
    values, k = config.eigenvalues, config.latents
    noise = float(values[k:].mean()) if config.learned else config.noise
    squares = np.maximum(values[:k] - noise, 0.0)
    alive = int((squares > 0).sum())
    logs = np.log(values[:alive]).sum() + (DIMENSION - alive) * log(noise)
    energy = (DIMENSION * log(2 * pi) + logs + alive + values[alive:].sum() / noise) / 2
    return Rest(noise, squares, alive, float(energy))


def growth(value: float, noise: float) -> float:
    """The rate of (a, b), decoder and encoder along an eigenvector of that value, about a dead latent:

    ȧ = (λ b − a)/σ²,  ḃ = λ (a/σ² − b):  above 0 just where λ > σ²
    """
    trace, determinant = -(value + 1 / noise), value / noise - (value / noise) ** 2
    return (trace + sqrt(trace**2 - 4 * determinant)) / 2


def growing(value: float, noise: float) -> tuple[float, float]:
    """The left eigenvector of that rate: its product with (a, b) grows by the rate alone. The matrix is symmetric."""
    return value / noise, growth(value, noise) + 1 / noise

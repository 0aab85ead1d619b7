"""Exact results for the linear VAE: its states of rest, and the growth rate of a latent.

Its ELBO is tight at every maximum, which is that of probabilistic PCA (Tipping & Bishop 1999; Lucas et al. 2019,
sections 4 and 5): |w_i|² = λ_i − σ² where λ_i > σ², else 0; D_i = σ²/λ_i, and σ² itself, where it is learned, the mean
of the eigenvalues that have no latent.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, pi, sqrt

import numpy as np
from scipy.integrate import solve_ivp

from demos.common.progress import checkpoint
from demos.networks.vae.config import DIMENSION, VaeConfig

REFERENCE = 1e-6  # relative tolerance of the reference flow
STILL = 1e-8  # largest velocity of the reference flow at rest


@dataclass(frozen=True)
class Rest:
    """noise: σ²; squares (k,): |w_i|², descending; alive: number of non-zero ones; energy: −ELBO."""

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


def flow(config: VaeConfig, start: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(F, 2dk + k + 1): the flow from such a vector, (W, V, log D, log σ²), by LSODA, independent of the lab's solver.

    With A = V S Vᵀ + D:  Ẇ = (S Vᵀ − W A)/σ²,  V̇ = (Wᵀ − WᵀW V) S/σ² − V S; log D_i moves by ½ (1 − D_i −
    D_i |w_i|²/σ²), and log σ², where it is learned, by E |x − W z|²/2σ² − d/2. Where it stands still it stays.
    """
    d, k, S = DIMENSION, config.latents, np.diag(config.eigenvalues)

    def velocity(t: float, x: np.ndarray) -> np.ndarray:
        checkpoint()
        W, V, D, noise = (
            x[: d * k].reshape(d, k),
            x[d * k : 2 * d * k].reshape(k, d),
            np.exp(x[-k - 1 : -1]),
            exp(x[-1]),
        )
        A = V @ S @ V.T + np.diag(D)
        by_W = (S @ V.T - W @ A) / noise
        by_V = (W.T - W.T @ W @ V) @ S / noise - V @ S
        by_D = (1 - D - D * (W * W).sum(0) / noise) / 2
        error = np.trace(S) - 2 * np.trace(W @ V @ S) + np.trace(W.T @ W @ A)
        by_noise = (error / noise - d) / 2 if config.learned else 0.0
        return np.concatenate((by_W.ravel(), by_V.ravel(), by_D, [by_noise]))

    def rest(t: float, x: np.ndarray) -> float:
        return float(np.abs(velocity(t, x)).max()) - STILL

    rest.terminal = True
    found = solve_ivp(
        velocity, (times[0], times[-1]), start, "LSODA", times, events=rest, rtol=REFERENCE, atol=REFERENCE * 1e-3
    )
    states = found.y.T
    return np.concatenate((states, np.repeat(states[-1:], len(times) - len(states), 0)))


def growth(value: float, noise: float) -> float:
    """The rate of (a, b), decoder and encoder along an eigenvector of that value, about a dead latent:

    ȧ = (λ b − a)/σ²,  ḃ = λ (a/σ² − b):  above 0 just where λ > σ²
    """
    trace, determinant = -(value + 1 / noise), value / noise - (value / noise) ** 2
    return (trace + sqrt(trace**2 - 4 * determinant)) / 2


def growing(value: float, noise: float) -> tuple[float, float]:
    """The left eigenvector of that rate: its product with (a, b) grows at exactly this rate. (The matrix is
    symmetric.)"""
    return value / noise, growth(value, noise) + 1 / noise

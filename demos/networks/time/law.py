"""Theory of gradients through time: exact products, and mean-field theory as far as it holds.

* Orthogonal recurrences without φ: |∂L/∂h_{t−1}| = ρ |∂L/∂h_t| exactly (Saxe et al. 2013; Arjovsky et al. 2016).
* With φ, in wide networks, χ_t = ρ² E φ'(z_t)² per step, with the variance q_t = ρ² E φ(z_{t−1})² + σ_u² (Chen,
  Pennington & Schoenholz 2018, arXiv:1806.05394).
* Gaussian recurrences have the same mean square over networks, but the same matrix acts at every step. For complex
  Gaussian matrices E |Wᵏv|²/ρ²ᵏ|v|² = k!·[C(n+k+1, k+2) − C(n, k+2)]/n^(k+1), about sinh(a)/a with a = (k+1)(k+2)/2n:
  1 up to k ≈ √n; later the largest eigenvalues dominate, and few networks determine the mean.
* Gates with W = 0: ∂c_T/∂c_t = Π f, ∂h_T/∂h_t = Π z, and log f has the mean of log σ(b + σ_u ξ), ξ normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from scipy.special import log_expit

from demos.networks.theory.activations import ACTIVATIONS
from demos.networks.theory.mean_field import Layer, propagate
from demos.networks.time.config import GATED, TimeConfig


@dataclass(frozen=True)
class Law:
    """The theory for one cell. profile, spread (T,): log10 of |∂L/∂carry_t| relative to the last, and its standard
    deviation over networks (0 where it is exact); valid from step `first` (counted from 0) to the end."""

    profile: np.ndarray
    spread: np.ndarray
    first: int
    name: str
    source: str


def law_of(config: TimeConfig, cell: str) -> Law | None:
    T, n = config.steps, config.width
    back = np.arange(T - 1, -1, -1)  # steps from t to the end
    if cell in GATED:
        if config.gain > 0:
            return None
        mean, deviation = gate_moments(config.bias, config.drive)
        spread = back**0.5 * deviation / sqrt(n * config.sequences)
        return Law(back * mean, spread, 0, "mean over units", "E log₁₀ σ(b + σ_u ξ), by quadrature")
    if cell == "linear" and config.recurrence == "orthogonal":
        return Law(back * np.log10(config.gain), np.zeros(T), 0, "exact", "ρᵏ: an orthogonal matrix keeps lengths")
    activation = ACTIVATIONS["linear" if cell == "linear" else "tanh"]
    layer = Layer(n, n, config.gain**2, config.drive**2)
    layers = T + 1  # ∂L/∂h_t meets the slopes of steps t + 1 … T; `propagate` is about ∂L/∂z_t, and those of t … T − 1
    found = propagate([layer] * layers, [activation] * layers, ["none"] * layers, 0.0, 1.0, ("",) * layers)
    gradient, spread, first = found.gradient[1:], found.spread[1:], 0
    if config.recurrence == "orthogonal":  # lengths do not fluctuate, only slopes do
        spread = np.sqrt(np.maximum(spread**2 - back * (2 / n) / (2 * log(10)) ** 2, 0.0))
    else:
        first = max(0, T - 1 - int(sqrt(n)))
    return Law(gradient, spread, first, "mean field", "mean-field theory of wide networks")


def gate_moments(bias: float, drive: float) -> tuple[float, float]:
    """Mean and standard deviation of log10 σ(b + σ_u ξ), ξ ~ N(0, 1): trapezoid rule."""
    xi = np.linspace(-10, 10, 2_001)
    weights = np.exp(-xi * xi / 2)
    weights /= weights.sum()
    values = log_expit(bias + drive * xi) / log(10)
    mean = float(weights @ values)
    return mean, sqrt(max(0.0, float(weights @ (values - mean) ** 2)))

"""Escape times: exactly by quadrature, and by the formulas of Kramers and Eyring.

Overdamped dynamics is dX = -U' dt + √(2 kT) dW (unit mobility); underdamped dynamics has dP = -U' dt - γ P dt + noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh_tridiagonal

from demos.common.first_passage import DEEP, Energy, far_end, mean_first_passage
from demos.langevin.exact.master_equation import edges
from demos.langevin.exact.quadrature import check_temperature

__all__ = ["Survival", "eyring_kramers", "far_end", "first_passage", "kramers_rate", "mean_first_passage"]


def eyring_kramers(minimum: np.ndarray | float, saddle: np.ndarray | float, barrier: float, kT: float) -> float:
    """Mean escape time over a saddle, 2π/|λ₋| √(|det H_s|/det H_a) exp(ΔU/kT), as kT → 0.

    minimum, saddle: the Hessians of U there, (d, d), or U'' as numbers in one dimension. The time is that to the bottom
    of the next well; to the saddle it is half as long. Berglund, Markov Process. Relat. Fields 19 (2013) 459.
    ValueError if the points are not a minimum and a saddle with one falling direction.
    """
    at_minimum = np.linalg.eigvalsh(np.atleast_2d(np.asarray(minimum, dtype=float)))
    at_saddle = np.linalg.eigvalsh(np.atleast_2d(np.asarray(saddle, dtype=float)))
    if not at_minimum[0] > 0 or not (at_saddle[0] < 0 and (at_saddle[1:] > 0).all()):
        raise ValueError("needs a minimum (all curvatures positive) and a saddle (exactly one of them negative).")
    prefactor = 2 * np.pi / -at_saddle[0] * np.sqrt(-np.prod(at_saddle) / np.prod(at_minimum))
    return float(prefactor * np.exp(barrier / check_temperature(kT)))


def kramers_rate(minimum: float, saddle: float, barrier: float, kT: float, gamma: float, mass: float = 1.0) -> float:
    """Underdamped escape rate, (ω0/2π) [√(1 + (γ/2ω_b)²) - γ/2ω_b] exp(-ΔU/kT), moderate to strong friction.

    ω0² = U''(minimum)/m, ω_b² = |U''(saddle)|/m; γ is the decay rate of the momentum. Kramers, Physica 7 (1940) 284.
    γ → 0 gives transition-state theory (an upper bound there: energy diffusion is left out); γ → ∞ gives
    1/(m γ eyring_kramers).
    """
    if not (minimum > 0 > saddle and gamma >= 0 and mass > 0):
        raise ValueError("needs U'' > 0 at the minimum and < 0 at the saddle, gamma ≥ 0 and mass > 0.")
    omega, ratio = np.sqrt(minimum / mass), gamma / (2 * np.sqrt(-saddle / mass))
    # the bracket, written so that strong friction does not cancel
    return float(omega / (2 * np.pi) / (np.sqrt(1 + ratio**2) + ratio) * np.exp(-barrier / check_temperature(kT)))


@dataclass(frozen=True)
class Survival:
    """S(t) = Σ amplitudes_k exp(-rates_k t): the probability not to have arrived by time t."""

    rates: np.ndarray  # (n,), slowest first
    amplitudes: np.ndarray  # (n,), they add up to 1

    def survival(self, times: np.ndarray) -> np.ndarray:
        """S at each time, (K,)."""
        return np.clip(np.exp(-np.multiply.outer(times, self.rates)) @ self.amplitudes, 0.0, 1.0)

    def density(self, times: np.ndarray) -> np.ndarray:
        """Density of the arrival times, -dS/dt, (K,)."""
        return np.maximum(np.exp(-np.multiply.outer(times, self.rates)) @ (self.amplitudes * self.rates), 0.0)

    @property
    def mean(self) -> float:
        """Mean arrival time on the grid; its difference from `mean_first_passage` is the grid's error."""
        return float(np.sum(self.amplitudes / self.rates))

    @property
    def tail_rate(self) -> float:
        """Late arrivals are exponential with this rate."""
        return float(self.rates[0])


def first_passage(
    energy: Energy, start: float, target: float, kT: float, far: float | None = None, cells: int = 400
) -> Survival:
    """The distribution of the time to reach `target` from `start` in one dimension, by an absorbing master equation.

    Grid points run from `target` (absorbing) past the start to `far` (reflecting; None chooses a point beyond which the
    density is negligible). The slow part has a relative error of about 1e-6; rates have an absolute error of 1e-13 of
    the fastest one, so that means above about 1e8 are not resolved (use `mean_first_passage`). ValueError if the start
    is more than 60 kT above the lowest level.
    """
    kT = check_temperature(kT)
    sign = 1.0 if target > start else -1.0
    a, b = sign * start, sign * target
    if a == b:
        raise ValueError("start and target must differ.")
    end = far_end(energy, sign, a, b, kT) if far is None else sign * far
    if end > a:
        raise ValueError(f"far = {far} must lie behind the start {start}, away from the target {target}.")
    z = np.linspace(end, b, cells + 1)
    u = np.asarray(energy(sign * z), dtype=float)
    edge = edges(u, (z[1] - z[0],), kT)
    diagonal = np.zeros(cells)
    diagonal[edge.lower] -= edge.up  # the last edge leads into the absorbing target
    diagonal[edge.upper[:-1]] -= edge.down[:-1]
    values, vectors = eigh_tridiagonal(diagonal, np.sqrt(edge.up * edge.down)[:-1])
    height = (u[:-1] - u.min()) / kT
    place = np.interp(a, z, np.arange(cells + 1))
    near = min(int(place), cells - 1)
    share = np.zeros(cells + 1)
    share[[near, near + 1]] = 1 - (place - near), place - near
    share = share[:-1]
    if height[share > 0].max(initial=0.0) > DEEP:
        raise ValueError(f"the start {start} is more than {DEEP:g} kT above the lowest level.")
    root = np.exp(-height / 2)
    amplitudes = (root @ vectors) * (np.divide(share, root, out=np.zeros(cells), where=share > 0) @ vectors)
    order = np.argsort(-values)
    return Survival(-values[order], amplitudes[order])

"""Independent ground states and single-vortex states for any β: Chebyshev points and Newton's method in one coordinate.

    −½(f'' + f'/r − m²f/r²) + ½r²f + β f³ = μ f,  ∫2πr f² dr = 1        two dimensions, m = 0, or 1: one vortex
    −½f'' + V f + β f³ = μ f,                     ∫f² dx = 1            one dimension

Half of an even (m = 1: odd) function, so that no point sits at r = 0: Trefethen, Spectral Methods in MATLAB (2000),
§11.
This module uses neither `GrossPitaevskii` nor `solve`. It takes some tenths of a second at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi, sqrt

import numpy as np

POINTS, MOST_POINTS = 300, 800  # points of the whole interval; by symmetry half of them are unknowns
CORE_POINTS = 0.4  # largest distance of two points in a vortex's core, in units of 1/√(2μ)
LATTICE_POINTS = 400
TAIL = 7.0  # width of the interval beyond the Thomas–Fermi radius
SETTLING = 15.0  # time of the normalized flow before Newton's method
STEP, VORTEX_STEP = 0.1, 0.5  # step of that flow, without and with a vortex: the wells of a lattice need short ones
RELAXED = 60  # most steps of Newton's method


@dataclass(frozen=True)
class Stationary:
    """energy, mu, width √⟨r²⟩; points and values f of half the function, from the edge inward. error: Newton's last
    step, relative to the largest value."""

    energy: float
    mu: float
    width: float
    points: np.ndarray
    values: np.ndarray
    error: float


@lru_cache(maxsize=64)
def stationary(dimensions: int, beta: float, lattice: bool = False, winding: int = 0) -> Stationary:
    """The state of least energy with this winding. Raises ValueError where Newton's method does not converge."""
    mu = 0.5 * (1.5 * beta) ** (2 / 3) if dimensions == 1 else sqrt(beta / pi)
    edge = sqrt(2 * mu) + TAIL
    fine = int(pi * edge * sqrt(2 * mu) / CORE_POINTS) if winding else 0  # points are π edge/count apart in the middle
    count = LATTICE_POINTS if lattice else min(max(POINTS, 2 * (fine // 2)), MOST_POINTS)
    derivative, x = _chebyshev(count - 1)
    half = count // 2
    second, sign = derivative @ derivative, -1 if winding % 2 else 1
    # f(−r) = ± f(r): the other half is the same values, mirrored
    fold = lambda matrix: matrix[:half, :half] + sign * matrix[:half, half:][:, ::-1]
    r, d2, d1 = edge * x[:half], fold(second) / edge**2, fold(derivative) / edge
    laplacian = d2 if dimensions == 1 else d2 + d1 / r[:, None] - np.diag(winding**2 / r**2)
    trap = 0.5 * r * r + (25 * np.sin(pi * r / 4) ** 2 if lattice else 0.0)
    weights = (
        2 * edge * _clenshaw_curtis(count - 1)[:half] if dimensions == 1 else 2 * pi * edge**2 * _disc_weights(x[:half])
    )
    linear = -0.5 * laplacian + np.diag(trap)
    inner = slice(1, half)  # f = 0 at the edge
    f = _start(linear[inner, inner], weights[inner], trap[inner], mu, winding, r[inner])
    error = 1.0
    step = VORTEX_STEP if winding else STEP
    for _ in range(round(SETTLING / step) if beta else 0):  # implicit steps keep f > 0, the ground state's branch
        f = np.linalg.solve(np.eye(len(f)) + step * (linear[inner, inner] + np.diag(beta * f * f)), f)
        f /= sqrt(float((weights[inner] * f * f).sum()))
    image = linear[inner, inner] @ f + beta * f**3
    mu = float((weights[inner] * f * image).sum())
    f, mu, error = _newton(linear[inner, inner], weights[inner], beta, f, mu)
    if not error < 1e-8 or f.min() < -1e-6 * f.max():
        raise ValueError(f"Newton's method did not settle for β = {beta:g}.")
    density = weights[inner] * f * f
    interaction = 0.5 * beta * float((weights[inner] * f**4).sum())
    return Stationary(mu - interaction, mu, sqrt(float((density * r[inner] ** 2).sum())), r[inner], f, error)


def _start(
    linear: np.ndarray, weights: np.ndarray, trap: np.ndarray, mu: float, winding: int, r: np.ndarray
) -> np.ndarray:
    """The Thomas–Fermi cloud with a soft edge, empty in the middle of a vortex; for β = 0 the lowest state."""
    if mu == 0:
        values, vectors = np.linalg.eig(linear)
        f = np.abs(vectors[:, int(np.argmin(values.real))].real)
    else:
        f = np.sqrt(np.logaddexp(0.0, mu - trap)) * (r / np.sqrt(1 + r * r)) ** winding
    return f / sqrt(float((weights * f * f).sum()))


def _newton(
    linear: np.ndarray, weights: np.ndarray, beta: float, f: np.ndarray, mu: float
) -> tuple[np.ndarray, float, float]:
    n, longest = len(f), np.inf
    for _ in range(RELAXED):
        system = np.zeros((n + 1, n + 1))
        system[:n, :n] = linear + np.diag(3 * beta * f * f - mu)
        system[:n, n], system[n, :n] = -f, 2 * weights * f
        right = np.r_[linear @ f + beta * f**3 - mu * f, (weights * f * f).sum() - 1]
        step = np.linalg.solve(system, -right)
        size = float(np.abs(step[:n]).max() / np.abs(f).max())
        share = min(1.0, 0.5 / max(size, 1e-300))
        f, mu = f + share * step[:n], mu + share * float(step[n])
        if size < 1e-11 or (size < 1e-8 and size > 0.5 * longest):
            return f, mu, size
        longest = size
    return f, mu, longest


def _chebyshev(n: int) -> tuple[np.ndarray, np.ndarray]:
    """(n + 1, n + 1) the derivative on the points cos(πj/n), and the points: Trefethen (2000), p. 54."""
    x = np.cos(pi * np.arange(n + 1) / n)
    c = np.r_[2.0, np.ones(n - 1), 2.0] * (-1.0) ** np.arange(n + 1)
    apart = x[:, None] - x[None]
    derivative = np.outer(c, 1 / c) / (apart + np.eye(n + 1))
    return derivative - np.diag(derivative.sum(1)), x


def _disc_weights(x: np.ndarray) -> np.ndarray:
    """Quadrature weights of ∫₀¹ g(x) x dx for even g at the positive points x (half,), exact for the first even
    Chebyshev polynomials."""
    k = np.arange(len(x))
    with np.errstate(divide="ignore", invalid="ignore"):
        moments = np.where(k == 1, 0.0, 0.25 * (1 + (-1.0) ** k) / (1 - k**2.0))
    return np.linalg.solve(np.cos(2 * k[:, None] * np.arccos(x)[None]), moments)


def _clenshaw_curtis(n: int) -> np.ndarray:
    """Weights of the points cos(πj/n), n odd: Trefethen (2000), p. 128."""
    theta = pi * np.arange(n + 1) / n
    weights, inside = np.zeros(n + 1), slice(1, n)
    values = np.ones(n - 1)
    weights[0] = weights[n] = 1 / n**2 if n % 2 else 1 / (n**2 - 1)
    for k in range(1, (n - 1) // 2 + 1 if n % 2 else n // 2):
        values -= 2 * np.cos(2 * k * theta[inside]) / (4 * k * k - 1)
    if n % 2 == 0:
        values -= np.cos(n * theta[inside]) / (n * n - 1)
    weights[inside] = 2 * values / n
    return weights

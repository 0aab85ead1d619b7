"""Underdamped escape at any friction: mean first-passage times on a grid of positions and momenta.

The mean time τ(x, p) to reach x ≥ target solves the backward Kramers–Fokker–Planck equation

    p/m ∂τ/∂x − (U'(x) + γ p) ∂τ/∂p + γ m kT ∂²τ/∂p² = −1,    τ(target, p > 0) = 0

(Klein 1922, Kramers 1940; Risken, The Fokker-Planck Equation (1989), ch. 10). It is exact up to the grid: valid for
energy diffusion at weak friction, the turnover, Smoluchowski's limit at strong friction, and low barriers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from demos.langevin.exact.escape import far_end
from demos.langevin.exact.quadrature import check_temperature

Function = Callable[[np.ndarray], np.ndarray]

FASTEST = 6.0  # largest momentum of the grid, in thermal momenta: a share of 2e-9 is faster
HIGH = 20.0  # the grid begins, behind the start, where U is this many kT above the bottom
GRID = (240, 144)  # positions and momenta; the error is estimated with 5/8 of each
MOMENTS = 12  # powers of the inverse generator, after which only the slowest mode is left


@dataclass(frozen=True)
class Passage:
    """mean: of the arrival time. rate, amplitude: survival at late times is amplitude · exp(−rate t). error: relative
    difference of the mean on a coarser grid."""

    mean: float
    rate: float
    amplitude: float
    error: float


def underdamped_passage(
    energy: Function,
    slope: Function,
    start: float,
    target: float,
    kT: float,
    gamma: float,
    mass: float = 1.0,
    grid: tuple[int, int] = GRID,
) -> Passage:
    """The passage from `start`, with a thermal momentum, to `target` > start in one dimension.

    energy and slope are U and U', (n,) to (n,). Derivatives along the motion are third-order upwind. ValueError if
    target ≤ start, or if gamma or mass is not positive.
    """
    kT = check_temperature(kT)
    if not (target > start and gamma > 0 and mass > 0):
        raise ValueError("needs target > start, gamma > 0 and mass > 0.")
    mean, rate, amplitude = _solve(energy, slope, start, target, kT, gamma, mass, grid)
    coarse = _solve(energy, slope, start, target, kT, gamma, mass, tuple(5 * n // 8 for n in grid))[0]
    return Passage(mean, rate, amplitude, abs(mean - coarse) / abs(mean))


def _solve(
    energy: Function,
    slope: Function,
    start: float,
    target: float,
    kT: float,
    gamma: float,
    mass: float,
    grid: tuple[int, int],
) -> tuple[float, float, float]:
    """Mean, rate and amplitude: survival is b·exp(Lt)1, so its moments are powers of −L⁻¹ on 1."""
    places, momenta = grid
    far = far_end(energy, 1.0, start, target, kT, HIGH)
    x = np.linspace(far, target, places + 1)[:-1]  # the target itself would be next
    thermal = np.sqrt(mass * kT)
    p = FASTEST * thermal * np.linspace(-1, 1, momenta)
    along = [_ahead(places, x[1] - x[0], arrives=True), _behind(places, x[1] - x[0])]
    across = [_ahead(momenta, p[1] - p[0]), _behind(momenta, p[1] - p[0])]
    force = -(slope(x)[:, None] + gamma * p[None, :]).ravel()
    each = sparse.identity(places)
    generator = (
        sparse.kron(along[0], sparse.diags(np.maximum(p, 0) / mass))
        + sparse.kron(along[1], sparse.diags(np.minimum(p, 0) / mass))
        + sparse.diags(np.maximum(force, 0)) @ sparse.kron(each, across[0])
        + sparse.diags(np.minimum(force, 0)) @ sparse.kron(each, across[1])
        + gamma * mass * kT * sparse.kron(each, _second(momenta, p[1] - p[0]))
    )
    inverse = splu(-generator.tocsc())
    maxwell = np.exp(-0.5 * (p / thermal) ** 2)
    begin = np.kron(_weights(x, start), maxwell / maxwell.sum())
    now = inverse.solve(np.ones(len(begin)))
    mean = float(begin @ now)
    powers = [1.0]
    for _ in range(MOMENTS):
        now = now / mean
        powers.append(float(begin @ now))  # ⟨τᵏ⟩/(k! meanᵏ)
        now = inverse.solve(now)
    slowest = powers[-2] / powers[-1]  # times 1/mean
    return mean, slowest / mean, powers[-1] * slowest**MOMENTS


def _ahead(count: int, step: float, arrives: bool = False) -> sparse.spmatrix:
    """d/ds for motion towards larger s, (count, count): third order, biased in the direction of motion. At the upper
    end τ = 0 beyond the last point if `arrives`, else there is no motion."""
    matrix = sparse.diags([-2.0, -3.0, 6.0, -1.0], [-1, 0, 1, 2], shape=(count, count))
    matrix = (matrix / 6).tolil()
    matrix[0, :3] = [-1.5, 2.0, -0.5]
    if arrives:
        matrix[count - 1, count - 2 :] = [-1 / 3, -1 / 3]  # odd about the point after it
    else:
        matrix[count - 2, count - 3 :] = [0.0, -1.0, 1.0]
        matrix[count - 1, count - 2 :] = [0.0, 0.0]
    return matrix.tocsr() / step


def _behind(count: int, step: float) -> sparse.spmatrix:
    """The mirror image, for motion towards smaller s."""
    return -_ahead(count, step)[::-1, ::-1]


def _second(count: int, step: float) -> sparse.spmatrix:
    """d²/ds² to second order; 0 at the ends."""
    matrix = sparse.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(count, count)).tolil()
    matrix[0, :2] = matrix[count - 1, count - 2 :] = [0.0, 0.0]
    return matrix.tocsr() / step**2


def _weights(x: np.ndarray, place: float) -> np.ndarray:
    """(n,) that take a function on the grid to its value at a place: cubic interpolation."""
    first = int(np.clip(np.searchsorted(x, place) - 2, 0, len(x) - 4))
    near, weights = x[first : first + 4], np.zeros(len(x))
    for i in range(4):
        others = np.delete(near, i)
        weights[first + i] = np.prod((place - others) / (near[i] - others))
    return weights

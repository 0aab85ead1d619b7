"""The distribution of underdamped dynamics at given times, where the potential separates: each coordinate has its own
density in phase space (`exact.phase_density`), exact for a method with its step, and for the equation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.linalg import expm

from demos.landscapes import Landscape, Profile
from demos.langevin.exact import quadratic
from demos.langevin.exact.phase_density import PhaseGrid, maxwell, moved_densities, start_weights
from demos.langevin.reference.distribution import Distribution, Marginal, StartDistribution, product

SHAPES = ((128, 64), (192, 96), (288, 128))  # positions and momenta of the grid: the first that is fine enough
HIGH = 18.0  # kT above the highest energy of the start up to which the grid reaches: all but 1e-7 of the density
WIDE = 5.0  # standard deviations of a Gaussian start that are inside the grid
MOST_WORK = 8e6  # most steps × points of a grid for one coordinate: 0.3 s; the first grid allows 970 steps
NEGATIVE = 1e-4  # largest negative density, over the largest one; without resolution it oscillates about 0
REACH, NODES = 8.0, 161  # standard deviations and points of a Gaussian density
BETWEEN = 0.6  # ω times the longest step of BAOAB for the equation, ω of the sharpest place inside 3 kT
RUBBED = 0.6  # friction times that step: beyond 1 a splitting diffuses at a rate of its own
STABLE = 1.9  # ω times the step, from which a splitting is not stable is 2
FLOOR = 1e-3  # error of a mean in standard deviations, and of a cumulative distribution (a test halves the grid)


@dataclass(frozen=True)
class Inertia:
    """The parameters of underdamped dynamics."""

    kT: float
    friction: float
    mass: float


class PhaseMarginals(NamedTuple):
    """Grid (n,) and probabilities (n,) of the position and of the momentum of one coordinate."""

    x: Marginal
    p: Marginal


@lru_cache(maxsize=8)
def underdamped(
    landscape: Landscape,
    inertia: Inertia,
    starts: tuple[StartDistribution, StartDistribution],
    method: str,
    h: float,
    steps: tuple[int, ...],
    is_true: bool,
) -> list[tuple[PhaseMarginals, PhaseMarginals]] | None:
    """The marginals of both coordinates after each of the ascending numbers of steps of length h: of the
    method, or of the equation itself at these times (`is_true`).

    None where it is not known: potentials that do not separate, or a density too fine for the grid or too long on it.
    """
    if landscape.separable is None or not steps:
        return None
    sides = []
    for profile, start, box in zip(landscape.separable, starts, landscape.box, strict=True):
        side = _side(profile, inertia, start, box, method, h, steps, is_true)
        if side is None:
            return None
        sides.append(side)
    return list(zip(*sides, strict=True))


def distribution_of(coordinates: tuple[PhaseMarginals, PhaseMarginals], source: str) -> Distribution:
    """The distribution of the positions."""
    return product(source, *(each.x for each in coordinates), FLOOR)


@lru_cache(maxsize=16)
def _side(
    profile: Profile,
    inertia: Inertia,
    start: StartDistribution,
    box: tuple[float, float],
    method: str,
    h: float,
    steps: tuple[int, ...],
    is_true: bool,
) -> list[PhaseMarginals] | None:
    """One coordinate."""
    stiffness = profile.second_derivative(np.linspace(*box, 9))
    if start.kind != "uniform" and np.ptp(stiffness) == 0 and stiffness[0] > 0:
        return _gaussians(profile, inertia, start, float(stiffness[0]), method, h, steps, is_true)
    reach = _reach(profile, inertia, start, box)
    if reach is None:
        return None
    low, high, fastest, (sharpest, outside) = reach
    if not is_true and h * np.sqrt(outside / inertia.mass) >= STABLE:
        return None  # some particles run away, beyond the grid
    counts, pieces = np.diff(steps, prepend=0), []
    if is_true:
        longest = min(BETWEEN * np.sqrt(inertia.mass / sharpest), RUBBED / inertia.friction)
        pieces = [max(1, int(np.ceil(count * h / longest))) for count in counts]
    work = 3 * sum(pieces) if is_true else steps[-1]
    for shape in SHAPES:
        if work * np.prod(shape) > MOST_WORK:
            return None
        grid, found = PhaseGrid.of(low, high, fastest, shape), []
        for density in _densities(grid, profile, inertia, start, method, h, counts, pieces):
            x, p = density.sum(axis=0), density.sum(axis=1)
            if x.min() < -NEGATIVE * x.max():
                break
            found.append(PhaseMarginals((grid.xs, np.maximum(x, 0.0)), (grid.ps, np.maximum(p, 0.0))))
        if len(found) == len(steps):
            return found
    return None


def _densities(
    grid: PhaseGrid,
    profile: Profile,
    inertia: Inertia,
    start: StartDistribution,
    method: str,
    h: float,
    counts: np.ndarray,
    pieces: list[int],
) -> Iterator[np.ndarray]:
    """The density (m, n) after each of the numbers of steps, `counts` after the one before; with `pieces`, of the
    equation: by BAOAB, of second order in the step, with so many pieces and twice as many, extrapolated (Richardson).
    """

    def moved(weights: np.ndarray, word: str, step: float, count: int) -> np.ndarray:
        slope, kT = profile.derivative, inertia.kT
        return moved_densities(grid, weights, slope, word, step, (count,), kT, inertia.friction, inertia.mass)[0]

    now = np.multiply.outer(maxwell(grid.ps, inertia.kT, inertia.mass), _first(grid, profile, inertia.kT, start))
    if not pieces:
        for count in counts:
            now = moved(now, method, h, count)
            yield now
        return
    coarse = fine = now
    for count, parts in zip(counts, pieces, strict=True):
        coarse = moved(coarse, "baoab", count * h / parts, parts)
        fine = moved(fine, "baoab", count * h / (2 * parts), 2 * parts)
        yield (4 * fine - coarse) / 3


def _gaussians(
    profile: Profile,
    inertia: Inertia,
    start: StartDistribution,
    stiffness: float,
    method: str,
    h: float,
    steps: tuple[int, ...],
    is_true: bool,
) -> list[PhaseMarginals] | None:
    """One coordinate of a quadratic energy, in closed form."""
    kT, friction, mass = inertia.kT, inertia.friction, inertia.mass
    bottom = -float(profile.derivative(np.zeros(1))[0]) / stiffness
    rest = np.diag([kT / stiffness, mass * kT])
    first, spread = np.zeros(2), rest
    if start.kind != "equilibrium":
        first, spread = np.array([start.centre - bottom, 0.0]), np.diag([start.width**2, mass * kT])
    found = []
    for n in steps:
        if is_true:
            matrix = expm(n * h * np.array([[0.0, 1 / mass], [-stiffness, -friction]]))
            covariance = rest + matrix @ (spread - rest) @ matrix.T
        else:
            moved = quadratic.splitting_step(method, h, np.sqrt(stiffness / mass), friction, kT, mass).power(n)
            matrix, covariance = moved.matrix, moved.matrix @ spread @ moved.matrix.T + moved.noise
        mean, variances = matrix @ first, np.diag(covariance)
        if not (np.isfinite(mean).all() and np.isfinite(variances).all() and (variances > 0).all()):
            return None
        z = np.linspace(-REACH, REACH, NODES)
        weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
        x, p = (centre + np.sqrt(variance) * z for centre, variance in zip(mean, variances, strict=True))
        found.append(PhaseMarginals((bottom + x, weights), (p, weights)))
    return found


def _first(grid: PhaseGrid, profile: Profile, kT: float, start: StartDistribution) -> np.ndarray:
    """The weights (n,) of the start."""
    if start.kind != "equilibrium":
        return start_weights(grid.xs, start.kind, start.centre, start.width)
    energy = profile(grid.xs)
    weights = np.exp(-(energy - energy.min()) / kT)
    return weights / weights.sum()


def _reach(
    profile: Profile, inertia: Inertia, start: StartDistribution, box: tuple[float, float]
) -> tuple[float, float, float, tuple[float, float]] | None:
    """The ends of the grid, its largest momentum, and the largest curvatures at low energy and anywhere; None where the
    box ends before the energy is high enough."""
    s = np.linspace(*box, 2001)
    energy = profile(s)
    lowest, top = energy.min(), 0.0
    if start.kind != "equilibrium":
        width = WIDE * start.width if start.kind == "gaussian" else start.width
        ends = start.centre + np.array([-width, 0.0, width])
        if ends[0] < box[0] or ends[-1] > box[1]:
            return None
        inside = (s >= ends[0]) & (s <= ends[-1])
        top = max(float((profile(ends) - lowest).max()), float((energy[inside] - lowest).max(initial=0.0)))
    top += HIGH * inertia.kT
    near = s[energy - lowest < top]
    if near[0] == s[0] or near[-1] == s[-1]:
        return None
    low = s[energy - lowest < top - (HIGH - 3) * inertia.kT]
    curvatures = tuple(float(np.abs(profile.second_derivative(part)).max()) for part in (low, near))
    return float(near[0]), float(near[-1]), float(np.sqrt(2 * inertia.mass * top)), curvatures

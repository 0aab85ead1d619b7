"""The distribution of underdamped dynamics at given times, where the potential separates: each coordinate has its own
density in phase space (`exact.phase_density`), exact for a method with its step, and for the equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from demos.landscapes import Landscape, Profile
from demos.langevin.exact.phase_density import PhaseGrid, maxwell, moved_densities, start_weights
from demos.langevin.reference import linear
from demos.langevin.reference.distribution import Distribution, Marginal, StartDistribution, product

SHAPES = ((128, 64), (192, 96), (288, 128))  # positions and momenta of the grid: the first that is fine enough
HIGH = 18.0  # kT above the highest energy of the start up to which the grid reaches: all but 1e-7 of the density
WIDE = 5.0  # standard deviations of a Gaussian start that are inside the grid
MOST_STEPS = 1_500  # most steps of a density, over both coordinates: 0.3 s on the first grid
NEGATIVE = 1e-4  # largest negative density, over the largest one; without resolution it oscillates about 0
REACH, NODES = 8.0, 161  # standard deviations and points of a Gaussian density
BETWEEN = 0.6  # ω times the longest step of BAOAB for the equation, ω of the sharpest place inside 3 kT
STABLE = 1.9  # ω times the step, from which a splitting is not stable is 2
FLOOR = 1e-3  # error of a mean in standard deviations, and of a cumulative distribution (a test halves the grid)


@dataclass(frozen=True)
class Inertia:
    """The parameters of underdamped dynamics."""

    kT: float
    friction: float
    mass: float


@lru_cache(maxsize=8)
def underdamped(
    landscape: Landscape,
    inertia: Inertia,
    starts: tuple[StartDistribution, StartDistribution],
    method: str,
    h: float,
    steps: tuple[int, ...],
    is_true: bool,
) -> list[tuple[Marginal, Marginal]] | None:
    """Grid (n,) and probabilities (n,) of x and of y after each of the ascending numbers of steps of length h: of the
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


def distribution_of(marginals: tuple[Marginal, Marginal], source: str) -> Distribution:
    """The distribution of two independent coordinates."""
    return product(source, *marginals, FLOOR)


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
) -> list[Marginal] | None:
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
    lengths, pieces = np.diff(steps, prepend=0) * h, []
    if is_true:
        longest = BETWEEN * np.sqrt(inertia.mass / sharpest)
        pieces = [max(1, int(np.ceil(length / longest))) for length in lengths]
    if (3 * sum(pieces) if is_true else steps[-1]) > MOST_STEPS / 2:
        return None
    for shape in SHAPES:
        grid = PhaseGrid.of(low, high, fastest, shape)
        first = np.multiply.outer(maxwell(grid.ps, inertia.kT, inertia.mass), _first(grid, profile, inertia.kT, start))

        def moved(word: str, step: float, counts: tuple[int, ...], weights: np.ndarray, grid=grid) -> np.ndarray:
            return moved_densities(
                grid, weights, profile.derivative, word, step, counts, inertia.kT, inertia.friction, inertia.mass
            )

        found = _extrapolated(moved, first, lengths, pieces) if is_true else moved(method, h, steps, first)
        marginals = np.stack([density.sum(axis=0) for density in found])
        if (marginals.min(axis=1) > -NEGATIVE * marginals.max(axis=1)).all():
            return [(grid.xs, np.maximum(each, 0.0)) for each in marginals]
    return None


def _gaussians(
    profile: Profile,
    inertia: Inertia,
    start: StartDistribution,
    stiffness: float,
    method: str,
    h: float,
    steps: tuple[int, ...],
    is_true: bool,
) -> list[Marginal] | None:
    """One coordinate of a quadratic energy, in closed form."""
    hessian, (kT, friction, mass) = stiffness * np.eye(2), (inertia.kT, inertia.friction, inertia.mass)
    bottom = -float(profile.derivative(np.zeros(1))[0]) / stiffness
    mean, variance = start.centre - bottom, start.width**2
    if start.kind == "equilibrium":
        mean, variance = 0.0, kT / stiffness
    found = []
    for n in steps:
        if is_true:
            moved = linear.after_time(n * h, hessian, kT, friction, mass)
        else:
            moved = linear.after_steps(method, n, hessian, h, kT, friction, mass)
        now, spread = moved.matrix[0, 0] * mean, moved.matrix[0, 0] ** 2 * variance + moved.noise[0, 0]
        if not (np.isfinite(now) and np.isfinite(spread) and spread > 0):
            return None
        z = np.linspace(-REACH, REACH, NODES)
        weights = np.exp(-(z**2) / 2)
        found.append((bottom + now + np.sqrt(spread) * z, weights / weights.sum()))
    return found


def _extrapolated(
    moved: Callable[..., np.ndarray], first: np.ndarray, lengths: np.ndarray, pieces: list[int]
) -> list[np.ndarray]:
    """The densities of the equation after each of the lengths of time: by BAOAB, of second order in the step, with so
    many pieces and twice as many, extrapolated (Richardson)."""
    coarse = fine = first
    found = []
    for length, count in zip(lengths, pieces, strict=True):
        coarse = moved("baoab", length / count, (count,), coarse)[0]
        fine = moved("baoab", length / (2 * count), (2 * count,), fine)[0]
        found.append((4 * fine - coarse) / 3)
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

"""The Boltzmann distribution exp(−U/kT)/Z of a landscape: averages by quadrature, marginals, samples."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch

from demos.landscapes import Landscape, Profile
from demos.langevin.reference.distribution import FLOOR, Distribution, Marginal

NODES, MORE_NODES = 321, 961  # nodes a side of the quadrature: multiples of 4, and 1
COARSE = 1e-3  # error from which it takes more nodes, in standard deviations
SLOW, KINK = 1.1, 4.0  # least and largest factor by which the error is taken to fall on a grid twice as fine
ROUNDING = 1e-12
SAMPLING_NODES = 401  # nodes a side of the grid from which samples are drawn
TRIES = 1_000


@lru_cache(maxsize=6)  # 2 MB each
def boltzmann(landscape: Landscape, kT: float) -> Distribution:
    """exp(−U/kT)/Z by quadrature over the landscape's box (or chart). Its floor is the quadrature's own error, which is
    large where U has a kink or a cusp in a narrow well."""
    nodes = NODES
    points, weights, _ = landscape.boltzmann(kT, count=nodes)
    error = quadrature_error(landscape, points, weights)
    if error > COARSE:
        nodes = MORE_NODES
        points, weights, _ = landscape.boltzmann(kT, count=nodes)
        error = quadrature_error(landscape, points, weights)
    if landscape.separable is not None:
        sides = boltzmann_marginals(landscape, kT)
    else:
        sides = tuple(_marginal(points[:, axis], weights, landscape.view[axis]) for axis in (0, 1))
    large = weights > 1e-12 * weights.max()
    # The nodes are a grid over the occupied part of the box, except where the landscape has a chart.
    cell = (0.0, 0.0) if landscape.chart else tuple(float(np.ptp(points[:, axis])) / (nodes - 1) for axis in (0, 1))
    source = "Boltzmann's distribution, by quadrature"
    return Distribution(source, torch.from_numpy(points[large]), weights[large], sides, max(FLOOR, error), cell)


def quadrature_error(landscape: Landscape, points: np.ndarray, weights: np.ndarray) -> float:
    """The error of means over a square grid, in standard deviations of what is averaged, by every second and every
    fourth of its nodes: the largest of those of U, x, y, x² and y². It falls at least by a factor from grid to grid
    that is measured, and is not taken to be more than that of the trapezoidal rule at a kink."""
    x, y = points.T
    side = math.isqrt(len(weights))
    weights = weights.reshape(side, side)
    energy = landscape.energy(torch.from_numpy(points)).numpy()
    energy = np.where(np.isfinite(energy), energy, 0.0)  # in a wall, where the weight is 0
    worst = 0.0
    for function in (energy, x, y, x * x, y * y):
        values, means = function.reshape(side, side), []
        for every in (1, 2, 4):
            part = weights[::every, ::every]
            means.append(float((part * values[::every, ::every]).sum() / part.sum()))
        spread = float(np.sqrt((weights * np.square(values - means[0])).sum()))
        near, far = abs(means[0] - means[1]), abs(means[1] - means[2])
        if near > ROUNDING * (spread + abs(means[0])):
            worst = max(worst, near / (float(np.clip(far / near, SLOW, KINK)) - 1) / spread)
    return worst


@lru_cache(maxsize=32)
def boltzmann_marginals(landscape: Landscape, kT: float) -> tuple[Marginal, Marginal]:
    """The densities of x and of y."""
    if landscape.separable is None:
        return boltzmann(landscape, kT).marginals
    return tuple(_profile_density(part, kT, *landscape.box[axis]) for axis, part in enumerate(landscape.separable))


def _marginal(places: np.ndarray, weights: np.ndarray, view: tuple[float, float]) -> Marginal:
    """The density of one coordinate from weighted points: on their grid if they lie on one, else in bins."""
    values, index = np.unique(np.round(places, 9), return_inverse=True)
    if len(values) <= 2 * MORE_NODES:
        return values, np.bincount(index, weights) / np.gradient(values)
    low, high = view
    edges = np.linspace(low - 0.25 * (high - low), high + 0.25 * (high - low), 121)
    return 0.5 * (edges[1:] + edges[:-1]), np.histogram(places, edges, weights=weights)[0] / np.diff(edges)


def _profile_density(profile: Profile, kT: float, low: float, high: float) -> Marginal:
    s = np.linspace(low, high, 1201)
    height = (profile(s) - profile(s).min()) / kT
    density = np.exp(-height) / np.trapezoid(np.exp(-height), s)
    near = height < 30
    return s[near], density[near]


def sample_boltzmann(landscape: Landscape, kT: float, count: int, random: np.random.Generator) -> np.ndarray:
    """Independent samples (count, 2): draw a node of a grid over the occupied part of the box (or chart) and a uniform
    point in its cell, and accept it with a probability that makes the density exact at any temperature."""
    grid = landscape.grid(kT, SAMPLING_NODES)
    mass = np.exp(-(grid.energy - grid.energy.min()) / kT).ravel()
    cumulated, (us, vs) = np.cumsum(mass), grid.axes
    cell = np.array([us[1] - us[0], vs[1] - vs[0]])
    taken, missing, bound = [], count, 1.0
    for _ in range(TRIES):
        wanted = max(64, int(1.5 * missing))
        nodes = np.searchsorted(cumulated[:-1] / cumulated[-1], random.random(wanted), side="right")
        rows, columns = np.divmod(nodes, len(us))
        place = np.stack([us[columns], vs[rows]], axis=1) + (random.random((wanted, 2)) - 0.5) * cell
        points, energy = _at(landscape, kT, place)
        ratio = np.exp(np.minimum((grid.energy.ravel()[nodes] - energy) / kT, 50.0))
        ratio = np.where(np.isfinite(ratio), ratio, 0.0)
        bound = max(bound, float(ratio.max(initial=0.0)))
        found = points[random.random(wanted) * bound < ratio][:missing]
        taken.append(found)
        missing -= len(found)
        if not missing:
            break
    return np.concatenate(taken)


def _at(landscape: Landscape, kT: float, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) at the grid's coordinates (n, 2), and their energies as `Grid` has them."""
    chart = landscape.chart
    points = place if chart is None else np.stack([chart.x(*place.T), chart.y(*place.T)], axis=1)
    energy = landscape.energy(torch.from_numpy(points)).numpy()
    return points, energy if chart is None else energy - kT * np.log(chart.area(*place.T))

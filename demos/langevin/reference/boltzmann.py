"""The Boltzmann distribution exp(−U/kT)/Z of a landscape: averages by quadrature, marginals, samples."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from demos.landscapes import Landscape, Profile
from demos.langevin.exact.quadrature import Boltzmann
from demos.langevin.reference.distribution import Distribution, Marginal

NODES = 321  # a side, of the quadrature
SAMPLING_NODES = 401  # a side, of the grid from which samples are drawn


@lru_cache(maxsize=8)  # 2 MB each
def boltzmann(landscape: Landscape, kT: float) -> Distribution:
    """exp(−U/kT)/Z by quadrature over the landscape's box (or chart)."""
    points, weights, _ = landscape.boltzmann(kT, count=NODES)
    if landscape.separable is not None:
        sides = boltzmann_marginals(landscape, kT)
    else:
        sides = tuple(_marginal(points[:, axis], weights, landscape.view[axis]) for axis in (0, 1))
    large = weights > 1e-12 * weights.max()
    # The nodes are a grid over the occupied part of the box, except where the landscape has a chart.
    cell = (0.0, 0.0) if landscape.chart else tuple(float(np.ptp(points[:, axis])) / (NODES - 1) for axis in (0, 1))
    source = "Boltzmann's law, by quadrature"
    return Distribution(source, torch.from_numpy(points[large]), weights[large], sides, cell=cell)


@lru_cache(maxsize=32)
def boltzmann_marginals(landscape: Landscape, kT: float) -> tuple[Marginal, Marginal]:
    """The densities of x and of y."""
    if landscape.separable is None:
        return boltzmann(landscape, kT).marginals
    return tuple(_profile_density(part, kT, *landscape.box[axis]) for axis, part in enumerate(landscape.separable))


def _marginal(places: np.ndarray, weights: np.ndarray, view: tuple[float, float]) -> Marginal:
    """Density of one coordinate from weighted points: on their own grid, if they lie on one, else in bins."""
    values, index = np.unique(np.round(places, 9), return_inverse=True)
    if len(values) <= 2 * NODES:
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
    """Independent samples (count, 2), by inverse CDF on a grid: in the landscape's chart where it has one."""
    chart = landscape.chart
    axes = tuple(np.linspace(*side, SAMPLING_NODES) for side in (chart.box if chart else landscape.box))
    if chart is None:
        return Boltzmann.of(landscape.on_grid(*axes), axes, kT).sample(count, random)
    u, v = np.meshgrid(*axes)
    points = torch.from_numpy(np.stack([chart.x(u, v).ravel(), chart.y(u, v).ravel()], axis=1))
    energy = landscape.energy(points).numpy().reshape(u.shape) - kT * np.log(chart.area(u, v))
    drawn = Boltzmann.of(energy, axes, kT).sample(count, random)
    return np.stack([chart.x(*drawn.T), chart.y(*drawn.T)], axis=1)

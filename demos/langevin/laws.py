"""The exact law beside which a run is measured, as weighted points: any mean is `weights @ f(points)`.

Three kinds: Boltzmann's law (the long run), the Fokker–Planck law at a time (continuous time), and, for potentials
that separate, the law of the *discretised* dynamics after n steps or in the long run (what the method really samples).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint, matmul
from demos.landscapes import Landscape, Profile
from demos.langevin.exact import kernel

NODES = 321  # a side, of the quadrature
CONFINED = 15.0  # the rim of the box stands so many kT above the lowest energy: 1e-6 of the law is outside
PIECE = 2**17  # points at once
STARTS = 40  # quadrature nodes for a start that is spread out


@dataclass(frozen=True)
class Law:
    """points (M, 2), weights (M,) that sum to the probability inside the box; `source` says what it is.

    marginals: for x and y, places (n,) and density (n,). floor: error of a mean, in standard deviations of it.
    """

    source: str
    points: Tensor
    weights: np.ndarray
    marginals: tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    floor: float = 1e-6
    cell: tuple[float, float] = (0.0, 0.0)  # spacing of the points, where they lie on a grid

    def border(self, function: Callable[[Tensor], Tensor]) -> float:
        """How far ⟨f⟩ can be off because f jumps inside a cell: half its change when all points move by a cell."""
        half = torch.tensor(self.cell, dtype=self.points.dtype) / 2
        weights = self.weights / self.weights.sum()
        ends = [float(weights @ _values(function, self.points + side * half)) for side in (-1, 1)]
        return abs(ends[1] - ends[0]) / 2

    def mean(self, function: Callable[[Tensor], Tensor]) -> float:
        """⟨f⟩ for f: (M, 2) -> (M,)."""
        return self.mean_and_spread(function)[0]

    def mean_and_spread(self, function: Callable[[Tensor], Tensor]) -> tuple[float, float]:
        """⟨f⟩ and the standard deviation of f."""
        return self.statistics(function)[:2]

    def statistics(self, function: Callable[[Tensor], Tensor]) -> tuple[float, float, float]:
        """⟨f⟩, the standard deviation of f, and its kurtosis ⟨(f − ⟨f⟩)⁴⟩/Var²: with fewer samples than that, their
        own spread is no estimate of their error."""
        values, weights = _values(function, self.points), self.weights / self.weights.sum()
        mean = float(weights @ values)
        square = np.square(values - mean)
        variance = float(weights @ square)
        if not variance > 0:
            return mean, 0.0, 1.0
        return mean, variance**0.5, float(weights @ np.square(square)) / variance**2


def _values(function: Callable[[Tensor], Tensor], points: Tensor) -> np.ndarray:
    """f at points (M, 2), some at a time: a visitor who left is noticed in between."""
    found = []
    for part in points.split(PIECE):
        checkpoint()
        found.append(function(part).to(torch.float64).numpy())
    return found[0] if len(found) == 1 else np.concatenate(found)


@dataclass(frozen=True)
class Start:
    """Where a run begins, one coordinate at a time: "point", "gaussian", "uniform" or "equilibrium"."""

    kind: str
    centre: float = 0.0
    width: float = 0.0  # standard deviation, or the half-width of a uniform start

    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Places and weights that stand for the start (not for "equilibrium")."""
        if self.kind == "point":
            return np.array([self.centre]), np.ones(1)
        if self.kind == "gaussian":
            z, w = np.polynomial.hermite_e.hermegauss(STARTS)
        else:
            z, w = np.polynomial.legendre.leggauss(STARTS)
        return self.centre + self.width * z, w / w.sum()


@lru_cache(maxsize=64)
def confined(landscape: Landscape, kT: float) -> bool:
    """Whether the law at kT lies inside the box over which it is integrated: not where it is too hot."""
    chart = landscape.chart

    def height(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        x, y = (chart.x(u, v), chart.y(u, v)) if chart else (u, v)
        energy = landscape.energy(torch.from_numpy(np.stack([x, y], axis=1))).numpy()
        return energy - kT * np.log(chart.area(u, v)) if chart else energy

    box = chart.box if chart else landscape.box
    inside = np.meshgrid(*(np.linspace(*side, 201) for side in box))
    low = height(*(part.ravel() for part in inside)).min()
    if not chart:
        low = min(low, *(place.energy for place in landscape.minima))
    rim = height(*(np.concatenate(part) for part in zip(*_rim(box), strict=True)))
    return bool(rim.min() - low > CONFINED * kT)


def _rim(box: tuple[tuple[float, float], tuple[float, float]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """(x, y) along each of the four sides."""
    (left, right), (bottom, top) = box
    x, y = np.linspace(left, right, 101), np.linspace(bottom, top, 101)
    return [(x, 0 * x + bottom), (x, 0 * x + top), (0 * y + left, y), (0 * y + right, y)]


@lru_cache(maxsize=8)  # 2 MB each
def boltzmann(landscape: Landscape, kT: float) -> Law:
    """exp(−U/kT)/Z by quadrature over the landscape's box (or chart)."""
    points, weights, _ = landscape.boltzmann(kT, count=NODES)
    if landscape.separable is not None:
        sides = boltzmann_marginals(landscape, kT)
    else:
        sides = tuple(_shares(points[:, axis], weights, landscape.view[axis]) for axis in (0, 1))
    kept = weights > 1e-12 * weights.max()
    # the nodes are a grid, but for landscapes with a chart of their own; they do not reach farther than needed
    cell = (0.0, 0.0) if landscape.chart else tuple(float(np.ptp(points[:, axis])) / (NODES - 1) for axis in (0, 1))
    return Law("Boltzmann's law, by quadrature", torch.from_numpy(points[kept]), weights[kept], sides, cell=cell)


@lru_cache(maxsize=32)
def boltzmann_marginals(landscape: Landscape, kT: float) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Places and density of x and of y under Boltzmann's law: all that a picture asks for."""
    if landscape.separable is None:
        return boltzmann(landscape, kT).marginals
    return tuple(_boltzmann_side(profile, kT, *landscape.box[axis]) for axis, profile in enumerate(landscape.separable))


def _shares(places: np.ndarray, weights: np.ndarray, view: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Density of one coordinate, from weighted points: where they stand on a grid, that grid's own."""
    values, index = np.unique(np.round(places, 9), return_inverse=True)
    if len(values) <= 2 * NODES:
        return values, np.bincount(index, weights) / np.gradient(values)
    low, high = view
    edges = np.linspace(low - 0.25 * (high - low), high + 0.25 * (high - low), 121)
    return 0.5 * (edges[1:] + edges[:-1]), np.histogram(places, edges, weights=weights)[0] / np.diff(edges)


def _boltzmann_side(profile: Profile, kT: float, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    s = np.linspace(low, high, 1201)
    height = (profile(s) - profile(s).min()) / kT
    density = np.exp(-height) / np.trapezoid(np.exp(-height), s)
    near = height < 30
    return s[near], density[near]


def discretised(
    landscape: Landscape, method: str, kT: float, h: float, starts: tuple[Start, Start], steps: int | None
) -> Law | None:
    """The law of the method itself, with its step: after `steps` steps, or in the long run (None).

    None where it is not known: potentials that do not separate, methods without a kernel, no stationary law.
    """
    if landscape.separable is None or method not in kernel.METHODS:
        return None
    if method == "mala" and steps is not None:
        return None  # it accepts both coordinates or neither: only its stationary law is a product
    sides = []
    for profile, start, box in zip(landscape.separable, starts, landscape.box, strict=True):
        side = one_dimension(profile, method, kT, h, start, steps, box)
        if side is None:
            return None
        sides.append(side)
    checkpoint()
    when = "in the long run" if steps is None else f"after {steps:,} steps"
    return of_sides(f"kernel of this method and step, {when}", *sides)


def of_sides(
    source: str, x: tuple[np.ndarray, np.ndarray], y: tuple[np.ndarray, np.ndarray], floor: float = Law.floor
) -> Law:
    """The law whose coordinates are independent, each given by its grid (n,) and probabilities (n,)."""
    (xs, px), (ys, py) = x, y
    gx, gy = np.meshgrid(xs, ys)
    weights = np.multiply.outer(py, px).ravel()
    kept = weights > 1e-13 * weights.max()
    points = torch.from_numpy(np.stack([gx.ravel()[kept], gy.ravel()[kept]], axis=1))
    densities = tuple((s, p / (s[1] - s[0]) / p.sum()) for s, p in (x, y))
    return Law(source, points, weights[kept], densities, floor, (xs[1] - xs[0], ys[1] - ys[0]))


@lru_cache(maxsize=128)
def one_dimension(
    profile: Profile, method: str, kT: float, h: float, start: Start, steps: int | None, box: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Grid (n,) and probabilities (n,) of one coordinate; what has left the box is missing from their sum."""
    low, high = reach(profile, kT, h, start, box)
    try:
        if steps is None:
            xs, density = kernel.stationary(method, profile.slope, kT, h, low, high)
            return xs, density * (xs[1] - xs[0])
        xs, matrix = kernel.transition(method, profile.slope, kT, h, low, high)
    except ValueError:  # no stationary law, or a step too short for the grid
        return None
    if method == "leimkuhler_matthews":
        half = np.sqrt(kT * h / 2)
        first = weights_of(xs, start, profile, kT, lambda x: x - h * profile.slope(x), half)
        last = _advance(first, matrix, steps - 1)
        blur = np.exp(-0.5 * ((xs[:, None] - xs[None, :]) / half) ** 2)
        return xs, (blur / blur.sum(axis=0)) @ last
    if method == "heun":  # its last step needs more noise nodes than its averages do
        before = _advance(weights_of(xs, start, profile, kT), matrix, steps - 1)
        return xs, kernel.heun_last_step(xs, before, profile.slope, kT, h)
    return xs, _advance(weights_of(xs, start, profile, kT), matrix, steps)


def reach(profile: Profile, kT: float, h: float, start: Start, box: tuple[float, float]) -> tuple[float, float]:
    """The interval that matters: within 36 kT of the lowest energy and around the start, inside the box.

    Where a long step can throw a particle off the slope, the box is kept whole: who leaves it does not come back.
    """
    s = np.linspace(*box, 2001)
    near = s[profile(s) - profile(s).min() < 36 * kT]
    noise = 6 * np.sqrt(2 * kT * h)
    low, high = near.min() - noise, near.max() + noise
    if start.kind != "equilibrium":
        margin = 9 * start.width + noise if start.kind == "gaussian" else start.width + noise
        low, high = min(low, start.centre - margin), max(high, start.centre + margin)
    thrown = np.abs(near - h * profile.slope(near))
    if thrown.max() > max(abs(low), abs(high)):
        low, high = box
    return float(low), float(high)


def weights_of(
    xs: np.ndarray,
    start: Start,
    profile: Profile,
    kT: float,
    move: Callable[[np.ndarray], np.ndarray] = lambda x: x,
    width: float = 0.0,
) -> np.ndarray:
    """The start on the grid, moved and blurred by `width`; with none, weights that interpolate smooth functions."""
    if start.kind == "equilibrium":
        weight = np.exp(-(profile(xs) - profile(xs).min()) / kT)
        nodes, shares = xs, weight / weight.sum()
    else:
        nodes, shares = start.nodes()
    nodes, step = move(nodes), xs[1] - xs[0]
    if width:
        spread = np.exp(-0.5 * ((xs[:, None] - nodes[None, :]) / width) ** 2)
        return (spread * (step / (np.sqrt(2 * np.pi) * width))) @ shares
    if start.kind == "equilibrium":
        return shares
    weights = np.zeros(len(xs))
    first = np.clip(np.floor((nodes - xs[0]) / step).astype(int) - 2, 0, len(xs) - 6)
    for node, share, at in zip(nodes, shares, first, strict=True):  # Lagrange weights on six neighbours
        near = xs[at : at + 6]
        for i in range(6):
            others = np.delete(near, i)
            weights[at + i] += share * np.prod((node - others) / (near[i] - others))
    return weights


def _advance(weights: np.ndarray, matrix: np.ndarray, steps: int) -> np.ndarray:
    """weights Pⁿ: vector by vector, or by squaring where that is less work."""
    size = len(weights)
    if steps < 2 * size:
        for _ in range(steps):
            checkpoint()
            weights = weights @ matrix
        return weights
    while steps:
        if steps & 1:
            weights = weights @ matrix
        steps >>= 1
        if steps:
            matrix = matmul(matrix, matrix)
    return weights

"""Boltzmann averages by quadrature on a regular grid, in one or two dimensions.

The trapezoid rule converges faster than any power of the spacing for smooth integrands that vanish at the edges
(Trefethen & Weideman, SIAM Review 56 (2014) 385), so a modest grid gives ten digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np


def check_grid(energy: np.ndarray, axes: Sequence[np.ndarray]) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Energy and axes as float64; ValueError unless axes = (xs,) or (xs, ys) are uniform, rising and fit energy."""
    energy = np.asarray(energy, dtype=float)
    axes = tuple(np.asarray(axis, dtype=float) for axis in axes)
    if len(axes) not in (1, 2) or energy.shape != tuple(len(axis) for axis in reversed(axes)):
        raise ValueError(
            f"energy has shape {energy.shape}; axes of lengths {[len(a) for a in axes]} "
            "need (len(xs),) or (len(ys), len(xs))."
        )
    for axis in axes:
        steps = np.diff(axis)
        if len(axis) < 5 or not steps.min() > 0 or np.ptp(steps) > 1e-6 * steps.mean():
            raise ValueError("each axis needs at least 5 evenly spaced, rising points.")
    if np.isnan(energy).any() or (energy == -np.inf).any() or not np.isfinite(energy).any():
        raise ValueError("energy must be finite or +inf (a wall) at every point, and finite somewhere.")
    return energy, axes


def check_temperature(kT: float) -> float:
    if not (np.isfinite(kT) and kT > 0):
        raise ValueError(f"kT = {kT} must be a positive number.")
    return float(kT)


def _trapezoid(axis: np.ndarray) -> np.ndarray:
    weights = np.full(len(axis), axis[1] - axis[0])
    weights[[0, -1]] /= 2
    return weights


@dataclass(frozen=True)
class Boltzmann:
    """The law exp(-U/kT)/Z on a grid; build it with `Boltzmann.of(energy, axes, kT)`.

    density has the shape of the energy, (W,) or (H, W) with row 0 at the lowest y, and integrates to one.
    """

    axes: tuple[np.ndarray, ...]  # (xs,) or (xs, ys)
    kT: float  # noqa: N815
    density: np.ndarray
    free_energy: float  # -kT ln Z

    @classmethod
    def of(cls, energy: np.ndarray, axes: Sequence[np.ndarray], kT: float) -> Boltzmann:
        """energy (W,) with axes (xs,), or (H, W) with axes (xs, ys). ValueError for a grid or kT that is no good."""
        energy, axes = check_grid(energy, axes)
        kT = check_temperature(kT)
        low = energy.min()
        density = np.exp(-(energy - low) / kT)  # the largest value is 1: nothing overflows
        total = float(np.sum(density * _weights(axes)))
        return cls(axes, kT, density / total, float(low - kT * np.log(total)))

    @cached_property
    def weights(self) -> np.ndarray:
        """Trapezoid weights, in the shape of the density."""
        return _weights(self.axes)

    def mean(self, values: np.ndarray) -> np.ndarray | float:
        """<f> for values (..., *grid): a number, or an array of the leading shape."""
        return _mean(np.asarray(values, dtype=float), self.density * self.weights, len(self.axes))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n independent points (n, d): a cell by inverse CDF, then uniform inside the cell.

        The jitter widens the law by spacing**2/12 per axis, which is its only error.
        """
        mass = (self.density * self.weights).ravel()
        cells = np.searchsorted(np.cumsum(mass)[:-1] / mass.sum(), rng.random(n), side="right")
        index = np.unravel_index(cells, self.density.shape)[::-1]  # x first
        points = np.stack([axis[i] for axis, i in zip(self.axes, index, strict=True)], axis=1)
        spacing = np.array([axis[1] - axis[0] for axis in self.axes])
        points += (rng.random(points.shape) - 0.5) * spacing
        return np.clip(points, [axis[0] for axis in self.axes], [axis[-1] for axis in self.axes])


def _weights(axes: Sequence[np.ndarray]) -> np.ndarray:
    if len(axes) == 1:
        return _trapezoid(axes[0])
    return np.multiply.outer(_trapezoid(axes[1]), _trapezoid(axes[0]))


def _mean(values: np.ndarray, mass: np.ndarray, dimensions: int) -> np.ndarray | float:
    seen = np.where(mass > 0, values, 0.0)  # a value that is infinite where the law is zero counts nothing
    result = np.sum(seen * mass, axis=tuple(range(-dimensions, 0)))
    return result if result.ndim else float(result)

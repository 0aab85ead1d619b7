"""EnergySurface: an energy in two dimensions with its derivatives and stationary points.

Points are tensors (N, 2) of any dtype on any device. The gradients of this package are fastest if x is stored
component by component (`x = buffer.T` with a contiguous buffer (2, N)); their results have the same memory layout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian
from demos.landscapes.stationary_points import Jet, StationaryPoint, polished

Box = tuple[tuple[float, float], tuple[float, float]]  # ((x low, x high), (y low, y high))


@dataclass(frozen=True, eq=False, kw_only=True)
class EnergySurface:
    """An energy E(x, y) with its derivatives, its stationary points, and its texts.

    energy(x, t=0.0) -> (N,), gradient(x, t=0.0) -> (N, 2), hessian(x, t=0.0) -> (N, 2, 2). A derivative that is not
    given is computed by autograd. The argument t is there because flows pass it; these energies do not depend on it.
    """

    name: str
    title: str
    sentence: str
    formula: str  # LaTeX of E
    energy: Callable[..., Tensor]
    view: Box  # the part of the plane that a picture shows
    approximate_points: tuple[StationaryPoint, ...]  # near the stationary points; see `stationary_points`
    gradient: Callable[..., Tensor] = None  # type: ignore[assignment]  # set in __post_init__
    hessian: Callable[..., Tensor] = None  # type: ignore[assignment]  # set in __post_init__

    def __post_init__(self) -> None:
        for name, derive in (("gradient", autograd_gradient), ("hessian", autograd_hessian)):
            if getattr(self, name) is None:
                object.__setattr__(self, name, _Derived(derive(self.energy)))

    @cached_property
    def stationary_points(self) -> tuple[StationaryPoint, ...]:
        """Minima, saddles and maxima, with positions accurate to rounding (Newton's method), energies and eigenvalues.

        Raises ValueError if an element of `approximate_points` is not stationary or not of its stated kind.
        """
        return tuple(polished(place, self._jet, self.title) for place in self.approximate_points)

    @property
    def minima(self) -> tuple[StationaryPoint, ...]:
        return tuple(place for place in self.stationary_points if place.kind == "minimum")

    @property
    def saddles(self) -> tuple[StationaryPoint, ...]:
        return tuple(place for place in self.stationary_points if place.kind == "saddle")

    @cached_property
    def curvature(self) -> float:
        """L, the largest eigenvalue of the Hessian over the minima: Euler's method is stable there below 2/L.

        nan if a minimum is a kink, or if all minima are flat to second order.
        """
        top = sum(place.eigenvalues[1] for place in self.minima)
        return max(place.eigenvalues[1] for place in self.minima) if top > 0 else math.nan

    def on_grid(self, xs: Sequence[float] | np.ndarray, ys: Sequence[float] | np.ndarray) -> np.ndarray:
        """U at the nodes of a grid: (H, W) float64 with row i at ys[i], column j at xs[j]."""
        x, y = np.meshgrid(np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64))
        return self.energy(grid_points(x, y)).numpy().reshape(x.shape)

    def _jet(self, at: np.ndarray) -> Jet:
        x = torch.from_numpy(at[None])
        return float(self.energy(x)), self.gradient(x).numpy()[0], self.hessian(x).numpy()[0]


class _Derived:
    """A derivative by autograd, in the form of a landscape's: t is optional, gradients are stored by component."""

    def __init__(self, derivative: Callable[[Tensor, float], Tensor]) -> None:
        self._derivative = derivative

    def __call__(self, x: Tensor, t: float = 0.0) -> Tensor:
        found = self._derivative(x, t)
        return found.T.contiguous().T if found.ndim == 2 else found


def grid_points(x: np.ndarray, y: np.ndarray) -> Tensor:
    """Coordinates x and y, of the same shape, as points (N, 2)."""
    return torch.from_numpy(np.stack((x.ravel(), y.ravel()))).T


@lru_cache(maxsize=256)
def constant(values: tuple, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A tensor of nested tuples of numbers, cached for each dtype and device."""
    return torch.tensor(values, dtype=dtype, device=device)


def hessian_of(xx: Tensor, xy: Tensor, yy: Tensor) -> Tensor:
    """Hessians (N, 2, 2) from their entries xx, xy and yy, each (N,)."""
    return torch.stack((xx, xy, xy, yy), -1).unflatten(-1, (2, 2))

"""Streamlines of the flow, and the stable manifolds of saddles, which are the borders between basins."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from demos.descent.prediction import axes_of
from demos.descent.surfaces import scale_of
from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import EnergySurface

STREAMS = (13, 9)  # seeds along x and y
LENGTH, PARTS = 0.09, 24  # of a streamline: length in view diagonals, and number of parts
REACH, STEPS = 1.5, 500  # of a stable manifold: length in view diagonals, and number of steps
AWAY = 1e-4  # view diagonals: the distance of its start from the saddle


@lru_cache(maxsize=16)
def streamlines(surface: EnergySurface) -> tuple[np.ndarray, np.ndarray]:
    """Downhill streamlines of equal length: vertices (M, 2), and the index of the first vertex of each line."""
    axes = [
        low + (high - low) * (np.arange(count) + 0.5) / count
        for (low, high), count in zip(surface.view, STREAMS, strict=True)
    ]
    seeds = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    return _lines(surface, seeds, LENGTH * scale_of(surface), PARTS, downhill=True)


@lru_cache(maxsize=16)
def stable_manifolds(surface: EnergySurface) -> tuple[np.ndarray, np.ndarray] | None:
    """Two uphill lines from each saddle: vertices (M, 2), each line's first vertex; None without saddles."""
    seeds = []
    for place in surface.saddles:
        _, vectors = axes_of(surface, place)
        step = AWAY * scale_of(surface) * vectors[:, 1]
        seeds += [np.array(place.position) + step, np.array(place.position) - step]
    if not seeds:
        return None
    return _lines(surface, np.array(seeds), REACH * scale_of(surface), STEPS, downhill=False)


def _lines(
    surface: EnergySurface, seeds: np.ndarray, length: float, parts: int, downhill: bool
) -> tuple[np.ndarray, np.ndarray]:
    flow = GradientFlow(gradient=unit_field(surface, 1.0 if downhill else -1.0))
    times = torch.linspace(0, length, parts + 1, dtype=torch.float64)
    path = solve(flow, torch.from_numpy(seeds), times, "rk4", record=min(parts + 1, 126)).states.numpy()
    (x0, x1), (y0, y1) = surface.view
    wide, high = x1 - x0, y1 - y0
    with np.errstate(invalid="ignore"):
        outside = (
            (path[..., 0] < x0 - wide) | (path[..., 0] > x1 + wide)
            | (path[..., 1] < y0 - high) | (path[..., 1] > y1 + high)
        )  # fmt: skip
    path = np.where(outside[..., None], np.nan, path)
    frames, count, _ = path.shape
    return path.transpose(1, 0, 2).reshape(-1, 2), np.arange(count) * frames


def unit_field(surface: EnergySurface, sign: float) -> Callable[[Tensor, float], Tensor]:
    """The field sign · ∇E/|∇E|, regularized where the gradient vanishes."""

    def field(x: Tensor, t: float = 0.0) -> Tensor:
        g = surface.gradient(x)
        return sign * g / (g.norm(dim=-1, keepdim=True) + 1e-9)

    return field

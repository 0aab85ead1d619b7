"""Basin maps: the minimum at which each start on a grid ends, for the flow and for a method at its rate."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from demos.common.progress import checkpoint
from demos.descent.config import DescentConfig
from demos.descent.setup import NEAR
from demos.descent.starts import grid_of
from demos.descent.surfaces import scale_of
from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import EnergySurface
from demos.landscapes.basins import Basins

CELLS = 64  # on each side of a map
FINE = 256  # nodes on each side of the grid on which the flow's basins are computed
MOST_STEPS = 1_000
NOWHERE = -1  # the label of a start that ends at no minimum


@lru_cache(maxsize=16)
def flow_basins(surface: EnergySurface, cells: int = CELLS) -> np.ndarray:
    """The map of the flow: (cells, cells) indices of minima, row 0 at the bottom. Raises ValueError without minima."""
    if not surface.minima:
        raise ValueError(f"{surface.title} has no minimum inside its view: it has no basins.")
    basins = Basins(surface.gradient, [place.position for place in surface.minima], surface.view, FINE)
    return basins(torch.from_numpy(grid_of(surface, cells))).numpy().reshape(cells, cells)


@lru_cache(maxsize=8)
def method_basins(config: DescentConfig, cells: int = CELLS) -> np.ndarray:
    """The map of the config's first method: (cells, cells) indices of minima, NOWHERE where it does not converge."""
    surface = config.landscape
    if not surface.minima:
        raise ValueError(f"{surface.title} has no minimum inside its view: it has no basins.")
    method = config.methods[0]
    steps = min(MOST_STEPS, config.planned_steps[method])
    starts = grid_of(surface, cells)
    path = solve(
        GradientFlow(surface.energy, surface.gradient, hessian=surface.hessian),
        torch.from_numpy(starts),
        torch.arange(steps + 1, dtype=torch.float64) * config.rate(method),
        method,
        record=2,
        progress=lambda done: checkpoint(),
        **config.options_of(method),
    )
    ends = path.states[-1].numpy()
    minima = np.array([place.position for place in surface.minima])
    with np.errstate(invalid="ignore"):
        distance = np.linalg.norm(ends[:, None] - minima, axis=-1)
        distance = np.where(np.isfinite(distance), distance, np.inf)
    labels = np.where(distance.min(1) < 30 * NEAR * scale_of(surface), distance.argmin(1), NOWHERE)
    return labels.reshape(cells, cells)


def differing(first: np.ndarray, second: np.ndarray) -> float:
    """The fraction of cells in which two maps differ."""
    return float(np.mean(first != second))

"""The potentials on the menu, by name; the visitor's own formula is one of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from demos.landscapes import LANDSCAPES, Landscape
from demos.landscapes.energy_surface import grid_points
from demos.landscapes.formula import Formula, formula_landscape

FORMULA = "formula"
POTENTIALS = {name: landscape.title for name, landscape in LANDSCAPES.items()} | {FORMULA: "Your own formula"}

# The default step of each potential, well below the stability limit.
STEPS = {
    "harmonic": 0.05,
    "double_well": 0.02,
    "tilted_double_well": 0.02,
    "muller_brown": 1e-4,
    "ring": 0.01,
    "banana": 0.005,
    "funnel": 0.02,
    "three_gaussians": 0.02,
    "egg_carton": 0.01,
}
STEP = 0.01  # the default step of a formula without curvature
SAFE = 0.2  # the default step of a formula with the largest curvature L is SAFE/L, a tenth of the stability limit
SELDOM = 1e-3  # the share of particles at places so steep that the default step is more than half the limit 2/L there
REACHED = 10.0  # kT: higher ones are too few to count
NODES = 101  # on each side of the grid on which the steepest place is looked for


def landscape_named(potential: str, formula: str) -> Landscape:
    """The landscape of a potential. Raises ValueError, with the position of the error, for an invalid formula."""
    return _formula_landscape(formula) if potential == FORMULA else LANDSCAPES[potential]


def settings_for(potential: str, formula: str) -> dict[str, float]:
    """The step, temperature and start that suit a potential. Raises ValueError as `landscape_named`."""
    landscape = landscape_named(potential, formula)
    step = STEPS.get(potential) or _step_for(formula)
    x, y = landscape.minima[0].position
    return {"step": step, "temperature": _rounded(landscape.kT), "x0": round(x, 3), "y0": round(y, 3)}


def energy_at(landscape: Landscape, x: float, y: float) -> float:
    """U at one point in single precision, in which particles move; inf inside a wall."""
    return float(landscape.energy(torch.tensor([[x, y]])))


@lru_cache(maxsize=64)
def operations_of(formula: str) -> int:
    """How many operations an evaluation of the formula takes."""
    return Formula.parse(formula).operations


@lru_cache(maxsize=64)
def _step_for(formula: str) -> float:
    """The default step of a formula, by the curvature at its minima and where heat leads: a minimum may be flat though
    the walls are steep, as those of x¹²."""
    landscape = _formula_landscape(formula)
    curvature, steepest = landscape.curvature, _steepest(landscape)
    step = SAFE / curvature if curvature > 0 else STEP
    return _rounded(min(step, 1 / steepest) if steepest > 0 else step)


def _steepest(landscape: Landscape) -> float:
    """The curvature that SELDOM of all particles exceed in equilibrium, by a grid; 0 where all is curved down."""
    box, kT, lowest = landscape.box, landscape.kT, min(place.energy for place in landscape.minima)
    for _ in range(3):  # first it is found where that is
        xs, ys = (np.linspace(*side, NODES) for side in box)
        energy = landscape.on_grid(xs, ys)
        low = energy <= lowest + REACHED * kT
        if not low.any():
            return 0.0
        box = tuple(_around(axis, low.any(other)) for other, axis in ((0, xs), (1, ys)))
    x, y = np.meshgrid(xs, ys)
    hessians = landscape.hessian(grid_points(x[low], y[low])).numpy()
    known = np.isfinite(hessians).all(axis=(1, 2))
    curvatures = np.linalg.eigvalsh(hessians[known])[:, 1]
    if not len(curvatures):
        return 0.0
    order = np.argsort(-curvatures)
    beyond = np.cumsum(np.exp((lowest - energy[low][known][order]) / kT))
    return max(0.0, float(curvatures[order[np.searchsorted(beyond, SELDOM * beyond[-1])]]))


def _around(axis: np.ndarray, taken: np.ndarray) -> tuple[float, float]:
    """The interval of an axis in which nodes are taken, with one node more at each end."""
    inside = np.flatnonzero(taken)
    return float(axis[max(inside[0] - 1, 0)]), float(axis[min(inside[-1] + 1, len(axis) - 1)])


def _rounded(value: float) -> float:
    """Two significant digits."""
    return float(f"{value:.1e}")


@lru_cache(maxsize=64)
def _formula_landscape(text: str) -> Landscape:
    return formula_landscape(text)

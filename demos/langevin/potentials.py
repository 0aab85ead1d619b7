"""The potentials on the menu, by name; the visitor's own formula is one of them."""

from __future__ import annotations

from functools import lru_cache

import torch

from demos.landscapes import LANDSCAPES, Landscape
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


def landscape_named(potential: str, formula: str) -> Landscape:
    """The landscape of a potential. Raises ValueError, with the position of the error, for an invalid formula."""
    return _formula_landscape(formula) if potential == FORMULA else LANDSCAPES[potential]


def settings_for(potential: str, formula: str) -> dict[str, float]:
    """The step, temperature and start that suit a potential. Raises ValueError as `landscape_named`."""
    landscape = landscape_named(potential, formula)
    curvature = landscape.curvature
    step = STEPS.get(potential) or (_rounded(SAFE / curvature) if curvature > 0 else STEP)
    x, y = landscape.minima[0].position
    return {"step": step, "temperature": _rounded(landscape.kT), "x0": round(x, 3), "y0": round(y, 3)}


def energy_at(landscape: Landscape, x: float, y: float) -> float:
    """U at one point in single precision, in which particles move; inf inside a wall."""
    return float(landscape.energy(torch.tensor([[x, y]])))


@lru_cache(maxsize=64)
def operations_of(formula: str) -> int:
    """How many operations an evaluation of the formula takes."""
    return Formula.parse(formula).operations


def _rounded(value: float) -> float:
    """Two significant digits."""
    return float(f"{value:.1e}")


@lru_cache(maxsize=64)
def _formula_landscape(text: str) -> Landscape:
    return formula_landscape(text)

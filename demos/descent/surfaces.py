"""The landscapes of this page by name, each with a start and rates that show its character."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch

from demos.descent.optimizers import GRADIENT_STEPS, OPTIMIZERS
from demos.landscapes import LANDSCAPES, EnergySurface
from demos.landscapes.formula import formula_landscape
from demos.landscapes.test_functions import TEST_FUNCTIONS, quadratic

FORMULA = "formula"
SHARED = ("double_well", "muller_brown", "egg_carton")  # landscapes that are also on the Langevin page
SURFACES = (
    {name: surface.title for name, surface in TEST_FUNCTIONS.items()}
    | {name: LANDSCAPES[name].title for name in SHARED}
    | {FORMULA: "Your own formula"}
)
NEWTON_RATE = 0.1


@dataclass(frozen=True)
class Suited:
    """Default settings for a landscape.

    start: a point. rate: the rate of gradient descent. length: the rate of methods that divide by the size of the
    gradient, a length. steps: the number of steps of gradient descent.
    """

    start: tuple[float, float]
    rate: float
    length: float
    steps: int


SUITED = {
    "quadratic": Suited((-8.0, 5.0), 1.0, 0.2, 100),
    "rosenbrock": Suited((-1.2, 1.0), 1e-3, 0.01, 4_000),
    "himmelblau": Suited((0.0, -0.5), 0.01, 0.05, 400),
    "beale": Suited((1.0, 1.5), 0.02, 0.05, 1_000),
    "booth": Suited((-6.0, -4.0), 0.05, 0.2, 100),
    "matyas": Suited((8.0, -3.0), 1.0, 0.2, 100),
    "rastrigin": Suited((1.75, -1.3), 2e-3, 0.01, 200),
    "ackley": Suited((0.4, -0.25), 0.01, 0.01, 300),
    "three_hump_camel": Suited((2.3, 1.5), 0.05, 0.05, 150),
    "six_hump_camel": Suited((1.9, 1.2), 0.02, 0.02, 200),
    "styblinski_tang": Suited((0.5, -0.4), 0.01, 0.05, 300),
    "goldstein_price": Suited((-0.2, -0.7), 2e-4, 0.005, 400),
    "mccormick": Suited((3.4, -1.5), 0.1, 0.05, 100),
    "saddle": Suited((-2.0, 0.02), 0.05, 0.05, 60),
    "monkey_saddle": Suited((1.6, 0.1), 0.02, 0.02, 150),
    "flat_sharp": Suited((-1.6, 1.0), 0.02, 0.02, 300),
    "double_well": Suited((0.1, 1.2), 0.05, 0.05, 150),
    "muller_brown": Suited((-0.75, 0.55), 1e-4, 0.01, 500),
    "egg_carton": Suited((0.9, -0.8), 0.05, 0.05, 150),
}


@lru_cache(maxsize=64)
def surface_named(name: str, formula: str, condition: float, angle: float) -> EnergySurface:
    """The landscape of that name. Raises ValueError, with the position of the error, for an invalid formula."""
    if name == FORMULA:
        return formula_landscape(formula)
    if name == "quadratic":
        return quadratic(condition, angle)
    return LANDSCAPES[name] if name in SHARED else TEST_FUNCTIONS[name]


def scale_of(surface: EnergySurface) -> float:
    """The diagonal of the view."""
    (x0, x1), (y0, y1) = surface.view
    return math.hypot(x1 - x0, y1 - y0)


@lru_cache(maxsize=64)
def suited_to(name: str, formula: str, condition: float = 25.0, angle: float = 30.0) -> Suited:
    """The default settings of a landscape; for a formula, from its curvature and its view. Raises what `surface_named`
    raises."""
    if name != FORMULA:
        return SUITED[name]
    surface = surface_named(name, formula, condition, angle)
    (x0, x1), (y0, y1) = surface.view
    curvature = surface.curvature
    rate = 0.3 / curvature if curvature > 0 else 0.01
    start = (x0 + 0.2 * (x1 - x0), y0 + 0.7 * (y1 - y0))
    if not math.isfinite(energy_at(surface, *start)):
        start = tuple(value + 0.05 * scale_of(surface) for value in surface.minima[0].position)
    return Suited((round(start[0], 3), round(start[1], 3)), _rounded(rate), _rounded(scale_of(surface) / 300), 300)


def rates_suited_to(suited: Suited) -> dict[str, float]:
    """method -> default learning rate."""
    rates = {}
    for method in OPTIMIZERS:
        rates[method] = suited.rate if method in GRADIENT_STEPS else suited.length
    return rates | {"newton": NEWTON_RATE, "lbfgs": _rounded(10 * suited.length)}


def energy_at(surface: EnergySurface, x: float, y: float) -> float:
    """E at one point; inf or nan where it is undefined."""
    return float(surface.energy(torch.tensor([[x, y]], dtype=torch.float64)))


def _rounded(value: float) -> float:
    """The value rounded to two significant digits."""
    return float(f"{value:.1e}")

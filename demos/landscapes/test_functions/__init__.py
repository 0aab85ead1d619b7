"""Test functions of optimization in closed form, with every stationary point inside their views.

Minima and saddles are those of Jamil & Yang, Int. J. Math. Model. Numer. Optim. 4 (2013) 150; Newton's method refines
them to rounding (`EnergySurface.stationary_points`).

algebraic        polynomials
transcendental   exponentials and waves
"""

from __future__ import annotations

import numpy as np

from demos.landscapes.energy_surface import EnergySurface
from demos.landscapes.test_functions.algebraic import (
    BEALE,
    BOOTH,
    GOLDSTEIN_PRICE,
    HIMMELBLAU,
    MATYAS,
    MONKEY_SADDLE,
    ROSENBROCK,
    SADDLE,
    SIX_HUMP_CAMEL,
    STYBLINSKI_TANG,
    THREE_HUMP_CAMEL,
    quadratic,
)
from demos.landscapes.test_functions.transcendental import ACKLEY, FLAT_SHARP, MCCORMICK, RASTRIGIN, rastrigin_levels

__all__ = ["TEST_FUNCTIONS", "borders", "quadratic"]

TEST_FUNCTIONS: dict[str, EnergySurface] = {
    surface.name: surface
    for surface in (
        quadratic(25.0, 30.0),
        ROSENBROCK,
        HIMMELBLAU,
        BEALE,
        BOOTH,
        MATYAS,
        RASTRIGIN,
        ACKLEY,
        THREE_HUMP_CAMEL,
        SIX_HUMP_CAMEL,
        STYBLINSKI_TANG,
        GOLDSTEIN_PRICE,
        MCCORMICK,
        SADDLE,
        MONKEY_SADDLE,
        FLAT_SHARP,
    )
}
"""The test functions by name. The function `quadratic` makes the first one for any condition number and angle."""


def borders(surface: EnergySurface) -> tuple[np.ndarray, np.ndarray] | None:
    """The borders between basins of steepest descent of a separable test function: the lines x = … and y = …, as two
    sorted arrays; None for test functions that are not separable."""
    if surface.name == "styblinski_tang":
        top = np.array([surface.stationary_points[-1].position[0]])
        return top, top
    if surface.name == "rastrigin":
        tops = np.array(rastrigin_levels()[1])
        return tops, tops
    if surface.name == "flat_sharp":
        return np.array([surface.saddles[0].position[0]]), np.array([])
    return None

"""Linear methods on a parabola λx²/2: the recursion dₖ₊₁ = a dₖ + b dₖ₋₁ along an eigenvector, and its roots.

Polyak (1964) for heavy ball; Lessard, Recht & Packard, SIAM J. Optim. 26 (2016) 57, for all of them.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from demos.descent.optimizers import LINEAR

SEEN = 1e-6  # a mode that changes sign less than once while it shrinks to this counts as monotone
EXACTLY = 1e-9  # a factor this close to 1 counts as 1


def recursion(method: str, rate: float, curvature: float, options: Mapping[str, float]) -> tuple[float, float]:
    """The coefficients (a, b) of the recursion. Raises KeyError for a method that is not linear."""
    z, beta = rate * curvature, options.get("momentum", 0.0)
    return {
        "euler": (1 - z, 0.0),
        "implicit_euler": (1 / (1 + z) if z != -1 else math.inf, 0.0),
        "newton": (1 - rate, 0.0),
        "heavy_ball": (1 + beta - z, -beta),
        "nesterov": ((1 + beta) * (1 - z), -beta * (1 - z)),
    }[method]


@dataclass(frozen=True)
class Mode:
    """The behaviour of a method along an eigenvector with curvature λ.

    root: the root of r² = ar + b with the largest modulus, and with a nonnegative imaginary part.
    """

    curvature: float
    root: complex

    @property
    def factor(self) -> float:
        """|root|: the factor by which the distance changes in a step."""
        return abs(self.root)

    @property
    def turns(self) -> float:
        """Changes of sign for each step: the argument of the root over π."""
        return abs(cmath.phase(self.root)) / math.pi

    @property
    def character(self) -> str:
        """ "diverging", "monotone", "alternating" (a change of sign every step) or "oscillating"."""
        if self.factor > 1 + EXACTLY:
            return "diverging"
        if self.turns * self.steps_to(SEEN) < 1:
            return "monotone"
        return "alternating" if self.turns > 1 - EXACTLY else "oscillating"

    def steps_to(self, share: float) -> float:
        """The number of steps in which the distance shrinks to a fraction `share`; inf if it does not shrink."""
        if self.factor >= 1 - 1e-15:
            return math.inf
        return 1.0 if self.factor == 0 else max(1.0, math.log(share) / math.log(self.factor))


def mode(method: str, rate: float, curvature: float, options: Mapping[str, float]) -> Mode:
    a, b = recursion(method, rate, curvature, options)
    if not math.isfinite(a):
        return Mode(curvature, complex(math.inf))
    square = cmath.sqrt(a * a / 4 + b)
    root = max((a / 2 + square, a / 2 - square), key=lambda root: (abs(root), root.imag))
    return Mode(curvature, complex(root.real, abs(root.imag)))


def modes(method: str, rate: float, curvatures: tuple[float, float], options: Mapping[str, float]) -> tuple[Mode, Mode]:
    return tuple(mode(method, rate, curvature, options) for curvature in curvatures)  # type: ignore[return-value]


def is_linear(method: str) -> bool:
    return method in LINEAR


def continued(
    method: str, rate: float, curvatures: np.ndarray, options: Mapping[str, float], first: np.ndarray, steps: int
) -> np.ndarray:
    """The distances (steps + 1, D) along D eigenvectors, continued from the first two (2, D) by the recursion."""
    pairs = np.array([recursion(method, rate, curvature, options) for curvature in curvatures])
    result = np.empty((steps + 1, len(curvatures)))
    result[: min(2, steps + 1)] = first[: min(2, steps + 1)]
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(2, steps + 1):
            result[k] = pairs[:, 0] * result[k - 1] + pairs[:, 1] * result[k - 2]
    return result

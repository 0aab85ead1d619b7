"""Activation functions: value, slope, and their Gaussian moments, which mean-field theory needs.

E φ(z)², E φ'(z)² and the like for z ~ N(0, q): in closed form for ReLU and leaky ReLU, whose kink a quadrature would
integrate badly (Gauss–Hermite with 201 nodes gives .456 for E ReLU'² = ½), by the trapezoidal rule for smooth ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import pi, sqrt

import numpy as np
from scipy.special import erf, expit

Array = np.ndarray
Function = Callable[[Array], Array]

LEAKY_SLOPE = 0.01  # torch's default
REACH, NODES = 12.0, 4_801  # Gaussian weight beyond 12 standard deviations: 4e-33


@dataclass(frozen=True)
class Moments:
    """Moments for z ~ N(0, q): mean E φ, square E φ², slope E φ', slope_square E φ'², and for the fluctuations at
    finite width fourth E φ⁴, slope_fourth E φ'⁴."""

    mean: float
    square: float
    slope: float
    slope_square: float
    fourth: float
    slope_fourth: float


@dataclass(frozen=True)
class Activation:
    """φ and φ' as functions of arrays; `kink`: the slope left of 0 if φ is z for z > 0 and kink·z below (else None).

    greatest: the largest |φ'|, to which a mean slope is compared when units are called saturated.
    """

    name: str
    title: str
    value: Function
    slope: Function
    kink: float | None = None
    greatest: float = 1.0

    def moments(self, q: float) -> Moments:
        """The moments for z ~ N(0, q), q ≥ 0: in closed form for functions with a kink, else by the trapezoidal rule
        over ±12√q, which for analytic functions converges faster than any power of the spacing."""
        if self.kink is None:
            z, weights = _grid()
            z = sqrt(q) * z
            value, slope = self.value(z), self.slope(z)
            mean = lambda f: float(weights @ f)
            square, slope_square = value * value, slope * slope
            return Moments(
                mean(value), mean(square), mean(slope), mean(slope_square), mean(square**2), mean(slope_square**2)
            )
        a = self.kink
        half = lambda power: (1 + a**power) / 2
        return Moments(
            mean=(1 - a) * sqrt(q / (2 * pi)),
            square=half(2) * q,
            slope=half(1),
            slope_square=half(2),
            fourth=half(4) * 3 * q * q,
            slope_fourth=half(4),
        )


@cache
def _grid() -> tuple[Array, Array]:
    z = np.linspace(-REACH, REACH, NODES)
    weights = np.exp(-z * z / 2)
    return z, weights / weights.sum()


def _gelu_slope(z: Array) -> Array:
    return (1 + erf(z / sqrt(2))) / 2 + z * np.exp(-z * z / 2) / sqrt(2 * pi)


def _silu_slope(z: Array) -> Array:
    s = expit(z)
    return s * (1 + z * (1 - s))


def _leaky(a: float) -> tuple[Function, Function]:
    return lambda z: np.where(z > 0, z, a * z), lambda z: np.where(z > 0, 1.0, a)


def leaky_relu(slope: float = LEAKY_SLOPE) -> Activation:
    """Maas, Hannun & Ng 2013; `slope` below 0."""
    return Activation("leaky_relu", "Leaky ReLU", *_leaky(slope), kink=slope, greatest=max(1.0, abs(slope)))


ACTIVATIONS: dict[str, Activation] = {
    each.name: each
    for each in (
        Activation("sigmoid", "Sigmoid", expit, lambda z: expit(z) * expit(-z), greatest=0.25),
        Activation("tanh", "Tanh", np.tanh, lambda z: 1 - np.tanh(z) ** 2),
        Activation("relu", "ReLU", *_leaky(0.0), kink=0.0),
        leaky_relu(),
        Activation("gelu", "GELU", lambda z: z * (1 + erf(z / sqrt(2))) / 2, _gelu_slope, greatest=1.129),
        Activation("silu", "SiLU", lambda z: z * expit(z), _silu_slope, greatest=1.1),
        Activation("linear", "Linear", lambda z: z, np.ones_like, kink=1.0),
    )
}

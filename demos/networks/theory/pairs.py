"""Gaussian averages over one number and over two that are correlated, which fluctuations at finite width ask for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import acos, pi, sqrt

import numpy as np

from demos.networks.theory.activations import Activation

REACH, NODES = 4.8, 81  # of a pair's quadrature, in standard deviations; a side


@dataclass(frozen=True)
class Moments:
    """Of two inputs with correlation c, or of one (c = 1): product E φφ; alike, E φ'φ' / E φ'²; relative covariances of
    their φ² (values), of their φ'² (slopes), and of one's φ² with the other's φ'² (mixed)."""

    product: float
    alike: float
    values: float
    slopes: float
    mixed: float


def single(activation: Activation, q: float) -> tuple[float, float, float, float, float]:
    """E φ², E φ'², E z²φ'²/(q E φ'²), and the relative covariances of φ² and of φ'² with z²."""
    if activation.kink is not None:
        half = (1 + activation.kink**2) / 2
        return half * q, half, 1.0, 2.0, 0.0
    z, weights = _line()
    value, slope = activation.value(sqrt(q) * z) ** 2, activation.slope(sqrt(q) * z) ** 2
    square, slope_square = float(weights @ value), float(weights @ slope)
    of_value, of_slope = float(weights @ (value * z**2)) / square, float(weights @ (slope * z**2)) / slope_square
    return square, slope_square, of_slope, of_value - 1, of_slope - 1


def carried(activation: Activation, q: float) -> float:
    """(E z φ φ')² / (E φ² · q E φ'²): of the squared cosine of v with φ(z), what φ'·v has of it with z."""
    if activation.kink is not None:
        return 1.0
    z, weights = _line()
    value, slope = activation.value(sqrt(q) * z), activation.slope(sqrt(q) * z)
    return float((weights @ (z * value * slope)) ** 2 / ((weights @ value**2) * (weights @ slope**2)))


def pair_moments(activation: Activation, q: float, c: float) -> Moments:
    """Of (z, z') normal with variances q and correlation c; ReLU and leaky ReLU by arc-cosine kernels (Cho & Saul
    2009), smooth ones by the trapezoidal rule."""
    c = min(1.0, max(-1.0, c))
    if activation.kink is not None:
        return kinked(activation.kink, q, c)
    z, weights = _line() if c == 1 else _plane()
    if c == 1:
        one = other = activation.value(sqrt(q) * z)
        slope = other_slope = activation.slope(sqrt(q) * z)
        mean = lambda values: float(weights @ values)
        first, first_slope = one, slope
    else:
        v = c * z[:, None] + sqrt(1 - c * c) * z
        first, first_slope = activation.value(sqrt(q) * z), activation.slope(sqrt(q) * z)
        one, slope = first[:, None], first_slope[:, None]
        other, other_slope = activation.value(sqrt(q) * v), activation.slope(sqrt(q) * v)
        mean = lambda values: float(weights @ values @ weights)
    square, slope_square = float(weights @ first**2), float(weights @ first_slope**2)
    return Moments(
        mean(one * other),
        mean(slope * other_slope) / slope_square,
        mean((one * other) ** 2) / square**2 - 1,
        mean((slope * other_slope) ** 2) / slope_square**2 - 1,
        mean((one * other_slope) ** 2) / (square * slope_square) - 1,
    )


def kinked(a: float, q: float, c: float) -> Moments:
    """φ = a z + (1 − a) z₊, φ² = a²z² + (1 − a²) z₊², φ'² = a² + (1 − a²) [z > 0], and averages of pairs of these."""
    angle = acos(c)
    sine, rest, b, half = sqrt(1 - c * c), pi - angle, 1 - a * a, (1 + a * a) / 2
    product = (sine + rest * c) / (2 * pi)
    squares = (3 * sine * c + rest * (1 + 2 * c * c)) / (2 * pi)
    signs, mixed = rest / (2 * pi), (rest + sine * c) / (2 * pi)
    whole = 1 + 2 * c * c
    return Moments(
        q * (a * a * c + a * (1 - a) * c + (1 - a) ** 2 * product),
        (a * a + a * (1 - a) + (1 - a) ** 2 * signs) / half,
        (a**4 * whole + a * a * b * whole + b * b * squares) / half**2 - 1,
        (a**4 + a * a * b + b * b * signs) / half**2 - 1,
        (a**4 + a * a * b + b * b * mixed) / half**2 - 1,
    )


@cache
def _line() -> tuple[np.ndarray, np.ndarray]:
    z = np.linspace(-12, 12, 2_401)
    weights = np.exp(-z * z / 2)
    return z, weights / weights.sum()


@cache
def _plane() -> tuple[np.ndarray, np.ndarray]:
    z = np.linspace(-REACH, REACH, NODES)
    weights = np.exp(-z * z / 2)
    return z, weights / weights.sum()

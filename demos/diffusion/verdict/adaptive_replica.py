"""Dormand and Prince's method with error control once more in NumPy, and Runge and Kutta's classical one in log σ.

The replica of the adaptive sampler. At a loose tolerance where points end depends on the very steps, which are chosen
here as in Hairer's code; at a strict one they do not matter, and the points may choose others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from demos.diffusion.verdict.scores import Denoiser

# Hairer, Nørsett & Wanner, Solving ODEs I, table II.5.2: the stages, and the error of fifth against fourth order
STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
AT = (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1)
ERROR = (71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
BETWEEN = (  # and the last coefficient of its dense output, from Hairer's code
    -12715105075 / 11282082432,
    0,
    87487479700 / 32700410799,
    -10690763975 / 1880347072,
    701980252875 / 199316789632,
    -1453857185 / 822651844,
    69997945 / 29380423,
)
MOST_STEPS = 2_000
SUBSTEPS = 4  # of `exact_move`: a quarter of the way between two frames each


def exact_move(denoiser: Denoiser, x: np.ndarray, sigma: float, to: float) -> np.ndarray:
    """The points (n, 2) at noise level `to` of the probability-flow ODE from x at σ, dx/dlog σ = x − D; the denoiser's
    step to σ = 0. `to` is near to σ, or above it."""
    if to == 0:
        return denoiser(x, sigma)
    h = math.log(to / sigma) / SUBSTEPS
    slope = lambda y, done: y - denoiser(y, sigma * math.exp(h * done))
    for i in range(SUBSTEPS):
        k1 = slope(x, i)
        k2 = slope(x + h / 2 * k1, i + 0.5)
        k3 = slope(x + h / 2 * k2, i + 0.5)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(x + h * k3, i + 1))
    return x


def dormand_prince(
    denoiser: Denoiser, x: np.ndarray, high: float, low: float, tolerance: float, unit: float, wanted: float
) -> Iterator[tuple[float, np.ndarray]]:
    """(σ, points (n, 2)) after each step of dx/dσ = (x − D)/σ from σ = high to low, and at the level `wanted`.

    One step size for all points; the norm of the error is the root mean square over them, in units of
    tolerance · (unit + |x|). Control: Hairer & Wanner, Solving ODEs II, §IV.2; the first step: ODEs I, §II.4."""
    velocity = lambda y, t: -(y - denoiser(y, high - t)) / (high - t)  # by t = high − σ, which rises
    norm = lambda error, *of: float(
        np.sqrt(np.square(error / (tolerance * (unit + np.max(np.abs(of), axis=0)))).mean())
    )
    end, t, k, before, refused = high - low, 0.0, velocity(x, 0.0), 1e-4, False
    yield high, x
    h = _first_step(x, k, end, norm, lambda size: velocity(x + size * k, size))
    for _ in range(MOST_STEPS):
        last = 1.01 * h >= end - t
        h = end - t if last else h
        slopes = [k]
        for part, row in zip(AT, STAGES, strict=True):
            y = x + h * sum(weight * slope for weight, slope in zip(row, slopes, strict=True) if weight)
            slopes.append(velocity(y, t + part * h))
        error = norm(h * sum(weight * slope for weight, slope in zip(ERROR, slopes, strict=True)), x, y)
        if not error <= 1:
            h, refused = h * (max(0.2, 0.9 * error ** (-1 / 5)) if math.isfinite(error) else 0.2), True
            continue
        if t < high - wanted < t + h:
            yield wanted, _between(x, y, slopes, h, (high - wanted - t) / h)
        x, k, t = y, slopes[-1], t + h
        yield low if last else high - t, x
        if last:
            return
        factor = min(10.0, max(0.2, 0.9 * max(error, 1e-10) ** -(1 / 5 - 0.75 * 0.04) * before**0.04))
        h, before, refused = h * (min(1.0, factor) if refused else factor), max(error, 1e-4), False
    yield low, np.full_like(x, np.nan)  # no end is known


def _first_step(x, k, end, norm, probe) -> float:
    size, speed = norm(x, x), norm(k, x)
    guess = min(1e-6 if min(size, speed) < 1e-5 else 0.01 * size / speed, end)
    steepest = max(speed, norm(probe(guess) - k, x) / guess)
    second = max(1e-6, 1e-3 * guess) if steepest <= 1e-15 else (0.01 / steepest) ** (1 / 5)
    return min(100 * guess, second, end)


def _between(x: np.ndarray, y: np.ndarray, slopes: list[np.ndarray], h: float, at: float) -> np.ndarray:
    """The state at a fraction of the step from x to y: the fourth-order interpolant of Hairer's code."""
    bend = h * slopes[0] - (y - x)
    twist = (y - x) - h * slopes[-1] - bend
    fourth = h * sum(weight * slope for weight, slope in zip(BETWEEN, slopes, strict=True))
    return x + at * ((y - x) + (1 - at) * (bend + at * (twist + (1 - at) * fourth)))

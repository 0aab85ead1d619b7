"""Exact Gaussian distributions on a quadratic potential under a changing temperature, in continuous time and for each
linear method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from demos.common.progress import checkpoint
from demos.langevin.exact.quadratic import NAMED_WORDS, overdamped_step
from demos.langevin.reference.linear import LinearMap

METHODS = ("euler", "heun", "leimkuhler_matthews", "implicit_euler", *NAMED_WORDS)
PIECES = 2_000  # intervals of constant temperature, its value at their middle: a relative error of the variance of 1e-6

Temperature = Callable[[float], float]


def cooled_steps(
    method: str, steps: int, hessian: np.ndarray, h: float, temperature: Temperature, friction: float, mass: float
) -> LinearMap:
    """The map of `steps` steps of a linear method (one of METHODS); underdamped ones start with thermal momenta."""
    stiffness, axes = np.linalg.eigh(hessian)
    one = _splitting if method in NAMED_WORDS else _overdamped
    with np.errstate(over="ignore", invalid="ignore"):  # a step beyond the limit
        found = [one(method, steps, float(k), h, temperature, friction, mass) for k in stiffness]
    factors, variances = (np.diag(values) for values in zip(*found, strict=True))
    return LinearMap(axes @ factors @ axes.T, axes @ variances @ axes.T)


def cooled_time(
    t: float, hessian: np.ndarray, temperature: Temperature, friction: float | None, mass: float
) -> LinearMap:
    """The map of the exact dynamics over a time t: overdamped where friction is None, else from thermal momenta."""
    unit, zero, piece = np.eye(2), np.zeros((2, 2)), t / PIECES
    if friction is None:
        decay = expm(-piece * hessian)
        rest, covariance = np.linalg.inv(hessian), zero  # at kT = 1
    else:
        decay = expm(piece * np.block([[zero, unit / mass], [-hessian, -friction * unit]]))
        rest = np.block([[np.linalg.inv(hessian), zero], [zero, mass * unit]])
        covariance = np.block([[zero, zero], [zero, mass * temperature(0.0) * unit]])
    fresh = rest - decay @ rest @ decay.T
    for n in range(PIECES):
        covariance = decay @ covariance @ decay.T + temperature((n + 0.5) * piece) * fresh
    return LinearMap(np.linalg.matrix_power(decay, PIECES)[:2, :2], covariance[:2, :2])


def _overdamped(
    method: str, steps: int, k: float, h: float, temperature: Temperature, friction: float, mass: float
) -> tuple[float, float]:
    """Factor and variance of one mode after `steps` steps."""
    unit = overdamped_step(method, k, h, 1.0)
    factor, own = unit.matrix[0, 0], unit.noise[0, 0]
    kTs = np.array([temperature(n * h) for n in range(steps + 1)])
    kTs = (kTs[1:] + kTs[:-1]) / 2 if method == "heun" else kTs[:-1]
    left = factor ** np.arange(steps - 1, -1, -1.0)  # factor of the noise of each step at the end
    if method != "leimkuhler_matthews":
        return float(factor**steps), float(np.sum(left**2 * kTs) * own)
    root = left * np.sqrt(kTs * own)  # each normal number enters two steps
    shares = np.append(root, 0.0) + np.append(0.0, root)
    return float(factor**steps), float(np.sum(shares**2))


def _splitting(
    method: str, steps: int, k: float, h: float, temperature: Temperature, friction: float, mass: float
) -> tuple[float, float]:
    word = NAMED_WORDS[method]
    share, drifts = {letter: h / word.count(letter) for letter in "VRO"}, word.count("R")
    kept = np.exp(-friction * share["O"])
    moves = {
        "V": np.array([[1.0, 0.0], [-share["V"] * k, 1.0]]),
        "R": np.array([[1.0, share["R"] / mass], [0.0, 1.0]]),
        "O": np.array([[1.0, 0.0], [0.0, kept]]),
    }
    whole, covariance = np.eye(2), np.diag([0.0, mass * temperature(0.0)])
    for letter in word:
        whole = moves[letter] @ whole
    for n in range(steps):
        if n % 256 == 0:
            checkpoint()
        drifted = 0
        for letter in word:
            covariance = moves[letter] @ covariance @ moves[letter].T
            drifted += letter == "R"
            if letter == "O":
                covariance[1, 1] += (1 - kept * kept) * mass * temperature((n + drifted / drifts) * h)
    return float(np.linalg.matrix_power(whole, steps)[0, 0]), float(covariance[0, 0])

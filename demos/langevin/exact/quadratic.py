"""Exact results for every method on a quadratic potential, where one step is a linear map plus Gaussian noise.

Overdamped, U = k x²/2: z = h k, and v = kT/k is the true variance. Underdamped, U = m ω² q²/2: a splitting word over
V (p -= h m ω² q), R (q += h p/m) and O (p → a p + √((1 - a²) m kT) ξ, a = exp(-γ h)); a letter that stands n times
in the word takes h/n each time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from demos.langevin.exact.quadrature import check_temperature

NAMED_WORDS = {"baoab": "VRORV", "aboba": "RVOVR", "obabo": "OVRVO", "lfmiddle": "VROR"}


@dataclass(frozen=True)
class LinearStep:
    """state' = matrix state + N(0, noise), with matrix and noise (n, n)."""

    matrix: np.ndarray
    noise: np.ndarray

    def then(self, other: LinearStep) -> LinearStep:
        """This step, then the other."""
        return LinearStep(other.matrix @ self.matrix, other.matrix @ self.noise @ other.matrix.T + other.noise)

    def power(self, steps: int) -> LinearStep:
        """`steps` steps combined to one, by repeated doubling."""
        if steps < 0:
            raise ValueError(f"steps = {steps} must not be negative.")
        result, square = LinearStep(np.eye(len(self.matrix)), np.zeros_like(self.noise)), self
        while steps:
            if steps & 1:
                result = result.then(square)
            steps >>= 1
            if steps:
                square = square.then(square)
        return result

    @property
    def growth(self) -> float:
        """Largest modulus of an eigenvalue: the step is stable below 1."""
        return float(np.abs(np.linalg.eigvals(self.matrix)).max())

    def stationary(self) -> np.ndarray:
        """Covariance S with S = A S Aᵀ + Q, (n, n). ValueError where there is none."""
        if not self.growth < 1:
            raise ValueError(f"no stationary distribution: one step multiplies by {self.growth:.6g}.")
        return solve_discrete_lyapunov(self.matrix, self.noise)

    def autocovariance(self, lags: np.ndarray) -> np.ndarray:
        """Stationary ⟨x₀ xₙ⟩ of the first coordinate at whole lags n (K,), in steps. ValueError as in `stationary`."""
        law = self.stationary()
        return np.array([(self.power(int(lag)).matrix @ law)[0, 0] for lag in lags])

    def summed_autocovariance(self) -> float:
        """⟨x₀²⟩ + 2 Σ ⟨x₀ xₙ⟩ over all n ≥ 1: over ⟨x₀²⟩ the autocorrelation time, (2 − z)/z = 2/z − 1 for euler."""
        law = self.stationary()
        ahead = np.linalg.solve(np.eye(len(law)) - self.matrix, self.matrix @ law)
        return float(law[0, 0] + 2 * ahead[0, 0])


# overdamped -----------------------------------------------------------------------------------------------------------


def overdamped_step(method: str, k: float, h: float, kT: float) -> LinearStep:
    """One step on U = k x²/2. The state is (x,), or (x, R) with the remembered noise for leimkuhler_matthews.

    ValueError for a method that is not linear (mala) or unknown.
    """
    z, noise = h * k, 2 * check_temperature(kT) * h
    if method == "leimkuhler_matthews":  # x' = (1-z) x + s (R + R'), s² = kT h/2; its first R is standard normal too
        s = np.sqrt(noise) / 2
        return LinearStep(np.array([[1 - z, s], [0.0, 0.0]]), np.array([[s * s, s], [s, 1.0]]))
    factors = {  # x' = a x + b √(2 kT h) R
        "euler": (1 - z, 1.0),
        "heun": (1 - z + z * z / 2, 1 - z / 2),
        "implicit_euler": (1 / (1 + z), 1 / (1 + z)),
        "implicit_midpoint": ((1 - z / 2) / (1 + z / 2), 1 / (1 + z / 2)),
    }
    if method not in factors:
        raise ValueError(f"method {method!r} has no linear step; there are: leimkuhler_matthews, {', '.join(factors)}.")
    a, b = factors[method]
    return LinearStep(np.array([[a]]), np.array([[b * b * noise]]))


def variance_ratio(method: str, z: float) -> float:
    """Stationary variance of the method over the true one, kT/k, at z = h k > 0; exactly 1 for mala.

    In closed form: euler 1/(1 - z/2), heun (1 - z/2)/(1 - z/2 + z²/4), implicit_euler 1/(1 + z/2), and 1 for
    leimkuhler_matthews (Leimkuhler & Matthews, AMRX 2013, 34) and implicit_midpoint. ValueError where z is not stable.
    """
    if not z > 0:
        raise ValueError(f"z = {z} must be positive.")
    if method == "mala":
        return 1.0
    return float(overdamped_step(method, 1.0, z, 1.0).stationary()[0, 0])


def moments(
    method: str,
    hessian: np.ndarray,
    h: float,
    kT: float,
    steps: int,
    mean: np.ndarray,
    covariance: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and covariance (d, d) after so many steps on U = xᵀ H x/2, from a start with the given ones.

    covariance None is a start at one point. Unstable steps are allowed: the numbers then grow.
    """
    k, axes = _modes(hessian)
    mean = axes.T @ np.asarray(mean, dtype=float)
    start = np.zeros((len(k), len(k))) if covariance is None else axes.T @ np.asarray(covariance, dtype=float) @ axes
    runs = [overdamped_step(method, each, h, kT).power(steps) for each in k]
    factor = np.array([run.matrix[0, 0] for run in runs])
    added = [run.noise[0, 0] + run.matrix[0, 1:] @ run.matrix[0, 1:] for run in runs]  # a first R of variance 1
    return axes @ (factor * mean), axes @ (start * np.outer(factor, factor) + np.diag(added)) @ axes.T


def _modes(hessian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hessian = np.atleast_2d(np.asarray(hessian, dtype=float))
    k, axes = np.linalg.eigh(hessian)
    if not (np.allclose(hessian, hessian.T) and k[0] > 0):
        raise ValueError("the Hessian must be symmetric with positive eigenvalues.")
    return k, axes


# underdamped ----------------------------------------------------------------------------------------------------------


def splitting_step(word: str, h: float, omega: float, gamma: float, kT: float, mass: float = 1.0) -> LinearStep:
    """One step of a splitting word, "VRORV" or a name such as "baoab", on U = m ω² q²/2; the state is (q, p)."""
    letters = NAMED_WORDS.get(word.lower(), word.upper())
    if not letters or set(letters) - set("VRO") or not {"V", "R"} <= set(letters):
        raise ValueError(f"{word!r} is not a splitting: letters V, R and O, with V and R at least once.")
    share = {letter: h / letters.count(letter) for letter in set(letters)}
    kept = np.exp(-gamma * share.get("O", 0.0))
    still = np.zeros((2, 2))
    steps = {
        "V": LinearStep(np.array([[1.0, 0.0], [-share["V"] * mass * omega**2, 1.0]]), still),
        "R": LinearStep(np.array([[1.0, share["R"] / mass], [0.0, 1.0]]), still),
        "O": LinearStep(np.diag([1.0, kept]), np.diag([0.0, (1 - kept**2) * mass * kT])),
    }
    whole = LinearStep(np.eye(2), still)
    for letter in letters:
        whole = whole.then(steps[letter])
    return whole


def splitting_variances(
    word: str, h: float, omega: float, gamma: float, kT: float, mass: float = 1.0
) -> tuple[float, float, float]:
    """Stationary <q²>, <p²>, <q p> read at the end of each step; the true ones are kT/(m ω²), m kT, 0.

    With u = (h ω)²: baoab 1, 1 - u/4; lfmiddle 1, 1; aboba 1, 1/(1 - u/4); obabo 1/(1 - u/4), 1 (ratios, at any
    friction; Leimkuhler & Matthews, Molecular Dynamics, 2015, ch. 7). ValueError if unstable or without friction.
    """
    law = splitting_step(word, h, omega, gamma, kT, mass).stationary()
    return float(law[0, 0]), float(law[1, 1]), float(law[0, 1])

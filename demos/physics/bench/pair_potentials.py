"""Pair potentials u(r) as functions of s = r², which avoids square roots that the formula does not need.

All wells have depth one. Arrays are numpy's, of any shape; s = inf (a particle with itself) gives 0. The functions
named `over` overwrite their argument, because they are the inner loops of every cluster run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class PairPotential(Protocol):
    """u(s), and its derivatives with respect to s."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def formula(self) -> str:
        """LaTeX of u(r)"""
        ...

    @property
    def distance(self) -> float:
        """The distance at which u is least."""
        ...

    def value_over(self, s: np.ndarray) -> np.ndarray:
        """u"""
        ...

    def derivative_over(self, s: np.ndarray) -> np.ndarray:
        """2 du/ds: the gradient of u with respect to one particle is this times xᵢ − xⱼ."""
        ...

    def derivatives(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """2 du/ds and 4 d²u/ds²; new arrays"""
        ...


@dataclass(frozen=True)
class LennardJones:
    """u = 4 (r⁻¹² − r⁻⁶). Jones, Proc. R. Soc. A 106 (1924) 463."""

    name = "lennard_jones"
    title = "Lennard-Jones"
    formula = r"4\,(r^{-12} - r^{-6})"
    distance = 2 ** (1 / 6)

    def value_over(self, s: np.ndarray) -> np.ndarray:
        cube = _inverse_cube(s)
        s = np.subtract(cube, 1.0, out=s)
        s *= cube
        s *= 4.0
        return s

    def derivative_over(self, s: np.ndarray) -> np.ndarray:
        cube = _inverse_cube(s)  # s is 1/s now
        s *= cube
        cube *= -48.0
        cube += 24.0
        s *= cube
        return s

    def derivatives(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inverse = 1 / s
        cube = inverse * inverse * inverse
        return (24 - 48 * cube) * cube * inverse, (672 * cube - 192) * cube * inverse * inverse


@dataclass(frozen=True)
class PowerLaw:
    """u = c (r⁻ⁿ − r⁻ᵐ), n > m > 0, with c such that the well has depth one (Mie, Ann. Phys. 316 (1903) 657).

    Raises ValueError where n or m is out of range.
    """

    repulsion: float = 12.0
    attraction: float = 6.0

    name = "power_law"
    title = "Power law"

    def __post_init__(self) -> None:
        if not 1 <= self.attraction < self.repulsion <= 30:
            raise ValueError(f"powers n = {self.repulsion:g} and m = {self.attraction:g} must obey 1 ≤ m < n ≤ 30.")

    @property
    def formula(self) -> str:
        return rf"{self._depth:.4g}\,(r^{{-{self.repulsion:g}}} - r^{{-{self.attraction:g}}})"

    @property
    def distance(self) -> float:
        return (self.repulsion / self.attraction) ** (1 / (self.repulsion - self.attraction))

    @property
    def _depth(self) -> float:
        n, m = self.repulsion, self.attraction
        return n / (n - m) * (n / m) ** (m / (n - m))

    def value_over(self, s: np.ndarray) -> np.ndarray:
        u = s ** (-self.repulsion / 2)
        u -= np.power(s, -self.attraction / 2, out=s)
        return np.multiply(u, self._depth, out=s)

    def derivative_over(self, s: np.ndarray) -> np.ndarray:
        slope = s ** (-self.repulsion / 2 - 1)
        slope *= -self.repulsion * self._depth
        s = np.power(s, -self.attraction / 2 - 1, out=s)
        s *= self.attraction * self._depth
        s += slope
        return s

    def derivatives(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n, m, c = self.repulsion, self.attraction, self._depth
        high, low = c * n * s ** (-n / 2 - 1), c * m * s ** (-m / 2 - 1)
        return low - high, (high * (n + 2) - low * (m + 2)) / s


@dataclass(frozen=True)
class Morse:
    """u = y (y − 2), y = exp(ρ (1 − r)): depth and distance one, range 1/ρ. Morse, Phys. Rev. 34 (1929) 57.

    ρ = 6 has the curvature of Lennard-Jones at the minimum; a large ρ has a short range (C₆₀), a small ρ a long one
    (sodium).
    Raises ValueError where ρ is out of range.
    """

    steepness: float = 6.0

    name = "morse"
    title = "Morse"
    distance = 1.0

    def __post_init__(self) -> None:
        if not 2 <= self.steepness <= 20:
            raise ValueError(f"steepness ρ = {self.steepness:g} must be from 2 to 20.")

    @property
    def formula(self) -> str:
        return rf"e^{{{self.steepness:g}(1-r)}}\,(e^{{{self.steepness:g}(1-r)}} - 2)"

    def _y(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        r = np.sqrt(s)
        return r, np.exp(self.steepness * (1 - r))

    def value_over(self, s: np.ndarray) -> np.ndarray:
        _, y = self._y(s)
        return np.multiply(y, y - 2, out=s)

    def derivative_over(self, s: np.ndarray) -> np.ndarray:
        r, y = self._y(s)  # du/dr = 2ρ y (1 − y), and 2 du/ds = (du/dr)/r
        s = np.multiply(y, 1 - y, out=s)
        s *= 2 * self.steepness
        s /= r
        return s

    def derivatives(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        r, y = self._y(s)
        first = 2 * self.steepness * y * (1 - y)
        second = 2 * self.steepness**2 * y * (2 * y - 1)
        far = np.isinf(s)
        s = np.where(far, 1.0, s)
        return first / r, np.where(far, 0.0, (second - np.where(far, 0.0, first / r)) / s)


@dataclass(frozen=True)
class Coulomb:
    """u = 1/r: equal charges, which repel; a constraint set such as a sphere must hold them together."""

    name = "coulomb"
    title = "Coulomb"
    formula = r"1/r"
    distance = np.inf

    def value_over(self, s: np.ndarray) -> np.ndarray:
        np.sqrt(s, out=s)
        return np.divide(1.0, s, out=s)

    def derivative_over(self, s: np.ndarray) -> np.ndarray:
        s *= np.sqrt(s)
        return np.divide(-1.0, s, out=s)

    def derivatives(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cube = 1 / (s * np.sqrt(s))
        return -cube, 3 * cube / s


def _inverse_cube(s: np.ndarray) -> np.ndarray:
    """s⁻³; s becomes 1/s."""
    np.divide(1.0, s, out=s)
    cube = s * s
    cube *= s
    return cube

"""The catenoids between two rings of radius 1, in closed form: r = a cosh(z/a) with a cosh(s/2a) = 1."""

from __future__ import annotations

from dataclasses import dataclass
from math import cosh, pi, sinh, tanh

import numpy as np
from scipy.optimize import brentq


def _critical() -> float:
    """u tanh u = 1: where the two catenoids meet."""
    return brentq(lambda u: u * tanh(u) - 1, 1.0, 1.5, xtol=1e-16, rtol=1e-15)


CRITICAL_U = _critical()
CRITICAL_SEPARATION = 2 * CRITICAL_U / cosh(CRITICAL_U)  # 1.3254868387, twice the Laplace limit (OEIS A033259)
CRITICAL_NECK = 1 / cosh(CRITICAL_U)


@dataclass(frozen=True)
class Catenoid:
    """Neck radius a, separation s of the rings; stable or not."""

    neck: float
    separation: float
    stable: bool

    def radius(self, z: np.ndarray) -> np.ndarray:
        return self.neck * np.cosh(np.asarray(z) / self.neck)

    @property
    def area(self) -> float:
        """2πa²(u + sinh u cosh u), u = s/2a"""
        u = self.separation / (2 * self.neck)
        return 2 * pi * self.neck**2 * (u + sinh(u) * cosh(u))


def catenoids(separation: float) -> tuple[Catenoid, ...]:
    """The stable and the unstable one; none past the critical separation, where the film can only break."""
    if separation >= CRITICAL_SEPARATION:
        return ()
    span = lambda u: 2 * u / cosh(u) - separation  # rises up to CRITICAL_U, falls after it
    far = CRITICAL_U
    while span(far) > 0:
        far += 1.0
    stable = brentq(span, 0.0, CRITICAL_U, xtol=1e-16, rtol=1e-15)
    unstable = brentq(span, CRITICAL_U, far, xtol=1e-15, rtol=1e-15)
    return Catenoid(1 / cosh(stable), separation, True), Catenoid(1 / cosh(unstable), separation, False)


def goldschmidt_separation() -> float:
    """1.0553947939: where the stable catenoid and two discs have the same area; beyond, the film is only metastable."""

    def gap(s: float) -> float:
        return catenoids(s)[0].area - 2 * pi

    return brentq(gap, 0.9, 1.3, xtol=1e-15)


def explain(separation: float) -> str:
    """One sentence on what spans the rings, and by how much it is short of breaking or past it."""
    if separation >= CRITICAL_SEPARATION:
        return (
            f"The rings are {separation:.4g} radii apart, {separation / CRITICAL_SEPARATION:.3f} × the "
            f"{CRITICAL_SEPARATION:.4f} that a film can span: it snaps into two discs."
        )
    if separation > goldschmidt_separation():
        return (
            f"The rings are {separation:.4g} radii apart: the catenoid is only metastable. Two discs have less "
            f"area, but up to {CRITICAL_SEPARATION:.4f} a barrier stands between."
        )
    return f"The rings are {separation:.4g} radii apart: the catenoid is the least area of all."

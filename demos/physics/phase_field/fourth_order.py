"""An independent solution of the phase field at early times: a fourth-order exponential method in NumPy.

    c_t = −D (c³ − c − γΔc),  D = 1 in L² and −Δ in H⁻¹

ETDRK4: Cox & Matthews, J. Comput. Phys. 176 (2002) 430, its coefficients by Kassam & Trefethen, SIAM J. Sci. Comput. 26
(2005) 1214. This module does not use `PhaseField`, `solve` or its methods; it has its own code of the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft2, rfft2

from demos.common.progress import checkpoint

STEPS = 48  # steps of the whole interval
CONTOUR = 16  # points of the circle in the complex plane over which coefficients are averaged


@dataclass(frozen=True)
class Grid:
    """squares (n, n/2 + 1): of the wave numbers; damping: D of each; cell: area of a grid point; gamma: γ."""

    squares: np.ndarray
    damping: np.ndarray
    cell: float
    gamma: float

    @classmethod
    def of(cls, points: int, length: float, gamma: float, conserved: bool) -> Grid:
        k = 2 * np.pi * np.fft.fftfreq(points, length / points)
        squares = k[:, None] ** 2 + (2 * np.pi * np.fft.rfftfreq(points, length / points)) ** 2
        return cls(squares, squares if conserved else np.ones_like(squares), (length / points) ** 2, gamma)

    def energy(self, c: np.ndarray) -> float:
        """∫ γ/2 |∇c|² + (c² − 1)²/4 of a field (n, n)"""
        bent = irfft2(self.squares * rfft2(c), s=c.shape)
        return float(self.cell * (0.5 * self.gamma * (c * bent).sum() + 0.25 * ((c * c - 1) ** 2).sum()))

    def rest(self, spectrum: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """The part of c_t that is not −γ D k² c."""
        c = irfft2(spectrum, s=shape)
        return -self.damping * rfft2((c * c - 1) * c)


def followed(grid: Grid, start: np.ndarray, duration: float, steps: int = STEPS) -> np.ndarray:
    """(n, n) the field after `duration`, by ETDRK4. The first steps are shorter, because the start changes fast."""
    shape, spectrum = start.shape, rfft2(start)
    edges = duration * np.r_[0.0, 4.0 ** np.arange(-4, 0, 1.0), 1.0]  # five parts, each four times the last
    for begin, end in zip(edges, edges[1:], strict=False):
        count = max(steps // 5, 4)
        h = (end - begin) / count
        decay, half, q, f1, f2, f3 = _coefficients(-h * grid.gamma * grid.damping * grid.squares, h)
        for _ in range(count):
            checkpoint()
            now = grid.rest(spectrum, shape)
            a = half * spectrum + q * now
            at_a = grid.rest(a, shape)
            at_b = grid.rest(half * spectrum + q * at_a, shape)
            at_c = grid.rest(half * a + q * (2 * at_b - now), shape)
            spectrum = decay * spectrum + f1 * now + f2 * (at_a + at_b) + f3 * at_c
    return irfft2(spectrum, s=shape)


def _coefficients(z: np.ndarray, h: float) -> tuple[np.ndarray, ...]:
    """e^z, e^(z/2), and the weights of the four stages, by averaging over a circle around each z."""
    flat, place = np.unique(z, return_inverse=True)
    circle = flat[:, None] + np.exp(1j * np.pi * (np.arange(1, CONTOUR + 1) - 0.5) / CONTOUR)
    e = np.exp(circle)
    q = h * ((np.exp(circle / 2) - 1) / circle).mean(1).real
    f1 = h * ((-4 - circle + e * (4 - 3 * circle + circle**2)) / circle**3).mean(1).real
    f2 = h * 2 * ((2 + circle + e * (circle - 2)) / circle**3).mean(1).real
    f3 = h * ((-4 - 3 * circle - circle**2 + e * (4 - circle)) / circle**3).mean(1).real
    back = lambda values: values[place].reshape(z.shape)
    return tuple(back(values) for values in (np.exp(flat), np.exp(flat / 2), q, f1, f2, f3))


def semi_implicit(grid: Grid, start: np.ndarray, h: float, steps: int, stabilizer: float) -> np.ndarray:
    """(n, n) the field after `steps` steps of (1 + hD(γk² + S)) c' = c + h(rest + D S c)."""
    shape, spectrum = start.shape, rfft2(start)
    factor = 1 / (1 + h * grid.damping * (grid.gamma * grid.squares + stabilizer))
    for _ in range(steps):
        checkpoint()
        spectrum = factor * (spectrum + h * (grid.rest(spectrum, shape) + grid.damping * stabilizer * spectrum))
    return irfft2(spectrum, s=shape)


def explicit(grid: Grid, start: np.ndarray, h: float, steps: int) -> np.ndarray:
    """(n, n) the field after `steps` steps of explicit Euler."""
    shape, spectrum = start.shape, rfft2(start)
    for _ in range(steps):
        checkpoint()
        spectrum = spectrum + h * (grid.rest(spectrum, shape) - grid.gamma * grid.damping * grid.squares * spectrum)
    return irfft2(spectrum, s=shape)


def exponential(grid: Grid, start: np.ndarray, steps: np.ndarray, stabilizer: float) -> np.ndarray:
    """(n, n) the field after steps of the given sizes, by ETDRK2 with a stabilizer."""
    shape, spectrum, known = start.shape, rfft2(start), {}
    linear = grid.damping * (grid.gamma * grid.squares + stabilizer)
    rest = lambda s: grid.rest(s, shape) + grid.damping * stabilizer * s
    now = rest(spectrum)
    for h in steps:
        checkpoint()
        size = float(f"{h:.12g}")  # sizes are differences of times; equal ones may differ by rounding
        if size not in known:
            decay, first, second = _phi(-size * linear)
            known[size] = decay, size * first, size * second
        decay, first, second = known[size]
        a = decay * spectrum + first * now
        spectrum = a + second * (rest(a) - now)
        now = rest(spectrum)
    return irfft2(spectrum, s=shape)


def _phi(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """e^z, (e^z − 1)/z and (e^z − 1 − z)/z²"""
    far = np.where(np.abs(z) > 1e-2, z, 1.0)
    first = np.where(np.abs(z) > 1e-2, np.expm1(far) / far, 1 + z / 2 + z * z / 6 + z**3 / 24)
    second = np.where(np.abs(z) > 1e-2, (first - 1) / far, 0.5 + z / 6 + z * z / 24 + z**3 / 120)
    return np.exp(z), first, second

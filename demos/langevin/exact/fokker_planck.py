"""The Fokker–Planck equation: dX = -∇U dt + √(2 kT) dW as a density on a grid, in one or two dimensions.

See `master_equation` for the discretisation and `propagate` for the exponential. The box has reflecting walls.
Time is integrated to about 1e-9; the error is that of the grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse.linalg import eigsh

from demos.langevin.exact.master_equation import Edges, edges, generator, symmetric_generator
from demos.langevin.exact.propagate import WorkBudget, chebyshev, spectral, uniformisation
from demos.langevin.exact.quadrature import check_grid, check_temperature

LIVE = 80.0  # cells up to this many kT above the lowest are included: the rest hold less than 1e-34 of the mass
NORM = 1e15  # largest Σp²/π for the symmetrised variable: its rounding, 1e-16 √NORM, stays near 1e-9
NORM_TIRED = 1e22  # the same after PATIENCE rounds of `_fall` (a density in a well far above the lowest): error 1e-5
PATIENCE = 100  # rounds: about half a second on 80 × 80 cells
DUST = 1e-16  # probabilities below this fraction of the largest are dropped
CLIMB = 35.0  # `_fall` includes cells up to this many kT above the density's highest point: exp(-35) = 6e-16
HOPS = 200.0  # sparse products in one round of `_fall`; the set of included cells is updated after each round
CHUNK = 40  # times per Chebyshev recursion: balances sparse products against summation over the times
LOST_IN_ROUNDING = 1e-13  # an eigenvalue below this fraction of the fastest rate is 0 within double precision
FEW = 200  # for at most so many cells and at least SEVERAL times, computing all eigenvectors is faster
SEVERAL = 8


class FokkerPlanck:
    """The probability density of overdamped Langevin dynamics on a grid.

    energy (W,) with axes (xs,), or (H, W) with axes (xs, ys), row 0 at the lowest y; +inf is a wall. Densities
    have the same shape, and Σ density · cell = 1. ValueError for an invalid grid or kT.
    """

    def __init__(self, energy: np.ndarray, axes: Sequence[np.ndarray], kT: float) -> None:
        self.energy, self.axes = check_grid(energy, axes)
        self.kT = check_temperature(kT)
        self.spacing = tuple(float(axis[1] - axis[0]) for axis in self.axes)
        self.cell = float(np.prod(self.spacing))  # length or area of one cell

    # densities --------------------------------------------------------------------------------------------------------

    def equilibrium(self, kT: float | None = None) -> np.ndarray:
        """exp(-U/kT)/Z: the exact stationary density of the grid."""
        weight = np.exp(-(self.energy - self.energy.min()) / (kT or self.kT))
        return weight / (weight.sum() * self.cell)

    def gaussian(self, centre: Sequence[float], std: float) -> np.ndarray:
        """An isotropic normal density on the grid, cut off by the box. ValueError if none of it falls inside."""
        if not std > 0:
            raise ValueError(f"std = {std} must be positive; use point() for a single place.")
        self._inside(centre, margin=4 * std)
        square = [((axis - c) / std) ** 2 for axis, c in zip(self.axes, centre, strict=True)]
        exponent = square[0] if len(square) == 1 else square[0] + square[1][:, None]
        weight = np.exp(-0.5 * (exponent - exponent.min()))
        weight[~np.isfinite(self.energy)] = 0.0
        if weight.sum() == 0:
            raise ValueError(f"the start {tuple(float(c) for c in centre)} is inside a wall.")
        return weight / (weight.sum() * self.cell)

    def point(self, centre: Sequence[float]) -> np.ndarray:
        """All mass at one place, shared by the 2 or 4 grid points around it so that its mean is exact.

        The density so starts with a spread of at most spacing/2 per axis.
        """
        self._inside(centre, margin=0.0)
        density = np.ones(())
        for axis, c, step in zip(self.axes, centre, self.spacing, strict=True):
            share = np.maximum(0.0, 1 - np.abs(axis - np.clip(c, axis[0], axis[-1])) / step)
            density = np.multiply.outer(share, density)
        density = np.where(np.isfinite(self.energy), density, 0.0)
        if density.sum() == 0:
            raise ValueError(f"the start {tuple(centre)} is inside a wall.")
        return density / (density.sum() * self.cell)

    def _inside(self, centre: Sequence[float], margin: float) -> None:
        if not all(a[0] - margin <= c <= a[-1] + margin for a, c in zip(self.axes, centre, strict=True)):
            raise ValueError(f"the start {tuple(float(c) for c in centre)} is outside the box.")

    # evolution ------------------------------------------------------------------------------------------------------

    def evolve(
        self,
        start: np.ndarray,
        times: np.ndarray,
        kT: Sequence[float] | None = None,
        budget: WorkBudget | None = None,
    ) -> np.ndarray:
        """The density at each of the times, (K, *grid); times (K,) do not decrease, and the density at times[0] is
        `start`.

        kT (K - 1,), if given, is the temperature of each interval (annealing; with the values at the middle of each
        interval it is of second order). Mass is one and no value is negative. A start at very high energy, or a long
        time on a fine grid, takes minutes: the call can be cancelled, and raises TooMuchWork where it exceeds the
        budget. ValueError for wrong shapes, decreasing times, or a start that is no density.
        """
        times = np.asarray(times, dtype=float)
        start = np.asarray(start, dtype=float)
        if times.ndim != 1 or len(times) < 1 or not np.isfinite(times).all() or (np.diff(times) < 0).any():
            raise ValueError("times must be a plain list of finite numbers that never falls.")
        if start.shape != self.energy.shape or not (start >= 0).all() or not 0 < start.sum() < np.inf:
            raise ValueError(f"the start must be a density of shape {self.energy.shape}, nowhere negative.")
        if kT is not None and len(kT) != len(times) - 1:
            raise ValueError(f"kT needs one value for each of the {len(times) - 1} intervals; it has {len(kT)}.")
        p = np.empty((len(times), start.size))
        p[0] = start.ravel() / start.sum()
        if kT is None:
            self._advance(p, times, self.kT, edges(self.energy, self.spacing, self.kT), budget)
        else:
            for k, value in enumerate(kT):
                value = check_temperature(value)
                self._advance(p[k : k + 2], times[k : k + 2], value, edges(self.energy, self.spacing, value), budget)
        return p.reshape(len(times), *self.energy.shape) / self.cell

    def _advance(self, p: np.ndarray, times: np.ndarray, kT: float, edge: Edges, budget: WorkBudget | None) -> None:
        """Fill p[1:] from p[0], at one temperature."""
        height = (self.energy.ravel() - self.energy.min()) / kT
        keep = height <= LIVE
        ground = np.exp(-height[keep] / 2)
        ground /= np.linalg.norm(ground)
        symmetric, now, time, k, last, falls = None, p[0], times[0], 1, len(times) - 1, 0
        while k <= last:
            now = np.where(now > DUST * now.max(), now, 0.0)
            u = now[keep] / ground
            norm = u @ u if not now[~keep].any() else np.inf
            if norm > (NORM if falls < PATIENCE else NORM_TIRED):
                falls += 1
                now, spent = _fall(edge, height, now, times[k] - time, budget)
                time += spent
                if time >= times[k] * (1 - 1e-14):
                    p[k], k = now, k + 1
                continue
            symmetric = symmetric_generator(edge, keep) if symmetric is None else symmetric
            stop = min(k + CHUNK, last + 1)
            u -= ground * (ground @ u)  # remove the equilibrium part, along √π; the rest decays
            if u @ u < 1e-26:  # in equilibrium
                p[k:], p[k:, keep] = 0.0, ground**2
                return
            if len(u) <= FEW and stop - k >= SEVERAL:
                moved = spectral(symmetric, u, times[k:stop] - time)
            else:
                tolerance = max(1e-10 / max(1.0, np.sqrt(norm)), 1e-16)
                moved = chebyshev(symmetric, u, times[k:stop] - time, tolerance, budget)
            moved -= np.outer(moved @ ground, ground)
            p[k:stop] = 0.0
            p[k:stop, keep] = np.maximum(ground * (ground + moved), 0.0)
            p[k:stop] /= p[k:stop].sum(axis=1, keepdims=True)
            now, time, k = p[stop - 1], times[stop - 1], stop

    # numbers --------------------------------------------------------------------------------------------------------

    def mean(self, density: np.ndarray, values: np.ndarray) -> np.ndarray:
        """<f> under each density: density (..., *grid) and values (*grid) give (...)."""
        places = tuple(range(-self.energy.ndim, 0))
        return np.sum(density * np.where(np.asarray(density) > 0, values, 0.0), axis=places) * self.cell

    def free_energy(self, density: np.ndarray, kT: float | None = None) -> np.ndarray:
        """F(ρ) - F(equilibrium) = kT KL(ρ|π) for density (..., *grid), in energy; never negative, and never rising.

        F(ρ) = <U> + kT ∫ρ ln ρ (Jordan, Kinderlehrer & Otto, SIAM J. Math. Anal. 29 (1998) 1).
        """
        kT = kT or self.kT
        low = self.energy.min()
        level = np.log(np.sum(np.exp(-(self.energy - low) / kT)) * self.cell)  # ln Z, from the lowest energy
        density = np.asarray(density, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            integrand = np.where(density > 0, np.log(density) + (self.energy - low) / kT + level, 0.0)
        return kT * self.mean(density, integrand)

    def relaxation_rate(self, count: int = 1) -> np.ndarray:
        """The `count` slowest relaxation rates λ1 ≤ λ2 ... (spectral gap first), 1/time; 0 for one below rounding."""
        height = (self.energy.ravel() - self.energy.min()) / self.kT
        keep = height <= LIVE
        matrix = -symmetric_generator(edges(self.energy, self.spacing, self.kT), keep)
        scale = float(matrix.diagonal().max())
        ground = np.exp(-height[keep] / 2)
        start = ground * (1 + np.linspace(-1, 1, len(ground)))  # fixed, so the result repeats to the last bit
        values = eigsh(matrix.tocsc(), count + 1, sigma=-1e-8 * scale, which="LM", v0=start, return_eigenvectors=False)
        return np.where(np.sort(values)[1:] > LOST_IN_ROUNDING * scale, np.sort(values)[1:], 0.0)


def _fall(
    edge: Edges, height: np.ndarray, p: np.ndarray, time: float, budget: WorkBudget | None
) -> tuple[np.ndarray, float]:
    """One round of the relaxation from a start at high energy, on the cells it can reach: the density after it, and the
    time that it covers."""
    keep = height <= height[p > 0].max() + CLIMB
    after = np.zeros_like(p)
    after[keep], spent = uniformisation(generator(edge, keep), p[keep], time, HOPS, budget)
    return after / after.sum(), spent


def kl_bound(kl: float, curvature: float, times: np.ndarray) -> np.ndarray:
    """KL(t) ≤ exp(-2 m t) KL(0) where the Hessian of U is at least m = curvature (Bakry & Émery 1985), (K,).

    kl is the value at times[0]; a bound on the free energy follows by the factor kT.
    """
    if not curvature > 0:
        raise ValueError(f"curvature = {curvature} must be positive: the bound holds for convex potentials only.")
    times = np.asarray(times, dtype=float)
    return kl * np.exp(-2 * curvature * (times - times[0]))

"""The exact distribution of SGD in one dimension with normal batch noise, step by step: x' = x − lr U'(x) − s R.

The density after a step is a mixture of normal densities of width s around m(x) = x − lr U'(x), so a quadrature that
resolves s, and s/|m'| where m stretches, is exact to many digits: Gauss-Legendre panels of 8 nodes, cut where an
observable jumps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from demos.common.progress import checkpoint

NODES, WIDE = 8, 3.0  # nodes of a panel; its width in units of s, smaller where m stretches
FINE = 8_000  # points at which m' is evaluated
REACH = 7.0  # distance in units of s beyond which a normal density, 3e-12, is left out
MOST_NODES = 4_000  # most nodes on each side of the cut

Slope = Callable[[np.ndarray], np.ndarray]


class TooFineError(ValueError):
    """The noise of a step is too small for this quadrature."""


@dataclass(frozen=True)
class Kernel:
    """One step on quadrature nodes x (n,) with weights w (n,). cut: the place where observables may jump."""

    x: np.ndarray
    w: np.ndarray
    moved: np.ndarray  # (n,): m(x), each node after a step without noise
    s: float
    cut: float
    step: csr_array  # density after a step = step @ density

    @staticmethod
    def of(slope: Slope, lr: float, s: float, low: float, high: float, cut: float) -> Kernel:
        """The kernel on [low, high], outside which the distribution must be negligible. slope: U'; s: standard
        deviation of a step's noise. Raises TooFineError where s is too small for MOST_NODES nodes."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        x, w = [], []
        for a, b in ((low, cut), (cut, high)):
            fine = np.linspace(a, b, FINE + 1)
            local = np.abs(np.diff(fine - lr * slope(fine)) / np.diff(fine))
            stretch = np.maximum(1.0, local**1.5)
            panels = np.concatenate(([0.0], np.cumsum(stretch))) * (b - a) / (FINE * WIDE * s)
            count = max(1, int(np.ceil(panels[-1])))
            if NODES * count > MOST_NODES:
                raise TooFineError(f"the noise of a step, {s:.1e}, is too small beside the range {high - low:.2g}")
            edges = np.interp(np.linspace(0, panels[-1], count + 1), panels, fine)
            half = np.diff(edges)[:, None] / 2
            x.append((edges[:-1, None] + half * (1 + nodes)).ravel())
            w.append((half * weights).ravel())
        at, weight = np.concatenate(x), np.concatenate(w)
        moved = at - lr * slope(at)
        first = np.searchsorted(at, moved - REACH * s)
        counts = np.searchsorted(at, moved + REACH * s) - first
        columns = np.repeat(np.arange(len(at)), counts)
        rows = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        z = (at[rows] - moved[columns]) / s
        values = np.exp(-0.5 * z * z) / (s * np.sqrt(2 * np.pi)) * weight[columns]
        return Kernel(at, weight, moved, s, cut, csr_array((values, (rows, columns)), shape=(len(at), len(at))))

    def follow(
        self,
        start: float,
        slope: Slope,
        lr: float,
        steps: int,
        observables: Sequence[np.ndarray],
        keep: Sequence[int] = (),
        absorbing: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Averages (steps + 1, m) of m observables (n,) after each step from a point, and the densities after those to
        `keep`, (K, n). Row 0 is nan, and a density of step 0 is 0: a point has none.

        absorbing: mass that passes the cut is removed, and averages are sums over the remaining mass; the start must be
        to the left of the cut. An observable that jumps at the cut is as exact as a smooth one.
        """
        weighted = np.stack([self.w * values for values in observables], 1)
        alive = self.x < self.cut if absorbing else None
        z = (self.x - (start - lr * slope(np.array([start]))[0])) / self.s
        density = np.exp(-0.5 * z * z) / (self.s * np.sqrt(2 * np.pi))
        wanted = frozenset(int(k) for k in keep)
        out, kept = np.full((steps + 1, weighted.shape[1]), np.nan), {0: np.zeros(len(self.x))}
        for k in range(1, steps + 1):
            if k % 64 == 0:
                checkpoint()
            if k > 1:
                density = self.step @ density
            if alive is not None:
                density = density * alive
            out[k] = density @ weighted
            if k in wanted:
                kept[k] = density
        return out, np.stack([kept[int(k)] for k in keep]) if len(keep) else np.empty((0, len(self.x)))

    def path_sum(
        self, start: float, slope: Slope, lr: float, steps: int, observable: np.ndarray
    ) -> tuple[float, float]:
        """Mean and variance of Σ f(x_k) over the steps 1 … steps, from a point; observable: f on the nodes (n,).

        Computed backwards: b(x) = E[sum over the remaining steps | x] and c(x), its second moment, from the last step
        to the first.
        """
        before = lambda f: (self.step.T @ (self.w * f)) / self.w  # E[f(x') | x]
        b, c = observable, observable**2
        for k in range(steps - 1):
            if k % 64 == 0:
                checkpoint()
            ahead = before(b)
            c = observable**2 + 2 * observable * ahead + before(c)
            b = observable + ahead
        z = (self.x - (start - lr * slope(np.array([start]))[0])) / self.s
        first = self.w * np.exp(-0.5 * z * z) / (self.s * np.sqrt(2 * np.pi))
        mean = float(first @ b)
        return mean, max(0.0, float(first @ c) - mean**2)

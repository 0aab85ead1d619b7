"""exp(tL) p for a master equation, at many times at once (scipy.sparse.linalg.expm_multiply takes one time, keeps no
probability positive, and cannot be cancelled).

`chebyshev` works in the symmetrised variable u = p/√π, where L becomes a symmetric S with spectrum in [-R, 0]:
exp(tS)u = Σ c_k(t) T_k(1 + 2S/R) u. All times share one recursion, of about √(2 R t ln(1/tolerance)) sparse products
(Tal-Ezer & Kosloff, J. Chem. Phys. 81 (1984) 3967), and the error is bounded in the norm of u.

That norm is Σp²/π, which is huge for a density that starts at high energy, and rounding errors grow with it. Such a
density is first propagated by `uniformisation`: p(t) = Σ Poisson(k; Λt) Pᵏ p with the stochastic matrix P = 1 + L/Λ
(Jensen, Skand. Aktuarietidskr. 36 (1953) 87). Every term is a probability distribution, so nothing can overflow or turn
negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.fft import dct
from scipy.linalg import eigh
from scipy.special import gammaln

from demos.common.progress import checkpoint

PRODUCTS = 8  # between two checkpoints: a few milliseconds on the finest grid
BLOCK = 64  # Chebyshev vectors gathered before one matrix product adds them to all frames


class TooMuchWork(Exception):  # noqa: N818 - not an error: the caller decides what to do without the result
    """Raised before work that exceeds the budget."""


@dataclass
class WorkBudget:
    """The remaining amount of work, in multiplications of sparse products."""

    left: float = math.inf

    def spend(self, work: float) -> None:
        """Subtract work that is about to be done. Raises TooMuchWork where more is needed than is left."""
        self.left -= work
        if self.left < 0:
            raise TooMuchWork


def chebyshev_coefficients(times: np.ndarray, radius: float, tolerance: float) -> np.ndarray:
    """c (K, M + 1) with exp(-t radius (1 - x)/2) = Σ c_k T_k(x) on [-1, 1] up to `tolerance`, for each time t (K,)."""
    tau = np.asarray(times) * radius / 2
    order = chebyshev_order(times, radius, tolerance)
    nodes = np.cos(np.pi * np.arange(order + 1) / order)
    c = dct(np.exp(-tau[:, None] * (1 - nodes)), type=1, axis=1) / order
    c[:, [0, -1]] /= 2
    tails = np.cumsum(np.abs(c).max(axis=0)[::-1])[::-1]
    return c[:, : max(2, int(np.sum(tails > tolerance / 2)))]


def chebyshev_order(times: np.ndarray, radius: float, tolerance: float) -> int:
    """An upper bound of the number of terms for the longest of the times."""
    digits = -np.log(tolerance)
    return int(np.sqrt(np.max(times) * radius * digits) + digits) + 16


def chebyshev(
    matrix: sparse.csr_array,
    start: np.ndarray,
    times: np.ndarray,
    tolerance: float = 1e-12,
    budget: WorkBudget | None = None,
) -> np.ndarray:
    """exp(t S) start, (K, n), for symmetric S = matrix with spectrum in [-R, 0], R by Gershgorin; times (K,) ≥ 0.

    The error is below `tolerance` times the Euclidean norm of start, plus rounding. Raises TooMuchWork.
    """
    radius = float(np.max(-matrix.diagonal() + (abs(matrix).sum(axis=1) - abs(matrix.diagonal()))))
    if radius == 0 or np.max(times) == 0:
        return np.repeat(start[None], len(times), axis=0)
    if budget is not None:
        budget.spend(float(matrix.nnz) * chebyshev_order(times, radius, tolerance))
    c = chebyshev_coefficients(times, radius, tolerance)
    double = (matrix * (4 / radius) + 2 * sparse.eye_array(len(start), format="csr")).tocsr()  # 2 X
    out = np.zeros((len(times), len(start)))
    block = np.empty((BLOCK, len(start)))
    before, now = start, 0.5 * (double @ start)
    block[0], block[1] = before, now
    filled, done = 2, 0
    for _ in range(2, c.shape[1]):
        if filled % PRODUCTS == 0:
            checkpoint()
        if filled == BLOCK:
            out += c[:, done : done + BLOCK] @ block
            filled, done = 0, done + BLOCK
        before, now = now, np.subtract(double @ now, before, out=block[filled])
        filled += 1
    checkpoint()
    out += c[:, done : done + filled] @ block[:filled]
    checkpoint()
    return out


def spectral(matrix: sparse.csr_array, start: np.ndarray, times: np.ndarray) -> np.ndarray:
    """exp(t S) start, (K, n), by all eigenvectors of S = matrix, symmetric with eigenvalues ≤ 0; exact to rounding.

    For few cells and many times: 80 cells and 40 times take 1 ms, `chebyshev` 5 ms.
    """
    rates, modes = eigh(matrix.toarray(), check_finite=False)
    return (np.exp(np.multiply.outer(times, np.minimum(rates, 0.0))) * (start @ modes)) @ modes.T


def uniformisation(
    matrix: sparse.csr_array, start: np.ndarray, time: float, hops: float, budget: WorkBudget | None = None
) -> tuple[np.ndarray, float]:
    """exp(h L) start for probabilities start (n,), and h, the part of `time` that fits into about `hops` products.

    matrix is L (columns sum to zero). Exact to 1e-15 in the sum of absolute errors. Raises TooMuchWork.
    """
    rate = float(np.max(-matrix.diagonal(), initial=0.0))
    if rate == 0:
        return start, time
    h = min(time, hops / rate)
    mean = rate * h
    k = np.arange(int(mean + 9 * np.sqrt(mean)) + 25)
    if budget is not None:
        budget.spend(float(matrix.nnz) * len(k))
    weights = np.exp(k * np.log(mean) - mean - gammaln(k + 1))
    weights /= weights.sum()
    stochastic = (matrix / rate + sparse.eye_array(len(start), format="csr")).tocsr()
    p, total = start, weights[0] * start
    for i, weight in enumerate(weights[1:]):
        if i % PRODUCTS == 0:
            checkpoint()
        p = stochastic @ p
        total += weight * p
    return total, h

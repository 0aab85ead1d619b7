"""Exact cumulants of weighted sums of batch means, for each way of sampling batches from a finite data set.

T = Σ_j W_j m_j with the means m_j of batches of B of N numbers u with Σu = 0. The batches of one epoch share no number.
"""

from __future__ import annotations

import numpy as np


def with_replacement(weights: np.ndarray, u: np.ndarray, batch: int) -> tuple[float, float]:
    """Variance and fourth cumulant of T if all batches are independent, with replacement. weights (J,), u (N,)."""
    second, fourth = float(np.mean(u**2)), float(np.mean(u**4))
    squares = np.square(weights)
    cumulant = fourth - 3 * second**2
    return second / batch * float(squares.sum()), cumulant / batch**3 * float((squares**2).sum())


def epochs(weights: np.ndarray, u: np.ndarray, batch: int) -> tuple[float, float]:
    """Variance and fourth cumulant of T if the J batches of each epoch are disjoint: weights (epochs, J).

    A batch without replacement is an epoch of one batch. From the fourth moment of Σ c_i u_π(i) over random orders π
    (Wald & Wolfowitz, Ann. Math. Statist. 15 (1944) 358; here by the power sums of c and of u).
    """
    count = len(u)
    s2, s4 = float(np.sum(u**2)), float(np.sum(u**4))
    # every number of a batch has the weight W/B: Σ c^r = Σ W^r / B^(r − 1)
    p1, p2, p3, p4 = (np.sum(weights**r, 1) / float(batch) ** (r - 1) for r in (1, 2, 3, 4))
    variance = s2 / (count - 1) * (p2 - p1**2 / count)
    terms = (
        (1, p4 * s4),
        (2, -4 * (p3 * p1 - p4) * s4 + 3 * (p2**2 - p4) * (s2**2 - s4)),
        (3, 6 * (p2 * p1**2 - p2**2 - 2 * p3 * p1 + 2 * p4) * (2 * s4 - s2**2)),
        (4, (p1**4 - 6 * p2 * p1**2 + 3 * p2**2 + 8 * p3 * p1 - 6 * p4) * (3 * s2**2 - 6 * s4)),
    )
    moment = sum(term / np.prod(count - np.arange(size, dtype=float)) for size, term in terms if size <= count)
    return float(variance.sum()), float((moment - 3 * variance**2).sum())

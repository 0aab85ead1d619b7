"""The exact distribution of SGD on linear regression with one weight, and the exponent of its tail.

The loss of example (z, ε) is ½ (z x − σ ε)². A batch multiplies: x' = (1 − lr a) x + lr b with a = mean z², which is a
Gamma number of mean 1 and variance 2/B, and, given a, b ~ N(0, σ² a/B). Such products have power-law tails,
P(|x| > q) ~ q^−α with E|1 − lr a|^α = 1 (Kesten, Acta Math. 131 (1973) 207; Goldie, Ann. Appl. Probab. 1 (1991) 126).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, ndtr

from demos.common.progress import checkpoint
from demos.stochastic.tails.config import TailsConfig

CELLS = 420  # cells of log |x|
SMALLEST = 0.02  # smallest edge of |x|, in units of the noise of a step: smaller |x| are treated as 0
BEYOND = 1e-5  # probability, about, beyond the last edge
INNER, FINE = 32, 300  # nodes on each side of the kink, for the distribution and for the exponent
THIN = 50.0  # largest exponent that is computed: with a larger one no sample shows the tail
TOP = 0.02  # share of the chains in the tail that is fitted


@lru_cache(maxsize=4)
def legendre(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss–Legendre nodes and weights on [−1, 1], cached because hundreds of them take a tenth of a second."""
    return np.polynomial.legendre.leggauss(count)


def gamma_nodes(batch: int, lr: float, power: float = 0.0, count: int = FINE) -> tuple[np.ndarray, np.ndarray]:
    """Values of a and weights for averages over it, also of |1 − lr a|^power: Gauss-Legendre in √a, whose density has
    no pole, on both sides of the kink at a = 1/lr."""
    top = math.sqrt(max(batch - 1 + 2 * power, 1.0) / batch) + 14 / math.sqrt(batch)
    nodes, weights = legendre(count)
    kink = min(lr**-0.5, top)
    u, w = [], []
    for low, high in ((0.0, kink), (kink, top)):
        u.append(low + (high - low) * (nodes + 1) / 2)
        w.append(weights * (high - low) / 2)
    at, weight = np.concatenate(u), np.concatenate(w)
    constant = math.log(2) + batch / 2 * math.log(batch / 2) - float(gammaln(batch / 2))
    density = np.exp(constant + (batch - 1) * np.log(np.maximum(at, 1e-300)) - batch * at**2 / 2)
    return at**2, weight * density


def moment(config: TailsConfig, power: float) -> float:
    """log E|1 − lr a|^power."""
    a, weights = gamma_nodes(config.batch, config.lr, power)
    return float(np.log(np.sum(weights * np.abs(1 - config.lr * a) ** power)))


def tail_exponent(config: TailsConfig) -> float | None:
    """α > 0 with E|1 − lr a|^α = 1; None where it is larger than THIN."""
    low, high = 0.05, 0.1
    while moment(config, high) < 0:
        low, high = high, 1.4 * high
        if low > THIN:
            return None
    return float(brentq(lambda power: moment(config, power), low, high, xtol=1e-12))


def middles_of(edges: np.ndarray) -> np.ndarray:
    """The |x| that represent the cells between edges equally spaced in the logarithm; one more than edges."""
    ratio = edges[1] / edges[0]
    return np.concatenate((edges / ratio**0.5, edges[-1:] * ratio**0.5))


@lru_cache(maxsize=8)  # independent of seed, number of chains and size of the noise
def masses(lr: float, batch: int, steps: int, largest: float, cells: int, inner: int) -> np.ndarray:
    """(steps + 1, cells + 1): the probabilities of the cells of |x| after every step from 0, in units of a step's
    noise."""
    edges = np.geomspace(SMALLEST, largest, cells)
    r = middles_of(edges)
    a, weights = gamma_nodes(batch, lr, count=inner)
    step = np.zeros((len(r), len(edges)))  # P(|x'| ≤ edge | r)
    first = np.zeros(len(edges))
    for value, weight in zip(a, weights / weights.sum(), strict=True):
        checkpoint()
        s = math.sqrt(value)
        m = np.abs(1 - lr * value) * r[:, None]
        step += weight * (ndtr((edges - m) / s) - ndtr((-edges - m) / s))
        first += weight * (2 * ndtr(edges / s) - 1)
    ones = np.ones((len(r), 1))
    step = np.diff(step, axis=1, prepend=0 * ones, append=ones)
    out = np.zeros((steps + 1, len(r)))
    out[0, 0] = 1.0
    out[1] = np.diff(first, prepend=0.0, append=1.0)
    for k in range(2, steps + 1):
        out[k] = out[k - 1] @ step
    out.flags.writeable = False
    return out


@dataclass(frozen=True)
class Law:
    """The distribution of |x| after every step from x = 0: probabilities of cells equally spaced in log |x|."""

    config: TailsConfig

    @cached_property
    def alpha(self) -> float | None:
        return tail_exponent(self.config)

    @cached_property
    def edges(self) -> np.ndarray:
        """(CELLS,) upper ends of all cells but the last, which has none; the first begins at 0."""
        unit = self.config.lr * self.config.noise / self.config.batch**0.5
        return unit * np.geomspace(SMALLEST, self.largest, CELLS)

    @property
    def largest(self) -> float:
        """The last edge in units of the noise of a step, from the power law, and at least far out in the tail."""
        return 30 / self.config.lr**0.5 * min(1e7, BEYOND ** (-1 / (self.alpha or THIN)))

    @property
    def middles(self) -> np.ndarray:
        """(CELLS + 1,) the |x| that represent the cells."""
        return middles_of(self.edges)

    @property
    def _masses(self) -> np.ndarray:
        """(steps + 1, CELLS + 1)"""
        return masses(self.config.lr, self.config.batch, self.config.steps, self.largest, CELLS, INNER)

    def beyond(self, step: int) -> np.ndarray:
        """(CELLS,) P(|x| > edge) after `step` steps."""
        return np.cumsum(self._masses[step][::-1])[::-1][1:]

    def share_beyond(self, step: int, q: float) -> float:
        """P(|x| > q), linearly interpolated in the logarithms between edges."""
        logs = np.log(np.maximum(self.beyond(step), 1e-300))
        return float(np.exp(np.interp(math.log(q), np.log(self.edges), logs)))

    def quantile(self, step: int, share: float) -> float:
        """The edge nearest to the quantile beyond which this share lies; at edges no interpolation is needed."""
        return float(self.edges[np.argmin(np.abs(np.log(np.maximum(self.beyond(step), 1e-300) / share)))])

    def excess(self, step: int, q: float) -> tuple[float, float]:
        """Mean and standard deviation of log(|x|/q) given |x| > q, for an edge q."""
        first = int(np.searchsorted(self.edges, q * (1 - 1e-9))) + 1
        mass = self._masses[step][first:]
        logs = np.log(self.middles[first:] / q)
        mean = float((mass * logs).sum() / mass.sum())
        return mean, math.sqrt(max(0.0, float((mass * logs**2).sum() / mass.sum()) - mean**2))

"""The exact moments of SGLD on Bayesian linear regression, up to the fourth, step by step.

With δ = θ − μ, a step is z' = T z + noise for z = (δ₁, δ₂, 1), and T = T̄ + (1/B) Σ D_a over the batch: an affine map
that is drawn anew. So E z⊗z⊗z⊗z, which holds all moments up to the fourth, obeys a linear recursion; that gives the
variance of the chains, and the standard error of a variance that is measured from them, heavy tails included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
from scipy.optimize import brentq

from demos.common.progress import checkpoint
from demos.stochastic.sgld.model import Model

TENTH = 0.1  # largest relative error of variances for a sampler that is called right
NOISY = np.diag([1.0, 1.0, 0.0])  # the injected noise changes δ, and not the 1


def symmetric(tensor: np.ndarray) -> np.ndarray:
    """The mean over all orders of the four indices of (3, 3, 3, 3)."""
    return np.mean([tensor.transpose(order) for order in permutations(range(4))], 0)


@dataclass(frozen=True)
class Moments:
    """Moments of δ: means (2,), covariance (2, 2), central fourth moments (2,)."""

    means: np.ndarray
    covariance: np.ndarray
    fourth: np.ndarray


@dataclass(frozen=True)
class Law:
    """The exact moments of SGLD for a linear model. rate: the step, in the unit of 1/U''; batch: examples per batch;
    control: whether control variates are used."""

    model: Model
    rate: float
    batch: int
    control: bool

    @cached_property
    def maps(self) -> tuple[np.ndarray, np.ndarray]:
        """T̄ (3, 3) and D_a (N, 3, 3)."""
        x = self.model.x
        errors = np.zeros(len(x)) if self.control else x @ self.model.mode - self.model.y
        single = np.zeros((len(x), 3, 3))
        single[:, :2, :2] = x[:, :, None] * x[:, None]
        single[:, :2, 2] = x * errors[:, None]
        whole = np.eye(3)
        whole[:2, :2] -= self.rate * self.model.hessian(self.model.mode)
        return whole, -self.rate * len(x) * (single - single.mean(0))

    @cached_property
    def fourfold(self) -> np.ndarray:
        """(81, 81) E T⊗T⊗T⊗T, up to the order of its results."""
        mean, apart = self.maps
        b, n = self.batch, len(apart)
        flat = apart.reshape(n, 9)
        pair = (flat.T @ flat / n).reshape(3, 3, 3, 3)  # a i b j
        triple = np.einsum("ns,nt,nu->stu", flat, flat, flat).reshape((3,) * 6) / n
        square = (flat[:, :, None] * flat[:, None]).reshape(n, 81)
        all_four = (square.T @ square / n).reshape((3,) * 8)
        whole = np.einsum("ai,bj,ck,dl->aibjckdl", mean, mean, mean, mean)
        whole = whole + 6 / b * np.einsum("aibj,ck,dl->aibjckdl", pair, mean, mean)
        whole += 4 / b**2 * np.einsum("aibjck,dl->aibjckdl", triple, mean)
        whole += all_four / b**3 + 3 * (b - 1) / b**3 * np.einsum("aibj,ckdl->aibjckdl", pair, pair)
        return whole.transpose(0, 2, 4, 6, 1, 3, 5, 7).reshape(81, 81)

    def follow(self, start: np.ndarray, steps: int) -> list[Moments]:
        """Moments after 0 … `steps` steps from δ = start (2,)."""
        z = np.append(start, 1.0)
        now = np.einsum("a,b,c,d->abcd", z, z, z, z)
        out, heat = [self.moments(now)], 2 * self.rate
        last = 3 * heat**2 * symmetric(np.einsum("ab,cd->abcd", NOISY, NOISY))
        places = np.arange(81).reshape((3,) * 4)
        orders = np.mean([np.eye(81)[places.transpose(order).ravel()] for order in permutations(range(4))], 0)
        step = orders @ self.fourfold
        with np.errstate(over="ignore", invalid="ignore"):  # past the stability limit there is no end to it
            for k in range(steps):
                if k % 100 == 0:
                    checkpoint()
                now = (step @ now.ravel()).reshape((3,) * 4)
                injected = np.einsum("ab,cd->abcd", NOISY, now[:, :, 2, 2])
                now = now + 6 * heat * (orders @ injected.ravel()).reshape((3,) * 4) + last
                out.append(self.moments(now))
        return out

    @staticmethod
    def moments(raw: np.ndarray) -> Moments:
        """Central moments from E z⊗z⊗z⊗z."""
        m = raw[:2, 2, 2, 2]
        covariance = raw[:2, :2, 2, 2] - np.outer(m, m)
        second, third, fourth = (
            np.array([raw[i, i, j, k] for i, j, k in places])
            for places in (((0, 2, 2), (1, 2, 2)), ((0, 0, 2), (1, 1, 2)), ((0, 0, 0), (1, 1, 1)))
        )
        return Moments(m, covariance, fourth - 4 * m * third + 6 * m**2 * second - 3 * m**4)

    @cached_property
    def squared(self) -> tuple[np.ndarray, np.ndarray]:
        """S' = A S + c for the covariance in the long run, with A (4, 4) and c (4,)."""
        mean, apart = self.maps
        pair = np.einsum("nai,nbj->abij", apart, apart) / len(apart) / self.batch
        keep = np.einsum("ai,bj->abij", mean, mean) + pair
        return keep[:2, :2, :2, :2].reshape(4, 4), (pair[:2, :2, 2, 2] + 2 * self.rate * np.eye(2)).ravel()

    @property
    def growth(self) -> float:
        """The asymptotic factor of the covariance in a step; if it is 1 or more there is no stationary distribution."""
        return float(np.abs(np.linalg.eigvals(self.squared[0])).max())

    def stationary(self) -> np.ndarray | None:
        """(2, 2) the covariance in the long run; None where there is none."""
        if self.growth >= 1:
            return None
        keep, gain = self.squared
        return np.linalg.solve(np.eye(4) - keep, gain).reshape(2, 2)

    def excess(self) -> float:
        """The largest ratio, over all directions, of SGLD's stationary variance to the posterior's; inf where there is
        no stationary distribution."""
        covariance = self.stationary()
        if covariance is None:
            return float("inf")
        root = np.linalg.cholesky(self.model.hessian(self.model.mode))  # a square root of the posterior's precision
        return float(np.linalg.eigvalsh(root.T @ covariance @ root)[-1])


def right_until(model: Model, batch: int, control: bool) -> float:
    """The largest lr, in units of 1/λ, up to which no variance is more than a tenth above the posterior's."""
    excess = lambda lr: min(Law(model, lr / model.steepest, batch, control).excess(), 1e6) - 1 - TENTH
    return float(brentq(excess, 1e-6, 2.0, xtol=1e-6))

"""Bayesian regression with two coefficients: data, prior, potential, and gradients of single examples.

The potential is U(θ) = |θ|²/2 + Σ_a ℓ_a(x_a·θ), a standard normal prior and ℓ of the labels: ½ (z − y)² for normal
ones, log(1 + e^z) − y z for those that are 0 or 1. The gradient of example a is x_a r_a(θ), r = ℓ'.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.special import expit

from demos.common.random_streams import generator
from demos.stochastic.sgld.config import SgldConfig

TRUE = np.array([1.0, -0.5])
MIXING = np.array([[1.0, 0.5], [0.0, 0.8]])  # of the features: correlated, so that the posterior is a tilted ellipse
GRID, REACH = 241, 9.0  # nodes of the quadrature in each direction, and their range in standard deviations
NEWTON = 50


@dataclass(frozen=True)
class Model:
    """x (N, 2), y (N,), and whether the labels are 0 or 1."""

    x: np.ndarray
    y: np.ndarray
    logistic: bool

    def residuals(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        """ℓ'(z) of labels y."""
        return (expit(z) if self.logistic else z) - y

    def potential(self, theta: np.ndarray) -> np.ndarray:
        """U of (..., 2)."""
        z = theta @ self.x.T
        losses = np.logaddexp(0, z) - self.y * z if self.logistic else 0.5 * (z - self.y) ** 2
        return 0.5 * np.square(theta).sum(-1) + losses.sum(-1)

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """∇U of (..., 2), by all examples."""
        return theta + self.residuals(theta @ self.x.T, self.y) @ self.x

    def hessian(self, theta: np.ndarray) -> np.ndarray:
        """(2, 2) at θ (2,)."""
        weights = np.ones(len(self.y))
        if self.logistic:
            share = expit(self.x @ theta)
            weights = share * (1 - share)
        return np.eye(2) + (self.x.T * weights) @ self.x

    @cached_property
    def mode(self) -> np.ndarray:
        """(2,) the minimum of U, by Newton's method; U is strictly convex."""
        theta = np.zeros(2)
        for _ in range(NEWTON):
            theta = theta - np.linalg.solve(self.hessian(theta), self.gradient(theta))
        return theta

    @cached_property
    def steepest(self) -> float:
        """The largest curvature at the mode, λ."""
        return float(np.linalg.eigvalsh(self.hessian(self.mode))[-1])

    @cached_property
    def narrow(self) -> np.ndarray:
        """(2,) the direction of the largest curvature at the mode, of length 1, towards the start of the chains."""
        direction = np.linalg.eigh(self.hessian(self.mode))[1][:, -1]
        return direction * np.sign(direction.sum())

    @cached_property
    def posterior(self) -> Posterior:
        """Exact for the linear model, by quadrature for the logistic one."""
        if not self.logistic:
            covariance = np.linalg.inv(self.hessian(self.mode))
            return Posterior(self.mode, covariance, 3 * np.diag(covariance) ** 2)
        axes, weights = self.quadrature
        points = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
        mean = np.einsum("ij,ijk->k", weights, points)
        apart = points - mean
        covariance = np.einsum("ij,ijk,ijl->kl", weights, apart, apart)
        return Posterior(mean, covariance, np.einsum("ij,ijk->k", weights, apart**4))

    @cached_property
    def quadrature(self) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        """Nodes of both axes, and the posterior's weights (GRID, GRID), which add up to 1: the trapezoidal rule, whose
        error is exponentially small for a density that is negligible at the border."""
        wide = np.sqrt(np.diag(np.linalg.inv(self.hessian(self.mode))))
        axes = tuple(self.mode[i] + REACH * wide[i] * np.linspace(-1, 1, GRID) for i in (0, 1))
        points = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
        values = np.stack([self.potential(row) for row in points])
        weights = np.exp(values.min() - values)
        return (axes[0], axes[1]), weights / weights.sum()


@dataclass(frozen=True)
class Posterior:
    """mean (2,), covariance (2, 2), fourth (2,): central fourth moments of both coefficients."""

    mean: np.ndarray
    covariance: np.ndarray
    fourth: np.ndarray


@lru_cache(maxsize=8)
def model_of(model: str, examples: int) -> Model:
    """The same data for all seeds."""
    random = generator(0, f"examples of the {model} model")
    x = random.standard_normal((examples, 2)) @ MIXING
    z = x @ TRUE
    logistic = model == "logistic"
    y = (random.uniform(size=examples) < expit(z)).astype(float) if logistic else z + random.standard_normal(examples)
    return Model(x, y, logistic)


def model_for(config: SgldConfig) -> Model:
    return model_of(config.model, config.examples)

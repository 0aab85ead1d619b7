"""Exact laws of linear shrinkage: training loss and risk over the distribution of the noise.

In the singular basis of the features, gradient flow from 0 multiplies the least-squares solution in a direction of
curvature s by 1 − e^{−ts}, k steps of gradient descent by 1 − (1 − lr s)^k, and ridge regression by s/(s + λ). Ali,
Kolter & Tibshirani, AISTATS 2019 (arXiv:1810.10082) compare the flow with ridge at λ = 1/t.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from demos.descent.early_stopping.problem import Problem

Share = Callable[[np.ndarray, float], np.ndarray]
"""The share of the least-squares solution that is kept, (d,), from curvatures (d,) and ln t, or ln λ."""
GRID = 241  # places at which the least risk is sought, before it is refined
DIFFERENCE = 1e-3  # of ln t, for derivatives
PLATEAU = (
    1e-6  # second derivative by ln t, over the risk, below which a risk is constant and rounding makes its minimum
)


def flow_share(curvatures: np.ndarray, log_time: float) -> np.ndarray:
    return -np.expm1(-np.exp(log_time) * curvatures)


def ridge_share(curvatures: np.ndarray, log_penalty: float) -> np.ndarray:
    return curvatures / (curvatures + np.exp(log_penalty))


def descent_share(curvatures: np.ndarray, lr: float, steps: int) -> np.ndarray:
    """The share after a whole number of steps of gradient descent."""
    with np.errstate(under="ignore"):
        return 1 - (1 - lr * curvatures) ** steps


@dataclass(frozen=True)
class Optimum:
    """The least expected risk over a range of ln t or ln λ.

    place: where it is. spread: the standard deviation, over draws of the noise, of the place of one draw's least risk,
    to first order; nan where the expected risk has no minimum inside the range. distances (K,): of other places.
    lead (K,): how much more risk is expected there, in standard deviations of that difference for one draw.
    """

    place: float
    risk: float
    spread: float
    distances: np.ndarray
    lead: np.ndarray

    def error(self, draws: int) -> float:
        """The standard error of the place, for the mean of so many draws."""
        return self.spread / math.sqrt(draws)

    def clear(self, draws: int) -> bool:
        """Whether first order describes the place of the least mean risk of so many draws: no place beyond 4 standard
        errors may be the lowest by chance.

        Around a parabola's vertex the lead is half the distance in standard errors. Far away, 4 are enough.
        """
        away = self.distances / self.error(draws)
        return bool(np.all((self.lead * math.sqrt(draws) >= np.minimum(4.0, 0.4 * away)) | (away <= 4.0)))


class Law:
    """The distribution over the noise of what a shrunk solution gives.

    curvatures (d,): of the training loss, in its eigenbasis (d, d), whose rows are directions.
    """

    def __init__(self, problem: Problem, noise: float):
        n, d = problem.features.shape
        left, values, self.basis = np.linalg.svd(problem.features / np.sqrt(n))
        self.curvatures = np.zeros(d)
        self.curvatures[: len(values)] = values**2
        self.known = self.curvatures > 1e-12 * self.curvatures[0]  # the others are invisible to the examples
        self.truth = self.basis @ problem.truth
        self.metric = self.basis @ np.diag(problem.scales**2) @ self.basis.T
        self.noise, self.count, self.rest = noise, n, n - int(self.known.sum())
        self._roots = np.sqrt(np.where(self.known, self.curvatures, 1.0))
        seen = np.zeros((len(problem.targets), d))
        seen[:, : len(values)] = problem.targets @ left[:, : len(values)] / np.sqrt(n)
        self.solutions = np.where(self.known, seen / self._roots, 0.0)  # (R, d) least squares, one for each draw
        fitted = np.square(np.where(self.known, seen, 0.0)).sum(1)
        self.unfit = 0.5 * float((np.square(problem.targets).mean(1) - fitted).mean())  # loss that no weights can avoid

    def _error(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean (d,) and standard deviation (d,) of the weights' errors in the eigenbasis."""
        spread = self.noise / np.sqrt(self.count) * np.where(self.known, share / self._roots, 0.0)
        return (share - 1) * self.truth, spread

    def risk(self, share: np.ndarray) -> float:
        """Expected risk."""
        mean, spread = self._error(share)
        return 0.5 * float(mean @ self.metric @ mean + spread**2 @ np.diag(self.metric))

    def risk_spread(self, share: np.ndarray) -> float:
        """Standard deviation of the risk over draws: of a quadratic form of normal numbers."""
        mean, spread = self._error(share)
        form = spread[:, None] * self.metric * spread
        return float(np.sqrt(0.5 * np.square(form).sum() + np.square(spread * (self.metric @ mean)).sum()))

    def training(self, share: np.ndarray) -> tuple[float, float]:
        """Expected training loss, and its standard deviation over draws."""
        left = (1 - share) * self.known
        mean, spread = left * np.sqrt(self.curvatures) * self.truth, left * self.noise / np.sqrt(self.count)
        unseen = self.noise**2 / self.count
        loss = 0.5 * (float((mean**2 + spread**2).sum()) + unseen * self.rest)
        variance = float((0.5 * spread**4 + mean**2 * spread**2).sum()) + 0.5 * unseen**2 * self.rest
        return loss, float(np.sqrt(variance))

    def losses_of_draws(self, share: np.ndarray) -> tuple[float, float]:
        """Training loss and risk with this share, each the mean over these very draws."""
        left = (1 - share) * self.solutions
        off = share * self.solutions - self.truth
        training = 0.5 * float((np.square(left) @ self.curvatures).mean()) + self.unfit
        return training, 0.5 * float(np.einsum("ri,ij,rj->", off, self.metric, off)) / len(off)

    def difference_spread(self, share: np.ndarray, other: np.ndarray) -> float:
        """Standard deviation over draws of the difference of the risks with two shares."""
        (mean, spread), (mean_other, spread_other) = self._error(share), self._error(other)
        form = 0.5 * self.metric * (np.outer(spread, spread) - np.outer(spread_other, spread_other))
        line = spread * (self.metric @ mean) - spread_other * (self.metric @ mean_other)
        return float(np.sqrt(2 * np.square(form).sum() + np.square(line).sum()))

    def optimum(self, share: Share, low: float, high: float) -> Optimum:
        """The least expected risk between two values of ln t or ln λ."""

        def risk(place: float) -> float:
            return self.risk(share(self.curvatures, place))

        grid = np.linspace(low, high, GRID)
        risks = np.array([risk(place) for place in grid])
        at = int(np.argmin(risks))
        if at in (0, GRID - 1):
            return Optimum(float(grid[at]), float(risks[at]), math.nan, np.zeros(0), np.zeros(0))
        found = minimize_scalar(risk, bounds=(grid[at - 1], grid[at + 1]), method="bounded", options={"xatol": 1e-8})
        place, kept = float(found.x), share(self.curvatures, float(found.x))
        apart = np.array([self.difference_spread(share(self.curvatures, other), kept) for other in grid])
        lead = (risks - found.fun) / np.maximum(apart, 1e-300)
        return Optimum(place, float(found.fun), self._place_spread(share, place), np.abs(grid - place), lead)

    def _place_spread(self, share: Share, place: float) -> float:
        """The spread of one draw's slope at the minimum, over the bend of the expected risk there."""
        h = DIFFERENCE
        before, kept, after = (share(self.curvatures, place + k * h) for k in (-1, 0, 1))
        bend = (self.risk(before) - 2 * self.risk(kept) + self.risk(after)) / h**2
        if not bend > PLATEAU * self.risk(kept):
            return math.nan
        return self.difference_spread(after, before) / (2 * h) / bend

"""The exact mean and covariance of every schedule on a quadratic, step by step, and formulas for the final loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.common.progress import checkpoint
from demos.stochastic.schedules.config import SchedulesConfig
from demos.stochastic.schedules.schedule import BETA, averages, linear, rates

SETTLED = 0.05  # share of the start below which its influence is neglected


def curvatures(config: SchedulesConfig) -> np.ndarray:
    return np.array([1.0, config.flat])


def covariance(config: SchedulesConfig) -> np.ndarray:
    """(2,) the variances of a batch's gradient noise, σ² h/B, as for least squares at its minimum and in the cloud."""
    return config.noise**2 * curvatures(config) / config.batch


@dataclass(frozen=True)
class Law:
    """means, variances (steps + 1, 2): of the answer's directions after every step; both are normal."""

    means: np.ndarray
    variances: np.ndarray
    h: np.ndarray

    def loss(self, step: int) -> tuple[float, float]:
        """Mean and variance over chains of ½ Σ h x² after a step."""
        m, v, h = self.means[step], self.variances[step], self.h
        with np.errstate(over="ignore", invalid="ignore"):  # past the stability limit there is no end to it
            return float(0.5 * (h * (m**2 + v)).sum()), float((h**2 * (0.5 * v**2 + m**2 * v)).sum())

    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """(steps + 1,) the parts of the mean loss by the decaying start and by noise; it is their sum."""
        with np.errstate(over="ignore", invalid="ignore"):
            return 0.5 * self.means**2 @ self.h, 0.5 * self.variances @ self.h


def law(config: SchedulesConfig, name: str) -> Law:
    """m' = A m and S' = A S Aᵀ + C k kᵀ for (x, p) in each direction, from (start, start) without spread."""
    h, noise = curvatures(config), covariance(config)
    means, variances = np.empty((2, config.steps + 1, 2))
    given, average = rates(name, config.lr, config.steps).tolist(), averages(name)
    for axis in (0, 1):
        checkpoint()
        x = p = config.start
        xx = xp = pp = 0.0  # the covariance
        means[0, axis], variances[0, axis] = config.start, 0.0
        curvature, loud = float(h[axis]), float(noise[axis])
        for step in range(config.steps):
            a, b, c, d, k, l = linear(name, given[step], curvature, step)  # noqa: E741
            x, p = a * x + b * p, c * x + d * p
            xx, xp, pp = (
                a * a * xx + 2 * a * b * xp + b * b * pp + loud * k * k,
                a * c * xx + (a * d + b * c) * xp + b * d * pp + loud * k * l,
                c * c * xx + 2 * c * d * xp + d * d * pp + loud * l * l,
            )
            means[step + 1, axis], variances[step + 1, axis] = (p, pp) if average else (x, xx)
    return Law(means, variances, h)


def floor(config: SchedulesConfig) -> float:
    """The stationary loss of a constant rate: ½ Σ lr C/(2 − lr h); inf above the stability limit."""
    h = curvatures(config)
    if config.lr * h.max() >= 2:
        return float("inf")
    return float(0.5 * (config.lr * covariance(config) / (2 - config.lr * h)).sum())


def least(config: SchedulesConfig, steps: int | None = None) -> float:
    """½ tr(C H⁻¹)/k after k steps, by default all: the mean excess loss that averaging reaches asymptotically, and the
    least of any estimate from as many examples (Polyak & Juditsky 1992; the Cramér–Rao bound). Early losses can be
    below it if the start is near the minimum; see `forgotten_after`."""
    return float(0.5 * (covariance(config) / curvatures(config)).sum() / (steps or config.steps))


def forgotten_after(config: SchedulesConfig) -> int | None:
    """The step from which at most a share SETTLED of the start is left in every direction at a constant rate; None
    where that is after the last step, or the rate is not stable."""
    kept = float(np.abs(1 - config.lr * curvatures(config)).max())
    if kept >= 1:
        return None
    step = 1 if kept == 0 else max(1, int(np.ceil(np.log(SETTLED) / np.log(kept))))
    return step if step <= config.steps else None


def least_free(config: SchedulesConfig) -> float:
    """The asymptotic loss of Schedule-Free: `least` over 1 − β².

    The sum of its gradients stays bounded, so that (1 − β) x + β (mean of all x so far) = −(mean noise)/h. With
    p = β/(1 − β) and the noise as a Brownian motion S, x is (1 + p)(S(k) − p k⁻ᵖ ∫ sᵖ⁻¹ S ds)/k, of variance
    (1 + p)²/(2p + 1)/k = 1/((1 − β²) k).
    """
    return least(config) / (1 - BETA**2)


def limit(config: SchedulesConfig) -> float:
    """The largest stable constant rate; that of Schedule-Free is larger."""
    return float(2 / curvatures(config).max())

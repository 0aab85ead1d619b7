"""Exact results for the escape: the distribution of x, its variance near the saddle, and the other directions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demos.stochastic.bench.kernel import Kernel, TooFineError
from demos.stochastic.saddle.config import SaddleConfig
from demos.stochastic.saddle.landscape import escape_distance, slope

FRAMES = 80
LINEAR = 0.3  # largest |x| at which tanh x = x to 3 %


def frames(config: SaddleConfig) -> np.ndarray:
    """(F,) the steps that the picture shows."""
    return np.unique(np.rint(np.linspace(0, config.steps, FRAMES)).astype(int))


def grown(config: SaddleConfig, step: int) -> float:
    """Var x after `step` steps of x' = (1 + lr λ) x + noise: s² ((1 + lr λ)^{2k} − 1)/((1 + lr λ)² − 1)."""
    rate = math.log1p(config.lr * config.curvature)
    exponent = 2 * step * rate
    return config.spread**2 * (math.expm1(exponent) if exponent < 700 else math.inf) / math.expm1(2 * rate)


def diffused(config: SaddleConfig, step: int) -> float:
    """The same for the diffusion limit: (T/λ)(e^{2λt} − 1), t = lr × steps."""
    exponent = 2 * config.curvature * config.lr * step
    return config.temperature / config.curvature * (math.expm1(exponent) if exponent < 700 else math.inf)


def linear_until(config: SaddleConfig) -> int:
    """The last step at which nearly all chains are where the energy is quadratic."""
    small = [k for k in range(1, config.steps + 1) if 4 * grown(config, k) < LINEAR**2]
    return small[-1] if small else 1


def across(config: SaddleConfig, step: int) -> tuple[float, float]:
    """Mean and variance of |y|² over chains: d − 1 independent normal directions that start at 1/√(d − 1)."""
    many, keep = config.dimensions - 1, 1 - config.lr
    mean2 = keep ** (2 * step) / many
    variance = config.spread**2 * (1 - keep ** (2 * step)) / (1 - keep**2)
    return many * (variance + mean2), many * (2 * variance**2 + 4 * variance * mean2)


@dataclass(frozen=True)
class Law:
    """The exact distribution of x after every step from the ridge; where the noise is large enough for quadrature."""

    config: SaddleConfig

    def kernel(self) -> Kernel:
        config = self.config
        wide = 1 + config.curvature + 8 * config.spread / (1 - (1 - config.lr) ** 2) ** 0.5
        down = lambda x: slope(x, config.curvature)
        return Kernel.of(down, config.lr, config.spread, -wide, wide, escape_distance(config.curvature))

    @cached_property
    def trouble(self) -> str:
        """Why there is no exact law here; "" where there is one."""
        try:
            self.kernel()
        except TooFineError as problem:
            return str(problem)
        return ""

    @cached_property
    def _followed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        config, kernel = self.config, self.kernel()
        # by symmetry: as many left of −cut as right of it
        seen = (2.0 * (kernel.x > kernel.cut), kernel.x**2, kernel.x**4, np.ones(len(kernel.x)))
        down = lambda x: slope(x, config.curvature)
        averages, densities = kernel.follow(0.0, down, config.lr, config.steps, seen, frames(config))
        averages[0] = 0.0, 0.0, 0.0, 1.0
        return kernel.x, averages, densities

    @property
    def escaped_share(self) -> np.ndarray:
        """(steps + 1,) the probability to have escaped: |x| beyond half of the distance to the minimum."""
        return self._followed[1][:, 0]

    @property
    def variance(self) -> np.ndarray:
        """(steps + 1,) of x."""
        return self._followed[1][:, 1]

    @property
    def fourth(self) -> np.ndarray:
        """(steps + 1,) E x⁴."""
        return self._followed[1][:, 2]

    @property
    def lost(self) -> float:
        """The mass that has left the quadrature's interval, including rounding errors."""
        return abs(1 - float(self._followed[1][-1, 3]))

    @property
    def density(self) -> tuple[np.ndarray, np.ndarray]:
        """Nodes (n,) and the densities (F, n) at the frames of the picture; 0 at the start."""
        return self._followed[0], self._followed[2]

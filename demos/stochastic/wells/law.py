"""Exact results for SGD in the two wells: its distribution, the Gibbs distribution, and escape times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demos.common.first_passage import mean_first_passage
from demos.stochastic.bench.kernel import Kernel, TooFineError
from demos.stochastic.wells.config import WellsConfig
from demos.stochastic.wells.landscape import barrier, bottoms, energy, gibbs, share_right, slope, test_loss

TARGET = 0.0  # x beyond the barrier at which a chain counts as escaped from the sharp well
FRAMES = 80


def frames(config: WellsConfig) -> np.ndarray:
    """(F,) the steps that the picture shows."""
    return np.unique(np.rint(np.linspace(0, config.steps, FRAMES)).astype(int))


@dataclass(frozen=True)
class Law:
    """The exact distribution of every step of a config, where its noise is large enough for quadrature."""

    config: WellsConfig

    @property
    def start(self) -> float:
        return bottoms()[0 if self.config.start == "sharp" else 1]

    def kernel(self, cut: float) -> Kernel:
        config = self.config
        return Kernel.of(slope, config.lr, config.spread, *config.reach, cut)

    @cached_property
    def trouble(self) -> str:
        """Why there is no exact law here; "" where there is one."""
        try:
            self.kernel(barrier())
        except TooFineError as problem:
            return str(problem)
        return ""

    @cached_property
    def _at_barrier(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nodes (n,); averages (steps + 1, 4) of being right of the barrier, of 1, and of the test loss and its
        square; densities of the frames."""
        kernel, config = self.kernel(barrier()), self.config
        test = test_loss(kernel.x)
        seen = ((kernel.x > kernel.cut).astype(float), np.ones(len(kernel.x)), test, test**2)
        averages, densities = kernel.follow(self.start, slope, config.lr, config.steps, seen, frames(config))
        first = float(test_loss(np.array(self.start)))
        averages[0] = float(self.start > kernel.cut), 1.0, first, first**2
        return kernel.x, averages, densities

    @property
    def in_flat(self) -> np.ndarray:
        """(steps + 1,) the probability to be right of the barrier."""
        return self._at_barrier[1][:, 0]

    @cached_property
    def loss(self) -> tuple[float, float]:
        """Mean and variance of a chain's loss, averaged over all its steps."""
        kernel, config = self.kernel(barrier()), self.config
        mean, variance = kernel.path_sum(self.start, slope, config.lr, config.steps, energy(kernel.x))
        return mean / config.steps, variance / config.steps**2

    @property
    def test_loss(self) -> tuple[float, float]:
        """Mean and variance, over chains, of the loss on the shifted landscape at the end."""
        mean, square = self._at_barrier[1][-1, 2:]
        return float(mean), max(0.0, float(square - mean**2))

    @property
    def lost(self) -> float:
        """The mass that has left the quadrature's interval by the end, including rounding errors."""
        return abs(1 - float(self._at_barrier[1][-1, 1]))

    @property
    def density(self) -> tuple[np.ndarray, np.ndarray]:
        """Nodes (n,) and the densities (F, n) at the frames of the picture; 0 at the start."""
        return self._at_barrier[0], self._at_barrier[2]

    @cached_property
    def waiting(self) -> np.ndarray:
        """(steps + 1,) the probability not yet to have been beyond TARGET, from the sharp well."""
        kernel, config = self.kernel(TARGET), self.config
        ones = (np.ones(len(kernel.x)),)
        alive, _ = kernel.follow(self.start, slope, config.lr, config.steps, ones, absorbing=True)
        alive[0] = 1.0
        return alive[:, 0]

    @cached_property
    def gibbs_share(self) -> float:
        return share_right(self.config.temperature, *self.config.reach)

    @property
    def gibbs_density(self) -> tuple[np.ndarray, np.ndarray]:
        return gibbs(self.config.temperature, *self.config.reach, count=401)

    @property
    def passage_time(self) -> float:
        """Mean time of the diffusion limit from the sharp bottom to TARGET, in units of lr × steps, exact."""
        return mean_first_passage(energy, bottoms()[0], TARGET, self.config.temperature)

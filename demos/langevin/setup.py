"""`Setup`: a config resolved once into landscape, temperature, flow and start; later code takes the setup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.schedules import Cooling
from demos.gradient_flow import GradientFlow
from demos.landscapes import Landscape
from demos.langevin.config import LangevinConfig
from demos.langevin.exact import quadratic
from demos.langevin.reference.boltzmann import sample_boltzmann
from demos.langevin.reference.distribution import StartDistribution
from demos.langevin.reference.gaussian import Gaussian
from demos.langevin.samplers import SAMPLERS

START_STREAM = 1  # the random stream of the start alone, so that methods and steps do not change it
TRIES = 1_000  # most attempts to draw a start outside a wall


@dataclass(frozen=True, eq=False)
class Setup:
    """What all methods of a config share.

    kT: the temperature at the beginning. temperature: the same if it is constant, else the function kT(t). flow: the
    equation that the methods discretize. The start and quadratures are computed at their first use.
    """

    config: LangevinConfig
    landscape: Landscape
    kT: float
    temperature: float | Cooling
    flow: GradientFlow

    @classmethod
    def of(cls, config: LangevinConfig) -> Setup:
        landscape, temperature = config.landscape, temperature_of(config)
        flow = GradientFlow(
            energy=landscape.energy,
            gradient=landscape.gradient,
            hessian=landscape.hessian,
            temperature=temperature,
            friction=config.friction,
            mass=config.mass,
        )
        return cls(config, landscape, config.temperature, temperature, flow)

    @property
    def is_constant(self) -> bool:
        """Whether the temperature stays the same."""
        return not isinstance(self.temperature, Cooling)

    @property
    def hottest(self) -> float:
        """The highest temperature of the run."""
        return self.temperature.hottest if isinstance(self.temperature, Cooling) else self.temperature

    @property
    def is_quadratic(self) -> bool:
        """Whether U is quadratic: then every distribution from a Gaussian start is Gaussian and known."""
        return self.landscape.name == "harmonic"

    @cached_property
    def hessian(self) -> np.ndarray:
        """The Hessian at the origin, (2, 2): that of a quadratic potential anywhere."""
        return self.landscape.hessian(torch.zeros((1, 2), dtype=torch.float64))[0].numpy()

    @cached_property
    def is_confined(self) -> bool:
        """Whether the landscape's box holds the Boltzmann distribution at the highest temperature."""
        return self.landscape.confines(self.hottest)

    @cached_property
    def start(self) -> Tensor:
        """(N, 2) float32, from the seed. Points inside a wall are drawn again, so that the distribution of the start is
        cut off at the wall."""
        config, landscape, count = self.config, self.landscape, self.config.particles
        random = np.random.default_rng([config.seed, START_STREAM])
        place = np.array([config.x0, config.y0])
        if config.start == "point":
            points = np.tile(place, (count, 1))
        elif config.start == "cloud":
            points = _outside_walls(landscape, count, lambda n: place + config.spread * random.standard_normal((n, 2)))
        elif config.start == "box":
            low, high = np.array(landscape.view).T
            points = _outside_walls(landscape, count, lambda n: low + (high - low) * random.random((n, 2)))
        elif self.is_quadratic:
            root = np.linalg.cholesky(self.kT * np.linalg.inv(self.hessian))
            points = random.standard_normal((count, 2)) @ root.T
        else:
            points = sample_boltzmann(landscape, self.kT, count, random)
        return torch.from_numpy(points.astype(np.float32))

    @cached_property
    def other_well(self) -> int:
        """Of two wells the one in which the particles did not start; 1 where they started in both, or in neither."""
        config = self.config
        if config.start not in ("point", "cloud") or len(self.landscape.well_names) != 2:
            return 1
        place = torch.tensor([[config.x0, config.y0]], dtype=torch.float64)
        return 1 - max(int(self.landscape.wells(place)[0]), 0)

    @cached_property
    def start_distributions(self) -> tuple[StartDistribution, StartDistribution]:
        """The distribution of each coordinate at the start."""
        config = self.config
        if config.start == "box":
            x, y = (
                StartDistribution("uniform", (low + high) / 2, (high - low) / 2) for low, high in self.landscape.view
            )
            return x, y
        kind = {"point": "point", "cloud": "gaussian", "equilibrium": "equilibrium"}[config.start]
        place = (0.0, 0.0) if kind == "equilibrium" else (config.x0, config.y0)
        width = config.spread if kind == "gaussian" else 0.0
        return StartDistribution(kind, place[0], width), StartDistribution(kind, place[1], width)

    @cached_property
    def start_moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean (2,) and covariance (2, 2) at the start, where U is quadratic; of a uniform start, which is not
        Gaussian, too."""
        config = self.config
        if config.start == "box":
            sides = np.array(self.landscape.view)
            return sides.mean(axis=1), np.diag(np.ptp(sides, axis=1) ** 2 / 12)
        if config.start == "equilibrium":
            return np.zeros(2), self.kT * np.linalg.inv(self.hessian)
        spread = config.spread if config.start == "cloud" else 0.0
        return np.array([config.x0, config.y0]), spread**2 * np.eye(2)

    def gaussian_after(self, method: str, steps: int) -> Gaussian:
        """The distribution after so many steps of an overdamped method, where U is quadratic and the start a point, a
        cloud or in equilibrium: exact for the method with its step."""
        key = (method, steps)
        if key not in self._gaussians:
            hessian, kT, h = self.hessian, self.kT, self.config.step
            with np.errstate(over="ignore", invalid="ignore"):  # a step beyond the limit
                moments = quadratic.moments(method, hessian, h, kT, steps, *self.start_moments)
            self._gaussians[key] = Gaussian(*moments, hessian, kT)
        return self._gaussians[key]

    @cached_property
    def _gaussians(self) -> dict[tuple[str, int], Gaussian]:
        return {}

    def step_limit(self, method: str) -> float:
        """The largest stable step of a method at the sharpest minimum; inf where there is none."""
        return SAMPLERS[method].step_limit(self.landscape.curvature, self.flow, **self.config.options_of(method))


def temperature_of(config: LangevinConfig) -> float | Cooling:
    """kT, or kT(t) over the run."""
    if config.schedule == "constant":
        return config.temperature
    return Cooling(config.schedule, config.temperature, config.cold, config.duration)


def _outside_walls(landscape: Landscape, count: int, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    points = draw(count)
    for _ in range(TRIES):
        inside = ~landscape.energy(torch.from_numpy(points.astype(np.float32))).isfinite().numpy()
        if not inside.any():
            break
        points[inside] = draw(int(inside.sum()))
    return points

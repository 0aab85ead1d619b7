"""A soap film between two coaxial rings: the area of a surface of revolution, and the catenoids that are its minima.

    A(r) = ∫ 2πr √(1 + r'²) dz,  r(±s/2) = R;  on a grid it is the sum of frustums π(rᵢ + rᵢ₊₁) √(h² + (rᵢ₊₁ − rᵢ)²),
    which is the exact area of the turned polygon.

Up to s = 1.3255 R two catenoids span the rings, a stable and an unstable one; above it none does, and the film
collapses onto two discs (Goldschmidt 1831). Isenberg, The Science of Soap Films and Soap Bubbles (1978).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import pi
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow import Diagonal, GradientFlow
from demos.physics.bench.system import Reference, Starts, System
from demos.physics.soap_film.reference import CRITICAL_SEPARATION, catenoids
from demos.physics.soap_film.starts import starts_for

THREAD = 0.01  # radius below which the film's speed is bounded: it would grow as 1/r


class NotNegative:
    """The constraint set r ≥ 0: where the film has closed it stays closed. A stage of a step may put a ring below 0: it
    keeps its speed until the step ends, because a jump of the velocity would have the step refused."""

    def retract(self, x: Tensor) -> Tensor:
        return x.clamp_min(0.0)

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        return torch.where(x == 0, 0.0, v)


@dataclass(frozen=True, eq=False)
class CurvatureSystem(System):
    """A film as a system whose metric, that of mean-curvature flow, depends on the state."""

    def flow(self, temperature: Any = 0.0, **rest: Any) -> GradientFlow:
        """Mean-curvature flow. Raises ValueError for a temperature: the metric depends on the state."""
        if temperature != 0.0:
            raise ValueError("a film that moves by its mean curvature has no temperature.")
        film = self.energy.__self__
        return replace(film.curvature_flow(), **rest)


@dataclass(frozen=True)
class SoapFilm:
    """The radii of a film between two rings of radius 1, `separation` apart, at `links` − 1 places: (N, links − 1).

    Raises ValueError where a value is out of range.
    """

    separation: float = 1.0
    links: int = 100

    def __post_init__(self) -> None:
        if not 0.01 <= self.separation <= 10:
            raise ValueError(f"separation = {self.separation:g} must be from 0.01 to 10 ring radii.")
        if not 4 <= self.links <= 512 or self.links % 2:
            raise ValueError(f"links = {self.links} must be an even number from 4 to 512.")

    @property
    def spacing(self) -> float:
        return self.separation / self.links

    @property
    def heights(self) -> Tensor:
        """(links + 1,) z of all nodes, rings included"""
        return torch.linspace(-self.separation / 2, self.separation / 2, self.links + 1, dtype=torch.float64)

    @staticmethod
    def profile(x: Tensor) -> Tensor:
        """(N, links + 1): the radii with those of the rings."""
        ring = x.new_ones(len(x), 1)
        return torch.cat([ring, x, ring], 1)

    @staticmethod
    def _radii(x: Tensor) -> np.ndarray:
        """As `profile`, for what is asked at every stage of a step: NumPy's overhead is a fifth of torch's."""
        r = np.ones((len(x), x.shape[1] + 2), dtype=np.float64 if x.dtype == torch.float64 else np.float32)
        r[:, 1:-1] = x.detach().numpy()
        return r

    def energy(self, x: Tensor, t: float = 0.0) -> Tensor:
        """(N,) the area"""
        r = self.profile(x)
        return pi * ((r[:, 1:] + r[:, :-1]) * (self.spacing**2 + r.diff(dim=1).square()).sqrt()).sum(1)

    def gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        r = self._radii(x)
        step, total = r[:, 1:] - r[:, :-1], r[:, 1:] + r[:, :-1]
        slant = np.sqrt(self.spacing**2 + step * step)
        by_step = total * step / slant  # ∂/∂step of total·slant; ∂/∂total is the slant
        return torch.from_numpy(pi * (slant[:, :-1] + slant[:, 1:] + by_step[:, :-1] - by_step[:, 1:]))

    def bands(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, links − 1) diagonal and (N, links − 2) off-diagonal of the Hessian, which is tridiagonal."""
        r = self.profile(x)
        step, total = r.diff(dim=1), r[:, 1:] + r[:, :-1]
        slant = (self.spacing**2 + step.square()).sqrt()
        second, mixed = total * self.spacing**2 / slant**3, step / slant  # ∂²/∂step², ∂²/∂total∂step of total·slant
        # ∂²/∂rᵢ₊₁² = second + 2 mixed, ∂²/∂rᵢ² = second − 2 mixed, ∂²/∂rᵢ∂rᵢ₊₁ = −second
        diagonal = second[:, :-1] + 2 * mixed[:, :-1] + second[:, 1:] - 2 * mixed[:, 1:]
        return pi * diagonal, -pi * second[:, 1:-1]

    def hessian(self, x: Tensor, t: float = 0.0) -> Tensor:
        """(N, links − 1, links − 1)"""
        diagonal, off = self.bands(x)
        return torch.diag_embed(diagonal) + torch.diag_embed(off, 1) + torch.diag_embed(off, -1)

    @cached_property
    def _mobility(self) -> float:
        """1/(2πh): r_t is minus the functional derivative of A over 2π, r r''/(1 + r'²)^(3/2) − 1/√(1 + r'²)."""
        return 1 / (2 * pi * self.spacing)

    def curvature_mobility(self, x: Tensor) -> Tensor:
        """The mobility, shaped like x: times −∂A/∂r it is the velocity of mean-curvature flow."""
        r = self._radii(x)
        slope = (r[:, 2:] - r[:, :-2]) / (2 * self.spacing)
        return torch.from_numpy(self._mobility * np.sqrt(1 + slope * slope) / np.maximum(r[:, 1:-1], THREAD))

    def curvature_flow(self) -> GradientFlow:
        """Mean-curvature flow, v = −κ: the metric is ∫dr² 2πr/√(1 + r'²) dz, which depends on the state.

        r_t = r''/(1 + r'²) − 1/r: a thread of radius r closes in the time r²/2.
        """
        velocity = lambda x, t=0.0: self.curvature_mobility(x) * self.gradient(x)
        return GradientFlow(gradient=velocity, project=NotNegative())

    def starts(self) -> Mapping[str, Starts]:
        """Named starts; see `soap_film.starts`."""
        return starts_for(self.separation, self.heights[1:-1])

    def system(self, metric: str = "radius") -> System:
        """The system for `solve`, in the metric of the "radius" or of mean "curvature", by which films move.

        Its references are the catenoid's area (or the discs') and neck."""
        found = catenoids(self.separation)
        source = "catenoid r = a cosh(z/a)"
        if found:
            references = (Reference("area", found[0].area, source), Reference("neck", found[0].neck, source))
        else:
            references = (
                Reference(
                    "area", 2 * pi, f"two discs, Goldschmidt 1831: separation past {CRITICAL_SEPARATION:.10f} radii"
                ),
                Reference("neck", 0.0, "two discs"),
            )
        kind = CurvatureSystem if metric == "curvature" else System
        return kind(
            name="soap_film",
            title="Soap film",
            sentence="A film between two rings shrinks to a catenoid, or snaps.",
            formula=r"\int 2\pi r\sqrt{1 + r'^2}\,dz",
            shape=(self.links - 1,),
            energy=self.energy,
            gradient=self.gradient,
            hessian=self.hessian,
            project=NotNegative(),
            mobility=Diagonal(self._mobility),
            starts=self.starts(),
            references=references,
            longest=0.1,
            duration=4.0,
        )

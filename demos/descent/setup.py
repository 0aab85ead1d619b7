"""Setup: the landscape, the starts, the times and the exact flow of a config, computed once for all other modules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.descent.config import DescentConfig
from demos.descent.flow import Flow, exact_flow
from demos.descent.starts import starts_of
from demos.descent.surfaces import scale_of
from demos.gradient_flow import GradientFlow
from demos.landscapes import EnergySurface

FRAMES = 600  # the most frames
LIKED = 240  # the number of frames if the first method has fewer steps
BUDGET = 150_000  # the most positions in the picture
COMPARED = 250  # the most steps of each method that are compared with the flow
NEAR = 1e-3  # view diagonals: at this distance a path has reached a minimum
LONG = 30.0  # × 1/curvature of the flattest minimum: after this time the flow has reached a minimum
EARLY = 120  # the number of geometrically rising times, which resolve a fast beginning of the flow


@dataclass(frozen=True, eq=False)
class Setup:
    """What all methods of a config share. starts: (N, 2) float64. steps: method -> number of steps."""

    config: DescentConfig
    surface: EnergySurface
    starts: Tensor
    steps: dict[str, int]

    @classmethod
    def of(cls, config: DescentConfig) -> Setup:
        surface = config.landscape
        return cls(config, surface, starts_of(config, surface), config.planned_steps)

    @property
    def scale(self) -> float:
        """The diagonal of the view."""
        return scale_of(self.surface)

    @property
    def flow(self) -> GradientFlow:
        """The equation that the methods discretize."""
        return GradientFlow(self.surface.energy, self.surface.gradient, hessian=self.surface.hessian)

    def end_of(self, method: str) -> float:
        """The time t = rate × steps at which a method ends."""
        return self.steps[method] * self.config.rate(method)

    @property
    def end(self) -> float:
        """The time that the picture covers."""
        return max(map(self.end_of, self.config.methods))

    @cached_property
    def frames(self) -> int:
        """The number of frames: one for each step of the first method, if that is possible."""
        most = max(60, min(FRAMES, BUDGET // (len(self.starts) * (len(self.config.methods) + 1))))
        wanted = self.steps[self.config.methods[0]] + 1
        return min(most, wanted if wanted >= LIKED / 4 else LIKED)

    def frame_steps(self, method: str) -> np.ndarray:
        """The step of a method that is shown in each frame, (F,)."""
        share = np.linspace(0, 1, self.frames)
        if self.config.clock == "steps":
            return np.floor(share * self.steps[method] + 1e-9).astype(int)
        time = share * self.end / self.config.rate(method)
        return np.minimum(np.floor(time + 1e-9).astype(int), self.steps[method])

    @property
    def frame_times(self) -> np.ndarray:
        """The time of the flow in each frame, (F,)."""
        if self.config.clock == "steps":
            return self.frame_steps(self.config.methods[0]) * self.config.rate(self.config.methods[0])
        return np.linspace(0, self.end, self.frames)

    def compared_steps(self, method: str) -> np.ndarray:
        """The steps that are compared with the flow, rising from 0 to the last."""
        return np.unique(np.linspace(0, self.steps[method], COMPARED).astype(int))

    @cached_property
    def exact(self) -> Flow:
        """The exact flow at the times of all frames and of all compared steps."""
        asked = [self.frame_times, np.geomspace(1e-6, 1, EARLY) * self.end, np.linspace(0, self.end, COMPARED)]
        asked += [self.compared_steps(method) * self.config.rate(method) for method in self.config.methods]
        return exact_flow(self.surface, self.starts, np.concatenate(asked))

    @cached_property
    def destinations(self) -> np.ndarray:
        """The index of the minimum to which the flow leads from each start, (N,); −1 for none."""
        return destinations(self.surface, self.exact.states[-1])


def destinations(surface: EnergySurface, places: np.ndarray) -> np.ndarray:
    """The minima to which the flow leads from points (N, 2): indices into `surface.minima`, (N,); −1 for none."""
    labels = np.full(len(places), -1)
    if not surface.minima:
        return labels
    minima = np.array([place.position for place in surface.minima])
    flattest = min((place.eigenvalues[0] for place in surface.minima if place.eigenvalues[0] > 0), default=1.0)
    known = np.isfinite(places).all(1)
    ends = places[known]
    if len(ends) and (np.linalg.norm(ends[:, None] - minima, axis=-1).min(1) > NEAR / 10 * scale_of(surface)).any():
        ends = exact_flow(surface, torch.from_numpy(ends), np.array([LONG / flattest])).states[-1]
    with np.errstate(invalid="ignore"):
        distance = np.linalg.norm(ends[:, None] - minima, axis=-1)
    distance = np.where(np.isfinite(distance), distance, np.inf)
    labels[known] = np.where(distance.min(1) < NEAR * scale_of(surface), distance.argmin(1), -1)
    return labels

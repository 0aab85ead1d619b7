"""The runs of a config by `solve`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint, part
from demos.gradient_flow import Method, Trajectory, solve
from demos.landscapes import Landscape
from demos.langevin.samplers import OVERDAMPED, SAMPLERS, has_unknown_cost
from demos.langevin.setup import Setup
from demos.picture.colors import method_color

FRAMES = 120
COMPARED = 6  # number of frames at which a moving histogram is compared
PIECE = 2**15  # places whose wells are found at once: they fit in the cache
PILOT = 24  # steps of the short run that measures the cost of an implicit step, to within a tenth


@dataclass(frozen=True)
class MethodRun:
    """One method's path through one setup."""

    method: str
    path: Trajectory
    landscape: Landscape

    @property
    def row(self) -> Method:
        return SAMPLERS[self.method]

    @property
    def label(self) -> str:
        return self.row.label

    @property
    def color(self) -> int:
        """The method's index into the categorical colours: the same on every chart."""
        return method_color(self.method)

    @property
    def states(self) -> np.ndarray:
        """(F, N, 2) float32."""
        return self.path.states.numpy()

    @cached_property
    def labels(self) -> np.ndarray:
        """(F, N) int8: the well of each particle; see `Landscape.wells`."""
        labels, step = np.empty(self.path.states.shape[:2], np.int8), max(1, PIECE // self.path.states.shape[1])
        for first, states in zip(range(0, len(labels), step), self.path.states.split(step), strict=True):
            by_components = states.permute(2, 0, 1).reshape(2, -1).t()  # faster than states.reshape(-1, 2)
            labels[first : first + step] = self.landscape.wells(by_components).numpy().reshape(states.shape[:2])
        return labels

    @property
    def times(self) -> np.ndarray:
        """(F,)"""
        return self.path.times.numpy()

    @cached_property
    def compared_frames(self) -> np.ndarray:
        """The frames (≤ COMPARED,) at which a moving histogram is compared, the last one included."""
        return np.unique(np.linspace(0, len(self.times) - 1, COMPARED + 1).round().astype(int))[1:]

    @property
    def end(self) -> float:
        """The time of the last frame."""
        return float(self.path.times[-1])

    @property
    def lost(self) -> int:
        """How many particles diverged."""
        return self.path.status.diverged

    @property
    def is_overdamped(self) -> bool:
        return self.method in OVERDAMPED


def simulate(setup: Setup, progress: Progress | None = None) -> list[MethodRun]:
    """Runs of the config's method and of each that it is compared with: same seed, same start, same number of
    gradient evaluations (about the same, for a method with an unknown cost), same number of frames."""
    config, planned = setup.config, planned_steps(setup)
    frames = max(2, min(FRAMES, *(steps + 1 for steps in planned.values())))
    runs = []
    for i, (method, steps) in enumerate(planned.items()):
        path = solve(
            setup.flow,
            setup.start,
            step_times(steps, config.step),
            method,
            seed=config.seed,
            record=frames,
            progress=part(progress, i, len(planned)),
            **config.options_of(method),
        )
        runs.append(MethodRun(method, path, setup.landscape))
    return runs


def step_times(steps: int, h: float) -> Tensor:
    """The times (steps + 1,) of `steps` steps of length h."""
    return torch.arange(steps + 1, dtype=torch.float64) * h


def planned_steps(setup: Setup) -> dict[str, int]:
    """How many steps each method of a config takes, for the same number of gradient evaluations."""
    config = setup.config
    if not config.compare:
        return {config.method: config.steps}
    a_step = {method: evaluations_a_step(setup, method) for method in config.methods}
    budget = config.steps * a_step[config.method]
    return {method: max(1, round(budget / each)) for method, each in a_step.items()}


def evaluations_a_step(setup: Setup, method: str) -> float:
    """Gradient evaluations of one step; of an implicit method, whose Newton iterations depend on the problem, as
    measured in a short run."""
    config = setup.config
    if not has_unknown_cost(method):
        return config.evaluations(method)
    path = solve(
        setup.flow,
        setup.start,
        step_times(min(config.steps, PILOT), config.step),
        method,
        seed=config.seed,
        record=2,
        progress=lambda done: checkpoint(),
        **config.options_of(method),
    )
    return path.evaluations / path.steps if path.steps else config.evaluations(method)

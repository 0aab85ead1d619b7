"""Runs of all chosen methods; every step of every start is recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.common.progress import Progress
from demos.descent.optimizers import LABELS
from demos.descent.setup import Setup
from demos.gradient_flow import Run, Status, solve_together
from demos.picture.colors import method_color


@dataclass(frozen=True, eq=False)
class MethodRun:
    """The run of one method from all starts. states (K + 1, N, 2): nan after a start has diverged."""

    method: str
    rate: float
    times: np.ndarray  # (K + 1,)
    states: np.ndarray
    status: Status
    evaluations: int

    @property
    def label(self) -> str:
        return LABELS[self.method]

    @property
    def color(self) -> int:
        """The method's index in the categorical colour map, the same in every chart."""
        return method_color(self.method)

    @property
    def steps(self) -> int:
        return len(self.states) - 1


def simulate(setup: Setup, progress: Progress | None = None) -> list[MethodRun]:
    """A run of each method, all from the same starts."""
    config = setup.config
    asked = [
        Run(method, config.rate(method), setup.steps[method], config.options_of(method)) for method in config.methods
    ]
    paths = solve_together(setup.flow, setup.starts, asked, rtol=1e-12, progress=progress)
    runs = []
    for run, path in zip(asked, paths, strict=True):
        states, times = path.states.numpy(), path.times.numpy()
        if (missing := run.steps + 1 - len(states)) > 0:  # all starts have diverged
            states = np.concatenate([states, np.full((missing, *states.shape[1:]), np.nan)])
            times = np.concatenate([times, times[-1] + run.rate * np.arange(1, missing + 1)])
        runs.append(MethodRun(str(run.method), run.rate, times, states, path.status, path.evaluations))
    return runs

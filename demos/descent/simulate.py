"""Runs of all chosen methods; every step of every start is recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from demos.common.progress import Progress, part
from demos.descent.optimizers import LABELS
from demos.descent.setup import Setup
from demos.gradient_flow import Status, solve
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
    config, runs = setup.config, []
    for i, method in enumerate(config.methods):
        count, rate = setup.steps[method], config.rate(method)
        path = solve(
            setup.flow,
            setup.starts,
            torch.arange(count + 1, dtype=torch.float64) * rate,
            method,
            record=count + 1,
            rtol=1e-12,
            progress=part(progress, i, len(config.methods)),
            **config.options_of(method),
        )
        states = path.states.numpy()
        times = path.times.numpy()
        if len(states) < count + 1:  # all starts have diverged
            missing = count + 1 - len(states)
            states = np.concatenate([states, np.full((missing, *states.shape[1:]), np.nan)])
            times = np.concatenate([times, times[-1] + rate * np.arange(1, missing + 1)])
        runs.append(MethodRun(method, rate, times, states, path.status, path.evaluations))
    return runs

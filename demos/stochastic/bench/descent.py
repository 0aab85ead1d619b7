"""Stochastic gradient descent by `solve`: a flow whose gradient uses another batch at every step.

The time of a step is the sum of the learning rates before it, so that explicit Euler's step is SGD's, and the path
can be compared with the gradient flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import GradientFlow, Method, Trajectory, solve

BatchGradient = Callable[[Tensor, int], Tensor]
"""(x (n, d), step) -> like x: the gradient on the batch of this step, for every chain its own"""


@dataclass(frozen=True)
class Descent:
    """A recorded run. steps (F,): the numbers of the recorded steps; states (F, n, d), or the values of `observe`."""

    path: Trajectory
    steps: np.ndarray
    states: np.ndarray

    @property
    def times(self) -> np.ndarray:
        return self.path.times.numpy()


def descend(
    gradient: BatchGradient,
    start: Tensor,
    rates: Sequence[float] | np.ndarray,
    *,
    energy: Callable[[Tensor], Tensor] | None = None,
    method: str | Method = "euler",
    record: int | Sequence[int] | np.ndarray = 100,
    progress: Progress | None = None,
    seed: int = 0,
    temperature: float = 0.0,
    observe: Callable[[Tensor, float], Tensor] | None = None,
    **options: Any,
) -> Descent:
    """Make one step for each learning rate, from `start` (n, d).

    record: number of frames, evenly spaced over the steps; or the numbers of the recorded steps, ascending.
    energy(x) -> (n,): the full loss, if it is needed. method: "euler" is SGD, "heavy_ball" SGD with momentum.
    observe(x, t) -> (n, m): recorded in each frame instead of the states. temperature: of noise that is added to that
    of the batches, drawn from `seed`. Raises ValueError as `solve` does.
    """
    times = np.concatenate(([0.0], np.cumsum(np.asarray(rates, dtype=float))))
    step_at = dict(zip(times.tolist(), range(len(times)), strict=True))
    flow = GradientFlow(
        energy=None if energy is None else lambda x, t=0.0: energy(x),
        gradient=lambda x, t: gradient(x, step_at[t]),
        temperature=temperature,
    )
    report = progress if progress is None else lambda done: progress(done)
    frames = record if isinstance(record, int) else times[np.asarray(record)].tolist()
    path = solve(
        flow,
        start,
        torch.from_numpy(times),
        method,
        seed=seed,
        record=frames,
        progress=report,
        observe=observe,
        **options,
    )
    steps = np.array([step_at[t] for t in path.times.tolist()])
    kept = path.states if path.observed is None else path.observed
    return Descent(path, steps, kept.numpy())

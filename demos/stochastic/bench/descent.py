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
    """A recorded run. steps (F,): the numbers of the recorded steps; times (F,): theirs; states (F, n, d), or the
    values of `observe`; path: all that the solver gave.

    What stands beside a step is the frame that the solver says was recorded at its time: were its clock wrong, the
    picture would be, and the rows notice.
    """

    steps: np.ndarray
    times: np.ndarray
    states: np.ndarray
    path: Trajectory

    @property
    def energies(self) -> np.ndarray:
        """(F, n): the full loss. Raises ValueError where the run was not given it."""
        if self.path.energies is None:
            raise ValueError("This run was not given the full loss.")
        return _at(self.path.energies.numpy(), self.path, self.times)


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
    steps = np.asarray(_even(record, len(times) - 1) if isinstance(record, int) else record)
    path = solve(
        flow,
        start,
        torch.from_numpy(times),
        method,
        seed=seed,
        record=times[steps].tolist(),
        progress=report,
        observe=observe,
        **options,
    )
    steps = steps[: len(path.times)]  # a run that was stopped has fewer
    kept = path.states if path.observed is None else path.observed
    return Descent(steps, times[steps], _at(kept.numpy(), path, times[steps]), path)


def _even(frames: int, last: int) -> np.ndarray:
    """The numbers of so many steps, evenly spaced from 0 to `last`."""
    return np.unique(np.rint(np.linspace(0, last, min(frames, last + 1))).astype(int))


def _at(values: np.ndarray, path: Trajectory, times: np.ndarray) -> np.ndarray:
    """For each time the frame of `values` (F, …) that was recorded nearest to it."""
    recorded = path.times.numpy()
    if np.array_equal(recorded, times):
        return values  # as they are, without a copy
    return values[np.searchsorted((recorded[1:] + recorded[:-1]) / 2, times)]

"""`solve_together`: paths of several methods from the same starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import counted
from demos.common.progress import Cancelled, part
from demos.gradient_flow.arguments import check_memory, checked_options, checked_start, positive, resolve, whole
from demos.gradient_flow.flow import GradientFlow
from demos.gradient_flow.loop import solve
from demos.gradient_flow.method import Method
from demos.gradient_flow.recurrence import take_steps
from demos.gradient_flow.shapes import checked_like
from demos.gradient_flow.steppers import LARGEST
from demos.gradient_flow.trajectory import Status, Trajectory

Progress = Callable[[float], "bool | None"]


@dataclass(frozen=True)
class Run:
    """A method, the size of its steps, their number, and its options."""

    method: str | Method
    rate: float
    steps: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def times(self) -> Tensor:
        return torch.arange(self.steps + 1, dtype=torch.float64) * self.rate


def solve_together(
    flow: GradientFlow, start: Tensor, runs: Sequence[Run], *, rtol: float = 1e-6, progress: Progress | None = None
) -> list[Trajectory]:
    """The path of each run from start (N, d), with a frame after every step: what `solve` gives, to rounding.

    The methods whose row has a recurrence ask for their gradients together, in one call a step. The others go through
    `solve`, and those from which a replica diverges; so do all if the flow's parameters are one for each replica.
    rtol: of the inner solver of implicit methods.
    Raises ValueError as `solve` does, and `Cancelled` if progress returns False.
    """
    if not isinstance(flow, GradientFlow):
        raise ValueError(f"flow = {flow!r} must be a GradientFlow.")
    with torch.no_grad():
        x = checked_start(start, flow)
        shared = [i for i, run in enumerate(runs) if _is_shared(flow, x, run)]
        found = dict(zip(shared, stacked(flow, x, [runs[i] for i in shared], progress), strict=True)) if shared else {}
    apart = [i for i in range(len(runs)) if found.get(i) is None]
    for place, i in enumerate(apart):
        run = runs[i]
        found[i] = path = solve(
            flow, start, run.times, run.method, record=run.steps + 1, rtol=rtol,
            progress=part(progress, place, len(apart)), **run.options,
        )  # fmt: skip
        if path.status.kind == "cancelled":
            raise Cancelled
    return [found[i] for i in range(len(runs))]  # type: ignore[misc]  # all are filled in


def _is_shared(flow: GradientFlow, x: Tensor, run: Run) -> bool:
    """Whether the run is a recurrence whose gradients depend on the points alone."""
    row = resolve(run.method, flow)
    plain = flow.mobility is None and flow.project is None and not (flow.is_stochastic or flow.time_dependent)
    return row.recurrence is not None and plain and x.ndim == 2 and x.device.type == "cpu" and x.dtype == torch.float64


def stacked(
    flow: GradientFlow, x: Tensor, runs: Sequence[Run], progress: Progress | None = None
) -> list[Trajectory | None]:
    """The paths of runs that are recurrences, from x (N, d) float64; None where a replica diverged, and for all runs
    if the gradient does not take other points than x."""
    rules = []
    for run in runs:
        row = resolve(run.method, flow)
        assert row.recurrence is not None  # for the type checker
        count = whole("steps", run.steps, 1, 10**9)
        check_memory(count + 1, x)
        rules.append((row.recurrence(checked_options(row, run.options)), positive("rate", run.rate), count))
    checked_like("gradient(x, t)", flow.gradient(x, 0.0), x)
    try:
        paths = take_steps(lambda points: flow.gradient(points, 0.0), x.numpy(), rules, progress)
    except (RuntimeError, IndexError, ValueError):  # e.g. a stiffness (N,) beside the points of several runs
        return [None] * len(runs)
    return [_trajectory(flow, run, path) for run, path in zip(runs, paths, strict=True)]


def _trajectory(flow: GradientFlow, run: Run, path: np.ndarray) -> Trajectory | None:
    end = torch.from_numpy(path[-1])
    if not np.abs(path[-1]).max() < LARGEST:
        return None
    if flow.energy is not None and not torch.isfinite(flow.energy(end, 0.0)).all():
        return None
    status = Status("finished", f"finished after {counted(run.steps, 'step')}", run.steps)
    return Trajectory(run.times, torch.from_numpy(path), status, run.steps, run.steps, _energy=flow.energy)

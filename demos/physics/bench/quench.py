"""Minimization of many replicas at once: L-BFGS with a limited step length, finished by Newton's method."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import Trajectory, solve
from demos.physics.bench.system import System

TOLERANCE = 1e-9  # largest force at which a minimum counts as reached


def quench(
    system: System,
    start: Tensor,
    method: str = "lbfgs",
    *,
    steps: int = 20_000,
    tolerance: float = TOLERANCE,
    step: float | None = None,
    record: int = 2,
    progress: Progress | None = None,
    **options: Any,
) -> Trajectory:
    """Minimize from start (B, *shape) until no force is larger than `tolerance`; `path.states[-1]` are the minima.

    step: the longest move of L-BFGS or the first time step of FIRE; None takes the system's default.
    """
    if step is None:
        step = system.longest if method == "lbfgs" else 0.1 * system.longest
    if method == "lbfgs":
        options = {"newton": system.newton} | options
    times = torch.arange(steps + 1, dtype=torch.float64) * step
    return solve(system.flow(), start, times, method, tolerance=tolerance, record=record, progress=progress, **options)

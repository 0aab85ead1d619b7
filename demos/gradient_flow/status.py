"""The status of a run: whether it converged or diverged, when, why, and by how much the step was too large."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import counted
from demos.gradient_flow.derivatives import largest_curvature
from demos.gradient_flow.method import Method
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recorder import Recorder
from demos.gradient_flow.shapes import checked_like
from demos.gradient_flow.steppers import Stepper, diverged_mask
from demos.gradient_flow.trajectory import Status

MOST_PROBED = 64  # the most diverged replicas whose curvature is computed


def status_of(
    ended: str, stepper: Stepper, problem: Problem, method: Method, grid: Sequence[float], recorder: Recorder
) -> Status:
    """The status of a run. ended: "cancelled", "converged", "diverged" or "finished", as returned by the loop."""
    steps, diverged = stepper.steps, diverged_mask(stepper.x)
    if ended == "cancelled":
        return Status("cancelled", f"cancelled at step {steps:,}", steps, int(diverged.sum()))
    if diverged.any() or stepper.stalled:
        first = steps if stepper.first_diverged_step is None else stepper.first_diverged_step
        message, limit = _divergence(diverged, first, stepper, problem, method, grid, recorder)
        broken = diverged | _undefined_mask(stepper, problem) if stepper.stalled else diverged
        return Status("diverged", message, first, int(broken.sum()), limit)
    undefined = _undefined_mask(stepper, problem)
    if undefined.any():
        count, replicas = int(undefined.sum()), len(undefined)
        whose = f" of {count:,} of {replicas:,}" if replicas > 1 else ""
        message = f"diverged at step {steps:,} (the energy or its gradient{whose} is not finite)"
        return Status("diverged", message, steps, count)
    if ended == "converged":
        message = f"converged at step {steps:,} (largest gradient {largest_gradient(problem, stepper):.1e})"
        return Status("converged", message, steps)
    return Status("finished", f"finished after {counted(steps, 'step')}", steps)


def largest_gradient(problem: Problem, stepper: Stepper) -> float:
    """The largest modulus of a component of the gradient, over all replicas; nan if one is nan."""
    gradient = stepper.gradient
    if gradient is None:
        gradient = problem.gradient(stepper.x, stepper.t)
    return float(gradient.abs().max())


def _undefined_mask(stepper: Stepper, problem: Problem) -> Tensor:
    """(N,) whether a replica is at a point where the energy, or a known gradient, is not finite.

    A method may not move from such a point, because it accepts no move or has no force. The energy −log p of a
    diffusion is not tested: at noise level 0 it may be infinite for an exact result.
    """
    x, gradient = stepper.x, stepper.gradient
    undefined = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    if gradient is None and stepper.stalled:  # an adaptive method does not say which replica it stands still for
        gradient = problem.gradient(x, stepper.t)
    if gradient is not None:
        undefined |= ~torch.isfinite(gradient).flatten(1).all(1)
    if problem.flow.energy is not None and problem.flow.noise_level is None:
        undefined |= ~torch.isfinite(problem.energy(x, stepper.t))
    return undefined


def _divergence(
    diverged: Tensor,
    first: int,
    stepper: Stepper,
    problem: Problem,
    method: Method,
    grid: Sequence[float],
    recorder: Recorder,
) -> tuple[str, float | None]:
    """The message: when, how many replicas, by how much the step was too large; and the step limit, if it is known."""
    message, known = f"diverged at step {first:,}", None
    count, replicas = int(diverged.sum()), len(diverged)
    facts = [f"{count:,} of {replicas:,} left every bound"] if replicas > 1 and count else []
    if problem.flow.energy is not None and count:
        worst = float(problem.energy(stepper.x, stepper.t)[diverged].abs().max())
        facts.append(f"energy {worst:.0e}" if math.isfinite(worst) else "energy not finite")
    if stepper.stalled:
        facts.append(stepper.stalled)
    elif method.limit is not None:
        limit, where = _limit(diverged, problem, method, recorder)
        if math.isfinite(limit):
            h, known = longest_step(grid), limit
            ratio = f"{h / limit:,.0f}×" if h >= 100 * limit else f"{h / limit:.2g}×"
            falls = "" if h >= limit else "; farther out, where they ran away, it is smaller"
            facts.append(
                f"step {h:.3g} is {ratio} the stability limit {method.limit_formula} = {limit:.3g} {where}{falls}"
            )
    return f"{message} ({'; '.join(facts)})" if facts else message, known


def longest_step(grid: Sequence[float]) -> float:
    if isinstance(grid, list):
        return float(np.abs(np.diff(grid)).max())
    return abs(grid[1] - grid[0])  # a range has equal steps


def _limit(diverged: Tensor, problem: Problem, method: Method, recorder: Recorder) -> tuple[float, str]:
    """The stability limit at the points of the first diverged replicas, in the last frame before they ran away; and a
    description of these points.

    A replica counts as running away, long before its numbers overflow, when a coordinate is ten times larger than any
    was at the start.
    """
    rows, states, times = torch.nonzero(diverged).flatten(), recorder.states, recorder.state_times or recorder.times
    frames = states[:, rows].flatten(2).abs().amax(2)
    far = ~(frames < 10 * (1 + float(recorder.start.abs().max())))
    last = int(torch.nonzero(far.any(1)).flatten()[0]) - 1 if far.any() else len(frames) - 2
    chosen = rows[far[last + 1]][:MOST_PROBED] if last + 1 < len(far) and far[last + 1].any() else rows[:MOST_PROBED]
    there, t = (states[last], times[last]) if last >= 0 else (recorder.start, times[0])

    def preconditioned(x: Tensor, t: float) -> Tensor:
        return problem.apply_mobility(checked_like("gradient(x, t)", problem.flow.gradient(x, t), x), t)

    try:
        curvature = largest_curvature(preconditioned, there[chosen], t)
    except (RuntimeError, ValueError, IndexError):  # a flow that does not work for a subset of its replicas
        return math.inf, ""
    limit = method.step_limit(curvature, problem.flow, **problem.options)
    return limit, "at the start" if last <= 0 else "where the first to run away stood just before"

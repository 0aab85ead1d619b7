"""The one loop: every demo's picture comes out of `solve`."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from demos.gradient_flow.arguments import (
    check_mass,
    check_memory,
    check_mobility,
    checked_momenta,
    checked_options,
    checked_start,
    checked_times,
    frames,
    function,
    positive,
    resolve,
    whole,
)
from demos.gradient_flow.derivatives import largest_curvature
from demos.gradient_flow.flow import GradientFlow
from demos.gradient_flow.method import Method
from demos.gradient_flow.noise import NOISES, Noise, component_major
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recorder import Recorder
from demos.gradient_flow.shapes import checked_like
from demos.gradient_flow.steppers import AdaptiveSteps, FixedSteps, Stopped, gone
from demos.gradient_flow.trajectory import Status, Trajectory

REPORT_EVERY = 0.03  # seconds: a visitor who left is noticed well within 100 ms


def solve(
    flow: GradientFlow,
    start: Tensor,
    times: Any,
    method: str = "euler",
    *,
    seed: int = 0,
    record: int | str = 120,
    progress: Callable[[float], bool | None] | None = None,
    observe: Callable[[Tensor, float], Any] | None = None,
    momenta: Tensor | None = None,
    noise: str = "gaussian",
    rtol: float = 1e-6,
    atol: float = 1e-6,
    tolerance: float | None = None,
    **options: float,
) -> Trajectory:
    """Follow `flow` from `start` through `times` and record the path.

    start: (N, d), or (N, ...) for fields: N replicas that do not interact; its dtype and device are the run's.
    times: 1-D, strictly rising or falling. A fixed-step method takes exactly these steps; an adaptive one chooses
        its own and lands on the ends and on the recorded times. On a falling grid the noise has size √|dt|.
    method: a name in `METHODS`, or a splitting word over V, R, O such as "VRORV".
    seed: of all randomness in this call. The same seed gives the same bytes; methods share their normals.
    record: how many frames, evenly spaced over the steps, both ends included; "steps": one after every step that the
        method takes (an adaptive one needs `observe` then).
    progress: called about every 30 ms with the finished fraction; returning False stops the run.
    observe: (x, t) -> tensor or number, kept at each frame instead of the state; `states` is then start and end.
    momenta: of the underdamped methods at the start; None: drawn from their thermal law.
    noise: "gaussian", or "table" (2–3 times faster on a CPU, see `noise.Noise`).
    rtol, atol: of the adaptive methods and of the inner solver of the implicit ones.
    tolerance: stop as converged when every component of the gradient is at most this (T = 0 only).
    options: those of the method's row, such as `leapfrog_steps` or `momentum`.

    Divergence and non-finite numbers are results: the path keeps them and `status` says when, how many and why.
    Raises ValueError naming the argument, its value and what is allowed.
    """
    row = resolve(method, flow)
    x = checked_start(start, flow)
    grid = checked_times(times, row, x.dtype)
    check_mass(flow, grid, x.dtype)
    record, seed = frames(record, row, grid, observe), whole("seed", seed, 0, 2**53)
    chosen = checked_options(row, options)
    if noise not in NOISES or (noise == "table" and x.device.type != "cpu"):
        raise ValueError(f"noise = {noise!r} must be one of {', '.join(NOISES)} (table on a CPU only).")
    tolerances = positive("rtol", rtol), positive("atol", atol)
    progress, observe = function("progress", progress, "fraction"), function("observe", observe, "x", "t")
    if tolerance is not None and flow.is_stochastic:
        raise ValueError(f"tolerance = {tolerance} needs a temperature of 0: with noise no gradient stays small.")
    tolerance = None if tolerance is None else positive("tolerance", tolerance)

    if observe is None:
        check_memory(record, row, grid, x)

    with torch.no_grad():
        check_mobility(flow, x, grid[0])
        source = Noise(x, seed, noise) if flow.is_stochastic else None
        problem = Problem(flow, source, chosen, tolerances)
        problem.tolerance = tolerance or 0.0
        problem.start_momenta = checked_momenta(momenta, row, x)
        x = component_major(x)
        recorder = Recorder(grid, record, row.adaptive is None, observe)
        if row.adaptive is None:
            stepper = FixedSteps(row, problem, x, grid, recorder)
        else:
            stepper = AdaptiveSteps(row.adaptive(problem, x, grid[0], grid[-1]), grid[-1], recorder)
        recorder.take(grid[0], stepper.x, stepper.momenta)
        watch, plain = _Watch(progress, stepper, grid), problem.gradient
        if row.evaluations is None or isinstance(row.evaluations, str):  # a step may take long
            problem.gradient = watch.over(problem.gradient)
        ended = _run(stepper, problem, watch, tolerance)
        problem.gradient = plain
        recorder.finish(stepper.t, stepper.x, stepper.momenta)
        status = _status(ended, stepper, problem, row, grid, recorder)
    return Trajectory(
        times=torch.tensor(recorder.times, dtype=torch.float64),
        states=recorder.states,
        momenta=recorder.momenta,
        observed=recorder.observed,
        status=status,
        evaluations=problem.evaluations,
        steps=stepper.steps,
        acceptance=problem.acceptance,
        rejected=stepper.rejected,
        step_sizes=None if stepper.step_sizes is None else torch.tensor(stepper.step_sizes, dtype=torch.float64),
        _energy=flow.energy,
    )


class _Watch:
    """Calls `progress` about every 30 ms, between steps and inside long ones, and passes on the wish to stop."""

    def __init__(self, progress: Callable | None, stepper: Any, grid: list[float]):
        self._progress, self._stepper, self._grid = progress, stepper, grid
        self.deadline = perf_counter() + REPORT_EVERY

    def stops(self) -> bool:
        """Whether the caller wants no more."""
        if perf_counter() < self.deadline:
            return False
        done = (self._stepper.t - self._grid[0]) / (self._grid[-1] - self._grid[0])
        stop = self._progress is not None and self._progress(done) is False
        self.deadline = perf_counter() + REPORT_EVERY
        return stop

    def over(self, function: Callable) -> Callable:
        """The function, with a look at the clock before it."""

        def watched(x: Tensor, t: float) -> Tensor:
            if self.stops():
                raise Stopped
            return function(x, t)

        return watched

    def finish(self) -> None:
        if self._progress is not None:
            self._progress(1.0)


def _run(stepper: Any, problem: Problem, watch: _Watch, tolerance: float | None) -> str:
    """Advance to the end; "finished", or what stopped it. Only places that do not depend on the clock are looked at."""
    try:
        while not stepper.done:
            stepper.advance(watch.deadline)
            if stepper.settled and stepper.lost_at is not None and gone(stepper.x).all():
                return "lost"
            if tolerance is not None and stepper.settled and _steepest(problem, stepper) <= tolerance:
                return "converged"
            if watch.stops():
                return "cancelled"
    except Stopped:
        return "cancelled"
    watch.finish()
    return "finished"


def _steepest(problem: Problem, stepper: Any) -> float:
    slope = problem.gradient(stepper.x, stepper.t) if stepper.slope is None else stepper.slope
    return float(slope.abs().max())


def _status(ended: str, stepper: Any, problem: Problem, row: Method, grid: list[float], recorder: Recorder) -> Status:
    lost, steps = int(gone(stepper.x).sum()), stepper.steps
    if ended == "cancelled":
        return Status("cancelled", f"cancelled at step {steps:,}", steps, lost)
    if lost or getattr(stepper, "stalled", None):
        return Status("diverged", _story(lost, stepper, problem, row, grid, recorder), stepper.lost_at, lost)
    if ended == "converged":
        steepest = _steepest(problem, stepper)
        return Status("converged", f"converged at step {steps:,} (largest gradient {steepest:.1e})", steps)
    return Status("finished", f"finished after {steps:,} steps", steps)


def _story(lost: int, stepper: Any, problem: Problem, row: Method, grid: list[float], recorder: Recorder) -> str:
    """What happened, how many it took, and by how much the step was too large."""
    words = f"diverged at step {stepper.lost_at:,}"
    replicas = len(stepper.x)
    facts = [f"{lost:,} of {replicas:,} left every bound"] if replicas > 1 and lost else []
    if problem.flow.energy is not None and lost:
        energies = problem.energy(stepper.x, stepper.t)[gone(stepper.x)]
        worst = float(energies.abs().max())
        facts.append(f"energy {worst:.0e}" if math.isfinite(worst) else "energy not finite")
    if getattr(stepper, "stalled", None):
        facts.append(stepper.stalled)
    elif row.limit is not None:
        h = max(abs(b - a) for a, b in pairwise(grid))
        limit, where = _limit(stepper.x, problem, row, recorder)
        if math.isfinite(limit):
            times = f"{h / limit:.2g}×"
            facts.append(f"step {h:.3g} is {times} the stability limit {row.limit_words} = {limit:.3g} {where}")
    return f"{words} ({'; '.join(facts)})" if facts else words


def _limit(end: Tensor, problem: Problem, row: Method, recorder: Recorder) -> tuple[float, str]:
    """The stability limit where the first of the lost replicas were in the last frame before they ran away.

    Running away begins long before a number overflows: a replica is out of order once it is ten times farther out
    than anything was at the start.
    """
    rows = torch.nonzero(gone(end)).flatten()
    frames = recorder.states[:, rows].flatten(2).abs().amax(2)
    far = ~(frames < 10 * (1 + float(recorder.states[0].abs().max())))
    last = int(torch.nonzero(far.any(1)).flatten()[0]) - 1 if far.any() else len(frames) - 2
    chosen = rows[far[last + 1]][:64] if last + 1 < len(far) and far[last + 1].any() else rows[:64]
    there = recorder.states[max(last, 0)][chosen]
    slope = lambda x, t: problem.drift(checked_like("gradient(x, t)", problem.flow.gradient(x, t), x), t)
    try:
        curvature = largest_curvature(slope, there, recorder.times[min(max(last, 0), len(recorder.times) - 1)])
    except (RuntimeError, ValueError, IndexError):  # a flow that cannot be asked about a few of its replicas
        return math.inf, ""
    limit = row.step_limit(curvature, problem.flow, **problem.options)
    return limit, "at the start" if last <= 0 else "where the first were last in order"

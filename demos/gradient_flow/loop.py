"""The one loop: every demo's picture comes out of `solve`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from demos.gradient_flow.arguments import (
    check_mass,
    check_memory,
    check_mobility,
    check_noise,
    checked_momenta,
    checked_options,
    checked_record,
    checked_start,
    checked_times,
    function,
    positive,
    resolve,
    whole,
)
from demos.gradient_flow.flow import GradientFlow
from demos.gradient_flow.method import Method
from demos.gradient_flow.noise import Noise, NoiseSource, component_major
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recorder import Recorder, planned_frames
from demos.gradient_flow.restarts import Restarter, RestartingSteps, check_restart
from demos.gradient_flow.status import status_of, steepest
from demos.gradient_flow.steppers import AdaptiveSteps, FixedSteps, Stepper, StopRequested, diverged_mask
from demos.gradient_flow.trajectory import Trajectory

REPORT_EVERY = 0.03  # seconds: a visitor who left is noticed well within 100 ms


def solve(
    flow: GradientFlow,
    start: Tensor,
    times: Any,
    method: str | Method = "euler",
    *,
    seed: int = 0,
    record: int | str | Sequence[float] | Tensor = 120,
    progress: Callable[[float], bool | None] | None = None,
    observe: Callable[[Tensor, float], Any] | None = None,
    momenta: Tensor | None = None,
    noise: NoiseSource | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-6,
    tolerance: float | None = None,
    restart: Restarter | None = None,
    **options: float,
) -> Trajectory:
    """Follow `flow` from `start` through `times` and record the path.

    start: (N, d), or (N, ...) for fields: N replicas that do not interact; its dtype and device are the run's.
    times: 1-D, strictly rising or falling. A fixed-step method takes exactly these steps; an adaptive one chooses
        its own and lands on the ends and on the recorded times. On a falling grid the noise has size √|dt|; methods
        that have no meaning there refuse it. A `range` of any length takes no memory.
    method: a `Method`, a name in `METHODS`, or a splitting word over V, R, O such as "VRORV".
    seed: of all randomness in this call. The same seed gives the same bytes; methods share their normals.
    record: how many frames, evenly spaced over the steps, both ends included; "steps": one after every step that the
        method takes (an adaptive one needs `observe` then); or the times of the frames, in the order of `times` and
        within them: just these are recorded, also where they leave out the start or the end. With a fixed step they
        must be among `times`. A run that ends early has its end as its last frame.
    progress: called about every 30 ms with the finished fraction; returning False stops the run.
    observe: (x, t) -> tensor or number, kept at each frame instead of the state; `states` is then start and end.
    momenta: of the underdamped methods at the start; None: drawn from their thermal law.
    noise: a `NoiseSource` to draw from instead of the seed's own.
    rtol, atol: of the adaptive methods and of the inner solver of the implicit ones.
    tolerance: stop as converged when every component of the gradient is at most this (T = 0 only).
    restart: see `Restart`; lets single replicas begin again, or leave, after any step of L-BFGS or FIRE.
    options: those of the method's row, such as `leapfrog_steps` or `momentum`.

    Divergence and non-finite numbers are results: the path keeps them and `status` says when, how many and why. A
    replica that ends where its energy is not finite has diverged, too, also where the method let it stand there.
    Any number of threads may call `solve` at once, and it may be called inside `torch.inference_mode`.
    Raises ValueError naming the argument, its value and what is allowed.
    """
    # inference mode would hide every gradient; to leave it where it is not on would slow each operation down
    leave = torch.inference_mode(False) if torch.is_inference_mode_enabled() else nullcontext()
    with leave, torch.no_grad():
        method = resolve(method, flow)
        x = checked_start(start, flow)
        grid = checked_times(times, method, flow, x.dtype)
        check_mass(flow, grid, x.dtype)
        chosen, seed = checked_options(method, options), whole("seed", seed, 0, 2**53)
        tolerances = positive("rtol", rtol), positive("atol", atol)
        progress, observe = function("progress", progress, "fraction"), function("observe", observe, "x", "t")
        restart = function("restart", restart, "x", "gradient")
        check_noise(noise)
        if tolerance is not None and flow.is_stochastic:
            raise ValueError(f"tolerance = {tolerance} needs a temperature of 0: with noise no gradient stays small.")
        tolerance = None if tolerance is None else positive("tolerance", tolerance)
        check_restart(restart, method, flow.is_stochastic, flow.project)
        plan = planned_frames(checked_record(record, method, grid, observe), grid, method.adaptive is not None)
        if observe is None:
            check_memory(len(plan.due), x)
        check_mobility(flow, x, grid[0])

        source = noise or (Noise(x, seed) if flow.is_stochastic else None)
        problem = Problem(flow, source, chosen, tolerances, copies=method.holds_values)
        problem.tolerance = tolerance or 0.0
        problem.start_momenta = checked_momenta(momenta, method, x)
        x, recorder = component_major(x), Recorder(plan, observe)
        stepper: Stepper
        if method.adaptive is not None:
            stepper = AdaptiveSteps(method.adaptive(problem, x, grid[0], grid[-1]), grid[-1], recorder)
        elif restart is not None:
            stepper = RestartingSteps(method, problem, x, grid, recorder, restart)
        else:
            stepper = FixedSteps(method, problem, x, grid, recorder)
        recorder.begin(grid[0], stepper.x, stepper.momenta)
        reporter = _Reporter(progress, stepper, grid)
        if method.evaluations is None or isinstance(method.evaluations, str):  # a step may take long
            problem.before_gradient = reporter.stop_if_requested
        ended = _run(stepper, problem, reporter, tolerance)
        problem.before_gradient = None
        recorder.finish(stepper.t, stepper.x, stepper.momenta)
        status = status_of(ended, stepper, problem, method, grid, recorder)
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
        _state_times=recorder.state_times,
    )


class _Reporter:
    """Calls `progress` about every 30 ms, between steps and inside long ones, and passes on the wish to stop."""

    def __init__(self, progress: Callable | None, stepper: Stepper, grid: Sequence[float]):
        self._progress, self._stepper, self._grid = progress, stepper, grid
        self.deadline = perf_counter() + REPORT_EVERY

    def stops(self) -> bool:
        """Report if it is time; whether the caller wants no more."""
        if perf_counter() < self.deadline:
            return False
        done = (self._stepper.t - self._grid[0]) / (self._grid[-1] - self._grid[0])
        stop = self._progress is not None and self._progress(done) is False
        self.deadline = perf_counter() + REPORT_EVERY
        return stop

    def stop_if_requested(self) -> None:
        if self.stops():
            raise StopRequested

    def finish(self) -> None:
        if self._progress is not None:
            self._progress(1.0)


def _run(stepper: Stepper, problem: Problem, reporter: _Reporter, tolerance: float | None) -> str:
    """Advance to the end; "finished", or what ended it. It is judged at places that do not depend on the clock."""
    try:
        while not stepper.done:
            stepper.advance(reporter.deadline)
            if stepper.at_checkpoint and stepper.first_diverged_step is not None and diverged_mask(stepper.x).all():
                return "diverged"
            if tolerance is not None and stepper.at_checkpoint and steepest(problem, stepper) <= tolerance:
                return "converged"
            if reporter.stops():
                return "cancelled"
    except StopRequested:
        return "cancelled"
    reporter.finish()
    return "finished"

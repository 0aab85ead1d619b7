"""`solve`: the loop that advances every method and records the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from time import perf_counter
from typing import Any

import numpy as np
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
from demos.gradient_flow.noise import CheckedNoise, Noise, NoiseSource, component_major
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recorder import Recorder, planned_frames
from demos.gradient_flow.restarts import Restarter, RestartingSteps, check_restart
from demos.gradient_flow.status import largest_gradient, status_of
from demos.gradient_flow.steppers import AdaptiveSteps, FixedSteps, Stepper, StopRequested, diverged_mask
from demos.gradient_flow.trajectory import Trajectory

REPORT_EVERY = 0.03  # seconds between two calls of `progress`, so that a run is cancelled well within 100 ms


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
        that are not defined there raise ValueError. A `range` of any length takes no memory.
    method: a `Method`, a name in `METHODS`, or a splitting word over V, R, O such as "VRORV".
    seed: of all random numbers of this call. The same seed gives the same bytes, and the same normals to all methods.
    record: the number of frames, evenly spaced over the steps, both ends included; or "steps": one frame after every
        step (an adaptive method then needs `observe`); or the times of the frames, within `times` and in the same
        order: exactly these are recorded, even if the start or the end is not among them. For a fixed-step method they
        must be among `times`. If a run ends early, its last frame is the state at that time.
    progress: called about every 30 ms with the finished fraction; returning False stops the run.
    observe: (x, t) -> tensor or number, recorded at each frame instead of the state; `states` is then start and end.
    momenta: initial momenta of underdamped methods; None: drawn from the Maxwell–Boltzmann distribution.
    noise: a `NoiseSource` to use instead of the one made from `seed`.
    rtol, atol: error tolerances of the adaptive methods and of the inner solver of the implicit ones.
    tolerance: stop as converged when every component of the gradient is at most this (T = 0 only).
    restart: a `Restarter`, which lets single replicas restart or leave after any step of L-BFGS or FIRE.
    options: the options in the method's row, such as `leapfrog_steps` or `momentum`.

    Divergence raises no error: the path contains the non-finite numbers, and `status` says when, how many replicas and
    why. A replica also counts as diverged if its final energy is not finite, even if the method did not move it.
    `solve` may be called by several threads at once, and inside `torch.inference_mode`.
    Raises ValueError naming the argument, its value and what is allowed.
    """
    # autograd does not work in inference mode; leaving the mode if it is not on would slow down each operation
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

        source = CheckedNoise(noise, x) if noise is not None else Noise(x, seed) if flow.is_stochastic else None
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
        times=_on_cpu(recorder.times),
        states=recorder.states,
        momenta=recorder.momenta,
        observed=recorder.observed,
        status=status,
        evaluations=problem.evaluations,
        steps=stepper.steps,
        acceptance=problem.acceptance,
        rejected=stepper.rejected,
        step_sizes=_on_cpu(stepper.step_sizes),
        _energy=flow.energy,
        _state_times=recorder.state_times,
    )


def _on_cpu(numbers: list[float] | None) -> Any:
    """The numbers as a float64 tensor on the CPU, whatever torch's default device; None for None."""
    return None if numbers is None else torch.tensor(numbers, dtype=torch.float64, device="cpu")


class _Reporter:
    """Calls `progress` about every 30 ms, between steps and inside long ones, and reports whether it asked to stop."""

    def __init__(self, progress: Callable | None, stepper: Stepper, grid: Sequence[float]):
        self._progress, self._stepper, self._grid = progress, stepper, grid
        self.deadline = perf_counter() + REPORT_EVERY

    def stops(self) -> bool:
        """Report the progress if it is time; True if the caller asks to stop."""
        if perf_counter() < self.deadline:
            return False
        done = (self._stepper.t - self._grid[0]) / (self._grid[-1] - self._grid[0])
        answer = None if self._progress is None else self._progress(done)
        stop = isinstance(answer, bool | np.bool_) and not answer
        self.deadline = perf_counter() + REPORT_EVERY
        return stop

    def stop_if_requested(self) -> None:
        if self.stops():
            raise StopRequested

    def finish(self) -> None:
        if self._progress is not None:
            self._progress(1.0)


def _run(stepper: Stepper, problem: Problem, reporter: _Reporter, tolerance: float | None) -> str:
    """Advance to the end. Returns "finished", "converged", "diverged" or "cancelled".

    Convergence and divergence are tested at checkpoints only, which do not depend on the speed of the machine.
    """
    try:
        while not stepper.done:
            stepper.advance(reporter.deadline)
            if stepper.at_checkpoint and stepper.first_diverged_step is not None and diverged_mask(stepper.x).all():
                return "diverged"
            if tolerance is not None and stepper.at_checkpoint and largest_gradient(problem, stepper) <= tolerance:
                return "converged"
            if reporter.stops():
                return "cancelled"
    except StopRequested:
        return "cancelled"
    reporter.finish()
    return "finished"

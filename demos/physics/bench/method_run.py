"""One run of a method on a system of particles or rods, with every step recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.progress import Progress, part
from demos.gradient_flow import METHODS, Status, Trajectory, solve
from demos.physics.bench.dissipation import EnergyBalance, energy_balance, state_of
from demos.physics.bench.quench import TOLERANCE
from demos.physics.bench.step_loss import STRAIGHT, euler_loss, tolerated_loss
from demos.physics.bench.system import System
from demos.physics.bench.trace import thinned_indices, trace_table

MOST_STATES, MOST_COORDINATES = 20_000, 2**21  # states of one path in memory, and their coordinates
MOST_INTEGRATED = 6_000  # states between which the dissipation is integrated
MOST_INTEGRATED_COORDINATES = 10**6  # and their coordinates
MOST_ROWS = 1_000  # most states that are stored after a run: denser at the start, where the state changes fast
MANY_STEPS = 1_000  # consecutive steps at the start that are enough to judge a run's energy balance
FINEST_GAP = 1e-14  # relative rounding error of the energy


@dataclass(frozen=True)
class Loss:
    """The residual of the energy balance up to some time of a run, as a share of the energy that fell: measured,
    predicted for this method at this step, and the uncertainty of the prediction."""

    measured: float
    predicted: float
    error: float


@dataclass(frozen=True)
class MethodRun:
    """One path of one replica.

    path.observed: (F, 1, *shape), the state at path.times (F,), after each step or after some of them. work: (F,) the
    number of gradients until then. iterates: whether the method counts steps instead of time; `x` (F,) is the chart's
    axis for either. balance: the energy balance of a flow at the same times; None for an optimizer. loss: the predicted
    residual of the balance for this method and step; None where it is not known, as for adaptive methods. tolerated:
    the largest residual that the tolerance of an adaptive method allows; nan for other methods.
    """

    system: System
    method: str
    path: Trajectory
    work: np.ndarray
    step: float
    rtol: float
    iterates: bool
    balance: EnergyBalance | None
    loss: Loss | None = None
    tolerated: float = float("nan")

    @property
    def states(self) -> Tensor:
        """(F, *shape)"""
        return self.path.observed[:, 0]

    @property
    def end(self) -> Tensor:
        """(*shape)"""
        return self.path.states[-1, 0]

    @property
    def status(self) -> Status:
        return self.path.status

    @property
    def x(self) -> np.ndarray:
        """(F,) time, or iterations"""
        times = self.path.times.numpy()
        return np.rint(times / self.step) if self.iterates else times

    @property
    def finite_states(self) -> Tensor:
        """(G, *shape) those states whose numbers are all finite"""
        return self.states[torch.isfinite(self.states).flatten(1).all(1)]

    @property
    def energies(self) -> np.ndarray:
        """(F,)"""
        return self.system.energy(self.states).numpy()

    @property
    def finite_energies(self) -> np.ndarray:
        """(G,) of `finite_states`"""
        return self.system.energy(self.finite_states).numpy()

    @property
    def forces(self) -> np.ndarray:
        """(F,) largest component of the gradient, tangent to the constraint set"""
        return self.system.force(self.states).numpy()

    @property
    def steps(self) -> np.ndarray:
        """(F − 1,) the step that led to each state: in time; of an optimizer: its largest move of a coordinate"""
        if self.iterates:
            return (self.states[1:] - self.states[:-1]).flatten(1).abs().amax(1).numpy()
        between = self.path.times.diff().numpy()
        if self.path.step_sizes is None:
            return np.minimum(between, self.step * (1 + 1e-9)) if len(between) else between
        return self.path.step_sizes.numpy() if len(self.path.step_sizes) == len(between) else between

    def trace(self, series: str, reference: float | None = None) -> pd.DataFrame:
        """The table "trace", see `bench.trace`. reference: the energy of gap 0; None: the lowest of the run."""
        energies = self.energies
        finite = energies[np.isfinite(energies)]
        lowest = reference if reference is not None else float(finite.min()) if len(finite) else 0.0
        gap = np.maximum(energies - lowest, FINEST_GAP * max(1.0, abs(lowest)))
        residual = None if self.balance is None else self.balance.residual[:, 0]
        return trace_table(series, self.x, energies, gap, self.forces, np.r_[np.nan, self.steps], self.work, residual)


def run_method(
    system: System,
    start: Tensor,
    method: str,
    *,
    duration: float,
    step: float,
    iterations: int,
    rtol: float = 1e-5,
    tolerance: float | None = TOLERANCE,
    most_rows: int = MOST_ROWS,
    progress: Progress | None = None,
    **options: Any,
) -> MethodRun:
    """Solve from start (1, *shape) and record every step.

    A flow runs for `duration`, with the fixed step `step` unless its method is adaptive; an optimizer runs for at most
    `iterations`, and `step` is its longest move or its rate. Both stop when the largest force is below `tolerance`.
    """
    count, work = 0, []
    iterates = METHODS[method].family == "optimizer"

    def gradient(x: Tensor, t: float = 0.0) -> Tensor:
        nonlocal count
        count += 1
        return system.gradient(x, t)

    def observe(x: Tensor, t: float) -> Tensor:
        work.append(count)
        return state_of(x, t)

    times = solver_times(method, duration, step, iterations)
    most = min(MOST_STATES, MOST_COORDINATES // start.numel())
    path = solve(
        system.flow(gradient=gradient),
        start,
        torch.from_numpy(times),
        method,
        record="steps" if len(times) <= most else most,
        observe=observe,
        tolerance=tolerance,
        rtol=rtol,
        atol=rtol,
        progress=progress,
        **options,
    )
    most = min(MOST_INTEGRATED, MOST_INTEGRATED_COORDINATES // start.numel())
    path, evaluations = _thinned(path, np.array(work), most)
    balance = None if iterates else energy_balance(system, path, part(progress, 1, 1, share=0.0))
    loss, tolerated = None, float("nan")
    if balance is not None and not path.status.diverged:
        if method in STRAIGHT:
            loss = _step_loss(system, path, balance, step, method == "implicit_euler")
        elif METHODS[method].adaptive is not None:
            tolerated = float(tolerated_loss(system, path, rtol)[-1])
    indices = thinned_indices(len(path.times), most_rows)
    path, evaluations = _thinned(path, evaluations, most_rows)
    balance = None if balance is None else balance.at(indices)
    return MethodRun(system, method, path, evaluations, step, rtol, iterates, balance, loss, tolerated)


def _step_loss(system: System, path: Trajectory, balance: EnergyBalance, step: float, implicit: bool) -> Loss:
    """The loss at the end of the path; if the path is thinned, at the end of its first part that has every step,
    provided that part is long enough."""
    lost, error = euler_loss(system, path, balance, step, implicit)
    single = np.isclose(path.times.diff().numpy(), step, rtol=1e-6)
    whole = len(single) if single.all() else int(single.argmin())
    last = whole if whole >= MANY_STEPS else len(single)
    fallen, dissipated = float(balance.fallen[last, 0]), float(balance.dissipated[last, 0])
    scale = (dissipated if balance.stands[last, 0] else fallen) or 1.0
    return Loss(float(balance.residual[last, 0]), float(lost[last]) / scale, abs(float(error[last]) / scale))


def solver_times(method: str, duration: float, step: float, iterations: int = 0, least: int = 1) -> np.ndarray:
    """The argument `times` of `solve`: both ends for an adaptive method, else (S + 1,) multiples of `step` up to
    `duration` or the first beyond it, with S ≥ `least`; for an optimizer S = `iterations`."""
    row = METHODS[method]
    if row.adaptive is not None:
        return np.array([0.0, duration])
    steps = iterations if row.family == "optimizer" else max(least, ceil(duration / step - 1e-9))
    return np.arange(steps + 1) * step


def first_distance(system: System, start: Tensor, duration: float) -> float:
    """The largest distance that a coordinate of start (1, *shape) would move in `duration` at its initial speed."""
    gradient = system.gradient(start)
    if system.project is not None:
        gradient = system.project.tangent(start, gradient)
    return duration * float(gradient.square().mean().sqrt())


def _thinned(path: Trajectory, work: np.ndarray, most: int) -> tuple[Trajectory, np.ndarray]:
    indices = thinned_indices(len(path.times), most)
    return replace(path, times=path.times[indices], observed=path.observed[indices]), work[indices]

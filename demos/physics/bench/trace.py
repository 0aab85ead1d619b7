"""A run followed step by step, its table "trace" for the charts, and evenly spread frames for its picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Status, Trajectory, solve
from demos.physics.bench.dissipation import Books, books, every_step
from demos.physics.bench.quench import TOLERANCE
from demos.physics.bench.system import System
from demos.picture import Readout

MOST_STATES, MOST_KEPT = 20_000, 2**21  # states of one path in memory, and their coordinates
MOST_BOOKED, MOST_COUNTED = 6_000, 10**6  # states between which the dissipation is integrated, and their coordinates
MOST_ROWS = 1_000  # of the table: denser at the start, where everything happens
FINEST_GAP = 1e-14  # of the energy: rounding


@dataclass(frozen=True)
class Followed:
    """One path, one replica. path.observed (F, 1, *shape): the state at path.times (F,), after each step, or about.
    work (F,): gradients by then. iterates: the method counts steps, not time; `x` (F,) is what a chart puts them over.
    books: of a flow, on the same frames; None for an optimizer, which has no clock."""

    system: System
    method: str
    path: Trajectory
    work: np.ndarray
    step: float
    rtol: float
    iterates: bool
    books: Books | None

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
    def whole(self) -> Tensor:
        """(G, *shape) the states whose numbers are all finite"""
        return self.states[torch.isfinite(self.states).flatten(1).all(1)]

    @property
    def energies(self) -> np.ndarray:
        """(F,)"""
        return self.system.energy(self.states).numpy()

    @property
    def forces(self) -> np.ndarray:
        """(F,) largest component of the gradient, tangent to the constraint set"""
        return self.system.force(self.states).numpy()


def follow(
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
    **options: float,
) -> Followed:
    """Solve from start (1, *shape) and keep what happened at every step.

    A flow runs for `duration`, with steps of `step` where its method does not choose its own; an optimizer for at most
    `iterations`, `step` being its longest move or its rate. Both stop at a largest force of `tolerance`.
    """
    row, count, work = METHODS[method], 0, []
    iterates = row.family == "optimizer"

    def gradient(x: Tensor, t: float = 0.0) -> Tensor:
        nonlocal count
        count += 1
        return system.gradient(x, t)

    def observe(x: Tensor, t: float) -> Tensor:
        work.append(count)
        return every_step(x, t)

    if row.adaptive is not None:
        times = np.array([0.0, duration])
    else:
        steps = iterations if iterates else max(1, ceil(duration / step - 1e-9))
        times = np.arange(steps + 1) * step
    most = min(MOST_STATES, MOST_KEPT // start.numel())
    record = "steps" if len(times) <= most else most
    path = solve(
        system.flow(gradient=gradient),
        start,
        torch.from_numpy(times),
        method,
        record=record,
        observe=observe,
        tolerance=tolerance,
        rtol=rtol,
        atol=rtol,
        progress=progress,
        **options,
    )
    path, work = _thinner(path, np.array(work), min(MOST_BOOKED, MOST_COUNTED // start.numel()))
    counted: Progress | None = None
    if progress is not None:
        counted = lambda done: progress(1.0)  # the run is over; what follows only notices who has left
    account = None if iterates else books(system, path, counted)
    kept = _kept(len(path.times), most_rows)
    path, work = _thinner(path, work, most_rows)
    if account is not None:
        account = Books(account.times[kept], account.energies[kept], account.dissipated[kept])
    return Followed(system, method, path, work, step, rtol, iterates, account)


def first_way(system: System, start: Tensor, duration: float) -> float:
    """How far a coordinate of start (1, *shape) would come at its first speed: a short run goes a short way."""
    gradient = system.gradient(start)
    if system.project is not None:
        gradient = system.project.tangent(start, gradient)
    return duration * float(gradient.square().mean().sqrt())


def trace(run: Followed, series: str, *, reference: float | None = None) -> pd.DataFrame:
    """The table "trace": series, x (time, or iterations), energy, gap (E − reference; by default − the run's lowest),
    force, step (in time; of an optimizer: its largest move), evaluations, residual (nan for an optimizer)."""
    energies = run.energies
    finite = energies[np.isfinite(energies)]
    lowest = reference if reference is not None else float(finite.min()) if len(finite) else 0.0
    moves = (run.states[1:] - run.states[:-1]).flatten(1).abs().amax(1).numpy() if run.iterates else _steps(run)
    table = pd.DataFrame(
        {
            "series": series,
            "x": run.x,
            "energy": energies,
            "gap": np.maximum(energies - lowest, FINEST_GAP * max(1.0, abs(lowest))),
            "force": run.forces,
            "step": np.r_[np.nan, moves],
            "evaluations": run.work,
            "residual": np.nan if run.books is None else run.books.residual[:, 0],
        }
    )
    return table.replace([np.inf, -np.inf], np.nan)


def spread(run: Followed, frames: int = 100) -> np.ndarray:
    """(frames,) places 0 … F − 1, whole or between, that a picture shows: three quarters of them evenly over the path's
    length, one quarter evenly over its steps. A flow is fast at first; on its own clock nothing would be seen."""
    states = run.states
    good = int(torch.isfinite(states).flatten(1).all(1).sum())  # a path that is lost is shown up to there
    if good < 2:
        return np.zeros(frames)
    lengths = (states[1:good] - states[: good - 1]).flatten(1).norm(dim=1).clamp_max(1e3).numpy()
    share = np.r_[0.0, np.cumsum(lengths)] / max(lengths.sum(), 1e-300)
    clock = 0.75 * share + 0.25 * np.linspace(0, 1, good)
    return np.interp(np.linspace(0, clock[-1], frames), clock, np.arange(good))


def at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """values (F, …) at `places` of `spread`, by straight lines between the steps."""
    values = np.asarray(values)
    low = np.minimum(places.astype(int), len(values) - 1)
    high = np.minimum(low + 1, len(values) - 1)
    rest = (places - low).reshape(-1, *[1] * (values.ndim - 1))
    return np.where(rest == 0, values[low], (1 - rest) * values[low] + rest * values[high])


def balance(run: Followed, places: np.ndarray) -> tuple[Readout, ...]:
    """What the dissipation identity misses up to each of `places` of `spread`, live; nothing for an optimizer."""
    if run.books is None:
        return ()
    share = np.nan_to_num(run.books.residual[:, 0], posinf=0.0, neginf=0.0)
    return (Readout("identity misses", np.round(100 * at(share, places), 4) + 0.0, unit="%", digits=2),)


def _thinner(path: Trajectory, work: np.ndarray, most: int) -> tuple[Trajectory, np.ndarray]:
    kept = _kept(len(path.times), most)
    return replace(path, times=path.times[kept], observed=path.observed[kept]), work[kept]


def _kept(frames: int, most: int) -> np.ndarray:
    """Which frames stay: all, or `most` at most, ever fewer as the steps go on."""
    if frames <= most:
        return np.arange(frames)
    dense = np.arange(most // 2)
    return np.unique(np.r_[dense, np.rint(np.geomspace(most // 2, frames - 1, most // 2)).astype(int)])


def _steps(run: Followed) -> np.ndarray:
    """(F − 1,) the steps that led to each frame"""
    between = run.path.times.diff().numpy()
    if run.path.step_sizes is None:
        return np.minimum(between, run.step * (1 + 1e-9)) if len(between) else between
    return run.path.step_sizes.numpy() if len(run.path.step_sizes) == len(between) else between

"""Recorder: stores the frames of a path, or an observer's values at these frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.shapes import check_left_alone, kind


@dataclass(frozen=True)
class FramePlan:
    """The times at which frames are to be recorded.

    due: the times. steps: their indices in the grid, for a fixed-step method; None: a frame may lie inside a step.
    every_step: also record a frame after every step of an adaptive method.
    """

    due: list[float]
    steps: list[int] | None
    every_step: bool = False


class Recorder:
    """Stores a copy of the state, or the value of `observe`, at each frame of a plan."""

    def __init__(self, plan: FramePlan, observe: Callable[[Tensor, float], Any] | None):
        self._plan, self._observe, self.every_step = plan, observe, plan.every_step
        self.times: list[float] = []
        self._state_times: list[float] = []
        most = len(plan.due) if observe is None else 2
        self._states, self._momenta = _Frames(most), _Frames(most)
        self._observed = _Blocks()
        self._start: Tensor | None = None  # only set if it is not the first frame
        self._advance()

    def _advance(self) -> None:
        taken, plan = len(self.times), self._plan
        is_open = taken < len(plan.due)
        self.next_time = plan.due[taken] if is_open else None
        self.next_step = plan.steps[taken] if is_open and plan.steps is not None else -1

    def begin(self, t: float, x: Tensor, momenta: Tensor | None) -> None:
        """Note the start of the path, and record it if the plan begins with it."""
        if self._observe is not None:
            self._store(t, x, momenta)
        if self.next_time == t:
            self.take(t, x, momenta)
        elif self._observe is None:
            self._start = x.clone()

    def take(self, t: float, x: Tensor, momenta: Tensor | None = None) -> None:
        """Record the next frame of the plan."""
        self.times.append(t)
        if self._observe is None:
            self._store(t, x, momenta)
        else:
            before = x.clone() if self._observed.first is None else None
            self._observed.append(self._observation(self._observe(x, t)))
            if before is not None:
                check_left_alone("observe(x, t)", before, x)
        self._advance()

    def _observation(self, given: Any) -> Tensor:
        """The observed value as a tensor. Raises ValueError if it is none, or not like the first one."""
        if isinstance(given, Real):
            return torch.tensor(float(given), dtype=torch.float64, device="cpu")
        try:
            tensor = torch.as_tensor(given).detach()
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(f"observe gave {kind(given)}; it must give a tensor, an array or a number.") from None
        first = self._observed.first
        if first is not None and (tensor.shape != first.shape or tensor.dtype != first.dtype):
            raise ValueError(f"observe gave {kind(tensor)} after {kind(first)}; its shape and dtype must not change.")
        return tensor

    def finish(self, t: float, x: Tensor, momenta: Tensor | None) -> None:
        """Record the end of the run as the last frame if the run ended before its plan."""
        if self.next_time is not None and (not self.times or self.times[-1] != t):
            self.take(t, x, momenta)
        if self._observe is not None:
            self._store(t, x, momenta)

    def _store(self, t: float, x: Tensor, momenta: Tensor | None) -> None:
        self._states.append(x)
        self._state_times.append(t)
        if momenta is not None:
            self._momenta.append(momenta)

    @property
    def start(self) -> Tensor:
        return self.states[0] if self._start is None else self._start

    @property
    def states(self) -> Tensor:
        return self._states.stacked()

    @property
    def state_times(self) -> tuple[float, ...] | None:
        """The times of `states` if there is an observer; None if they are those of the frames."""
        return None if self._observe is None else tuple(self._state_times)

    @property
    def momenta(self) -> Tensor | None:
        return self._momenta.stacked() if self._momenta.taken else None

    @property
    def observed(self) -> Tensor | None:
        return self._observed.stacked() if self._observe is not None else None


class _Blocks:
    """Copies of any number of tensors of one shape, in blocks of 1,024: with 100,000 separate small tensors, each run
    of the garbage collector would take a tenth of a second."""

    SIZE = 1024

    def __init__(self):
        self.first: Tensor | None = None
        self._blocks: list[Tensor] = []
        self._taken = 0

    def append(self, x: Tensor) -> None:
        place = self._taken % self.SIZE
        if self.first is None:
            self.first = x.clone()
        if place == 0:
            self._blocks.append(torch.empty((self.SIZE, *x.shape), dtype=x.dtype, device=x.device))
        self._blocks[-1][place] = x
        self._taken += 1

    def stacked(self) -> Tensor:
        """All copies, (F, ...)."""
        return torch.cat(self._blocks)[: self._taken]


class _Frames:
    """Copies of up to `most` tensors of one shape, in one tensor, so that they need not be stacked at the end.

    If the frames are stored component by component (see `component_major`), so are the copies.
    """

    def __init__(self, most: int):
        self._most, self.taken = most, 0

    def append(self, x: Tensor) -> None:
        if self.taken == 0:
            self._transposed = x.ndim == 2 and not x.is_contiguous()
            shape = x.T.shape if self._transposed else x.shape
            self._memory = _allocated((self._most, *shape), x)
            # the same memory, into which NumPy copies a small frame in a third of the time
            self._array = self._memory.numpy() if x.device.type == "cpu" else None
        if self._array is None:
            self._memory[self.taken] = x.T if self._transposed else x
        else:
            self._array[self.taken] = x.detach().numpy().T if self._transposed else x.detach().numpy()
        self.taken += 1

    def stacked(self) -> Tensor:
        """All copies, (F, N, ...); a view that later frames do not change."""
        frames = self._memory[: self.taken]
        return frames.transpose(1, 2) if self._transposed else frames


def _allocated(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """An uninitialized tensor, allocated by NumPy on the CPU: NumPy asks the system for huge pages, torch does not.
    Ten megabytes of small pages cost 2,400 page faults, a fifth of the time of the run that fills them."""
    if like.device.type != "cpu":
        return torch.empty(shape, dtype=like.dtype, device=like.device)
    return torch.from_numpy(np.empty(shape, like.new_empty(0).numpy().dtype))


def planned_frames(record: Any, grid: Sequence[float], adaptive: bool) -> FramePlan:
    """The plan for a checked `record`: a number of frames (0: one after each adaptive step), or a list of times.

    Raises ValueError for times beyond the grid, out of order, or, with a fixed step, between two of its times.
    """
    last = len(grid) - 1
    if isinstance(record, list):
        return _at_times(record, grid, adaptive)
    if not adaptive:  # frames are only at the ends of steps
        steps = np.unique(np.round(np.linspace(0, last, min(record, last + 1))).astype(int)).tolist()
        return FramePlan([grid[i] for i in steps], steps)
    if record == 0:
        return FramePlan([grid[0]], None, every_step=True)
    due = np.linspace(grid[0], grid[-1], record)
    if isinstance(grid, list):  # not a range, whose steps are equal
        due = np.interp(np.linspace(0, last, record), np.arange(last + 1), np.asarray(grid))
    due = due.tolist()
    due[0], due[-1] = grid[0], grid[-1]
    return FramePlan(due, None)


def _at_times(times: list[float], grid: Sequence[float], adaptive: bool) -> FramePlan:
    start, end = grid[0], grid[-1]
    sign, slack = (1 if end > start else -1), 1e-6 * abs(end - start)  # tolerance for times in single precision
    if any(sign * (b - a) <= 0 for a, b in pairwise(times)):
        raise ValueError(f"record = {_short(times)} must rise or fall strictly, like times.")
    for t in times:
        if not sign * (t - start) >= -slack or not sign * (end - t) >= -slack:
            raise ValueError(
                f"record = {_short(times)} must lie within the times, from {start:g} to {end:g}; {t:g} does not."
            )
    if adaptive:
        return FramePlan([min(max(t, min(start, end)), max(start, end)) for t in times], None)
    nearest = _nearest(times, grid)
    for t, i in zip(times, nearest, strict=True):
        if abs(grid[i] - t) > 1e-3 * abs(grid[min(i + 1, len(grid) - 1)] - grid[max(i - 1, 0)]):
            raise ValueError(
                f"record = {_short(times)}: {t:g} is not one of the times of this fixed-step method; the nearest is "
                f"{grid[i]:g}."
            )
    return FramePlan([grid[i] for i in nearest], nearest)


def _nearest(times: list[float], grid: Sequence[float]) -> list[int]:
    """The indices of the grid's times that are nearest to these."""
    if not isinstance(grid, list):  # a range
        return [min(max(round((t - grid[0]) / (grid[1] - grid[0])), 0), len(grid) - 1) for t in times]
    sign, points = (1 if grid[-1] > grid[0] else -1), np.asarray(grid)
    after = np.searchsorted(sign * points, sign * np.asarray(times)).clip(1, len(points) - 1)
    return np.where(np.abs(points[after - 1] - times) <= np.abs(points[after] - times), after - 1, after).tolist()


def _short(times: list[float]) -> str:
    return f"[{', '.join(f'{t:g}' for t in times[:4])}{', …' if len(times) > 4 else ''}]"

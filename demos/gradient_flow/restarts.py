"""Fixed steps with restarts: single replicas restart from new points, or leave the run, while the others go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.method import Method
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recorder import Recorder
from demos.gradient_flow.shapes import kind
from demos.gradient_flow.steppers import FixedSteps, is_bounded


@dataclass(frozen=True, eq=False)  # tensors have no single answer to ==
class Restart:
    """Which of the running replicas restart or leave, as row numbers of the x that the `Restarter` was given.

    The replicas `rows` (n,) restart at the points `starts` (n, ...) with a fresh state of the method. The replicas
    `leaving` stay where they are and are no longer computed. A row must not be in both. The run is finished when the
    last replica has left.
    """

    rows: Sequence[int] | np.ndarray = ()
    starts: Tensor | None = None
    leaving: Sequence[int] | np.ndarray = ()


Restarter = Callable[[Tensor, Tensor], Restart | None]
"""A function (x, ∇E) -> `Restart` or None, called after every step with the replicas that are still running."""


def check_restart(restart: Any, method: Method, noisy: bool, project: Any) -> None:
    """Raise ValueError if a restart is given and the method cannot restart single replicas."""
    if restart is None:
        return
    if method.gradient_index is None or method.adaptive is not None or noisy or project is not None:
        raise ValueError(
            f"restart needs a flow without noise and constraint, and a method that knows its gradient after a step, "
            f"such as lbfgs or fire; {method.name} cannot."
        )


class RestartingSteps(FixedSteps):
    """`FixedSteps` with restarts: rows of the method's state are overwritten by those of a fresh state.

    Numbers in the state, which are shared by all replicas, are not changed by a restart.
    """

    def __init__(
        self,
        method: Method,
        problem: Problem,
        x: Tensor,
        times: Sequence[float],
        recorder: Recorder,
        restart: Restarter,
    ):
        super().__init__(method, problem, x, times, recorder)
        self.first_diverged_step: int | None = None
        self._restart, self._replicas = restart, len(x)
        self._running = np.arange(len(x))
        self._last = x.clone()  # the last points of the replicas that left

    @property
    def x(self) -> Tensor:
        running: Any = self._state[0]
        if len(self._running) == self._replicas:
            return running
        all_x = self._last.clone()
        all_x[torch.from_numpy(self._running)] = running
        return all_x

    @property
    def gradient(self) -> Tensor | None:
        return None  # not known for the replicas that left

    @property
    def done(self) -> bool:
        return super().done or len(self._running) == 0

    @property
    def at_checkpoint(self) -> bool:
        return self.steps % self._block == 0 or self.done

    def advance(self, deadline: float) -> None:
        """Take up to a block of steps."""
        index = self._method.gradient_index or 0
        for i in range(self.steps, min(self.steps + self._block, len(self._times) - 1)):
            t, following = self._times[i], self._times[i + 1]
            state = self._state = self._step(self._problem, self._state, t, following - t)
            self.steps = i + 1
            restart = self._restart(state[0], state[index])
            if restart is not None:
                self._apply(restart, following)
            if self.steps == self._recorder.next_step:
                self._recorder.take(following, self.x)
            if not len(self._running) or perf_counter() > deadline:
                break
        if self.first_diverged_step is None and self.at_checkpoint and not is_bounded(self.x):
            self.first_diverged_step = self.steps

    def _apply(self, restart: Restart, t: float) -> None:
        x: Any = self._state[0]
        if not isinstance(restart, Restart):
            raise ValueError(f"restart gave {kind(restart)}; it must give a Restart or None.")
        rows, leaving = (_row_numbers(name, getattr(restart, name), len(x)) for name in ("rows", "leaving"))
        if both := sorted({*rows.tolist()} & {*leaving.tolist()}):
            raise ValueError(f"restart gave row {both[0]} in rows and in leaving; it can restart or leave, not both.")
        if len(rows):
            shape = (len(rows), *x.shape[1:])
            if not isinstance(restart.starts, Tensor) or restart.starts.shape != shape:
                given = kind(restart.starts)
                raise ValueError(f"restart gave starts {given}; they must be a tensor {shape}, one for each row.")
            fresh = self._method.init(self._problem, restart.starts.to(x), t)
            for part, new in zip(self._state, fresh, strict=True):
                if isinstance(part, Tensor) and part.device.type == "cpu":
                    part.numpy()[rows] = new.numpy()  # five times faster than torch's indexing
                elif isinstance(part, (Tensor, np.ndarray)):
                    part[rows] = new
        if len(leaving):
            stays = np.ones(len(self._running), dtype=bool)
            stays[leaving] = False
            self._last = self.x.clone()
            self._running = self._running[stays]
            index = torch.from_numpy(stays)
            self._state = tuple(
                part[index] if isinstance(part, Tensor) else part[stays] if isinstance(part, np.ndarray) else part
                for part in self._state
            )


def _row_numbers(name: str, given: Any, count: int) -> np.ndarray:
    """The rows as an array of whole numbers. Raises ValueError unless they are different ones of `count` replicas."""
    rows = np.asarray(given.cpu() if isinstance(given, Tensor) else given)
    if rows.shape == (0,):
        return np.empty(0, dtype=int)
    whole = rows.ndim == 1 and np.issubdtype(rows.dtype, np.integer)
    if not whole or rows.min() < 0 or rows.max() >= count or len(np.unique(rows)) < len(rows):
        raise ValueError(
            f"restart gave {name} = {kind(given)}; they must be different whole numbers from 0 to {count - 1}."
        )
    return rows

"""Fixed steps in which single replicas begin again from new places, or leave the run, while the others go on."""

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


@dataclass(frozen=True)
class Restart:
    """What happens to some of the replicas that still run, by their rows in the x that was shown.

    rows (n,) begin again at starts (n, ...), without the method's memory of what was before; `leaving` rows are frozen
    where they are and cost nothing any more. Rows may stand in one of the two only; a run whose last replica has left
    is finished.
    """

    rows: Sequence[int] | np.ndarray = ()
    starts: Tensor | None = None
    leaving: Sequence[int] | np.ndarray = ()


Restarter = Callable[[Tensor, Tensor], Restart | None]
"""(x, ∇E) of the replicas that still run -> what happens now, or None; called after every step."""


def check_restart(restart: Any, method: Method, noisy: bool, project: Any) -> None:
    """Raises ValueError where the method cannot restart single replicas."""
    if restart is None:
        return
    if method.gradient_index is None or method.adaptive is not None or noisy or project is not None:
        raise ValueError(
            f"restart needs a flow without noise and constraint, and a method that knows its gradient after a step, "
            f"such as lbfgs or fire; {method.name} cannot."
        )


class RestartingSteps(FixedSteps):
    """Every part of the method's state that has one row a replica is set to that of a fresh start; numbers stay."""

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
        self._restart, self._everyone = restart, len(x)
        self._running = np.arange(len(x))
        self._last = x.clone()  # where the replicas that left were

    @property
    def x(self) -> Tensor:
        running: Any = self._state[0]
        if len(self._running) == self._everyone:
            return running
        everyone = self._last.clone()
        everyone[torch.from_numpy(self._running)] = running
        return everyone

    @property
    def gradient(self) -> Tensor | None:
        return None  # that of the replicas that left is not known

    @property
    def done(self) -> bool:
        return super().done or len(self._running) == 0

    @property
    def at_checkpoint(self) -> bool:
        return self.steps % self._block == 0 or self.done

    def advance(self, deadline: float) -> None:
        """Up to a block of steps."""
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
        if len(restart.rows):
            x: Any = self._state[0]
            rows = np.asarray(restart.rows)
            if restart.starts is None or restart.starts.shape != (len(rows), *x.shape[1:]):
                shape = (len(rows), *x.shape[1:])
                raise ValueError(f"restart gave starts {kind(restart.starts)}; they must be {shape}, one for each row.")
            fresh = self._method.init(self._problem, restart.starts.to(x), t)
            for part, new in zip(self._state, fresh, strict=True):
                if isinstance(part, Tensor) and part.device.type == "cpu":
                    part.numpy()[rows] = new.numpy()  # a fifth of the time of torch's own indexing
                elif isinstance(part, (Tensor, np.ndarray)):
                    part[rows] = new
        if len(restart.leaving):
            stays = np.ones(len(self._running), dtype=bool)
            stays[np.asarray(restart.leaving)] = False
            self._last = self.x.clone()
            self._running = self._running[stays]
            index = torch.from_numpy(stays)
            self._state = tuple(
                part[index] if isinstance(part, Tensor) else part[stays] if isinstance(part, np.ndarray) else part
                for part in self._state
            )

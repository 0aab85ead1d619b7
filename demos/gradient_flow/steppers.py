"""The two ways a path advances: a block of given steps, or one step whose size the method chose."""

from __future__ import annotations

from copy import copy
from time import perf_counter
from typing import Protocol

import torch
from torch import Tensor

from demos.gradient_flow.method import Method
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recorder import Recorder

BLOWN_UP = 1e12  # no system here has coordinates past this: such a replica has left every bound
BLOCK = 2**19  # numbers of noise drawn at once, 2 or 4 MB: a block is also how often divergence is looked for


class Stopped(Exception):  # noqa: N818 - a wish, not an error
    """Raised inside a long step by a caller who does not want to wait for its end."""


class AdaptiveStepper(Protocol):
    """What an adaptive method builds: it owns its step size and can interpolate inside its last step."""

    t: float
    x: Tensor
    rejected: int

    def advance(self) -> str | None:
        """Take one step; a sentence where no step can be taken any more."""

    def at(self, t: float) -> Tensor:
        """The state at a time inside the last step."""


def gone(x: Tensor) -> Tensor:
    """(N,) true for each replica that is not finite or beyond every bound."""
    return ~(x.reshape(x.shape[0], -1).abs().amax(dim=1) < BLOWN_UP)


def is_fine(x: Tensor) -> bool:
    """False also for nan. On 10,000 points this takes 5 µs; `max`, or comparing tensors, would take 20."""
    return float(x.amax()) < BLOWN_UP and float(x.amin()) > -BLOWN_UP


class FixedSteps:
    """Takes exactly the given steps, a block at a time, and finds the step at which the first replica was lost."""

    def __init__(self, method: Method, problem: Problem, x: Tensor, times: list[float], recorder: Recorder):
        self._method, self._problem, self._recorder = method, problem, recorder
        self._times = times
        self._state = method.init(problem, x, times[0])
        self._block = max(1, min(256, BLOCK // x.numel()))
        self.steps, self.lost_at, self.rejected = 0, None, 0

    x = property(lambda self: self._state[0])
    t = property(lambda self: self._times[self.steps])
    slope = property(lambda self: None if self._method.slope is None else self._state[self._method.slope])
    done = property(lambda self: self.steps == len(self._times) - 1)
    step_sizes: list[float] | None = None

    @property
    def momenta(self) -> Tensor | None:
        return None if self._method.momentum is None else self._state[self._method.momentum]

    @property
    def settled(self) -> bool:
        """At the end of a block, of a descent, or of all: places that do not depend on the clock."""
        return self.steps % self._block == 0 or self.done or self._rests(self._state)

    def advance(self, deadline: float) -> None:
        """One block of steps. Past the deadline it stops early: blocks are for noise, not for patience."""
        first, last = self.steps, min(self.steps + self._block, len(self._times) - 1)
        if first % self._block == 0:
            if self._problem.noisy:
                count = last - first
                self._problem.noise.refill(self._method.normals * count, self._method.uniforms * count)
            if self.lost_at is None:
                self._before = _copied(self._state)
        else:  # the rest of a block that the deadline cut
            last = min(first - first % self._block + self._block, len(self._times) - 1)
        step, problem, times, recorder = self._method.step, self._problem, self._times, self._recorder
        state = self._state
        try:
            for i in range(first, last):
                state = step(problem, state, times[i], times[i + 1] - times[i])
                if i + 1 == recorder.next_step:
                    momentum = self._method.momentum
                    recorder.take(times[i + 1], state[0], None if momentum is None else state[momentum])
                if perf_counter() > deadline or self._rests(state):
                    last = i + 1
                    break
        except Stopped:  # inside a long step, which has not changed its state yet
            self._state, self.steps = state, i
            raise
        self._state, self.steps = state, last
        if self.lost_at is None and (last % self._block == 0 or self.done) and not is_fine(state[0]):
            self.lost_at = self._replay(last)

    def _rests(self, state: tuple) -> bool:
        """Whether the run has converged, where the method knows its gradient: no step is taken past that."""
        slope, tolerance = self._method.slope, self._problem.tolerance
        return slope is not None and tolerance > 0 and float(state[slope].abs().max()) <= tolerance

    def _replay(self, last: int) -> int:
        """The first step after which a replica was lost: the block once more, looking after every step."""
        kept = self._problem.evaluations, self._problem.accepted, self._problem.proposed
        first = (last - 1) - (last - 1) % self._block
        if self._problem.noisy:
            self._problem.noise.rewind()
        state, found = self._before, last
        for i in range(first, last):
            state = self._method.step(self._problem, state, self._times[i], self._times[i + 1] - self._times[i])
            if not is_fine(state[0]):
                found = i + 1
                break
        self._problem.evaluations, self._problem.accepted, self._problem.proposed = kept
        return found


class AdaptiveSteps:
    """Lets an adaptive method choose its steps, and interpolates at the recorded times."""

    momenta = None
    slope = None

    def __init__(self, stepper: AdaptiveStepper, end: float, recorder: Recorder):
        self._stepper, self._end, self._recorder = stepper, end, recorder
        self.steps, self.lost_at, self.step_sizes = 0, None, []
        self.stalled: str | None = None

    x = property(lambda self: self._stepper.x)
    t = property(lambda self: self._stepper.t)
    rejected = property(lambda self: self._stepper.rejected)
    done = property(lambda self: self.stalled is not None or (self._stepper.t == self._end and self._recorded))
    settled = property(lambda self: self._recorded)
    _recorded = True  # every frame up to now

    def advance(self, deadline: float) -> None:
        """The frames that are due; then, once all are recorded, one step."""
        if not self._recorded:
            self._record(deadline)
            return
        before = self._stepper.t
        self.stalled = self._stepper.advance()
        if self.stalled is not None:
            self.lost_at = self.steps
            return
        self.steps += 1
        self.step_sizes.append(self.t - before)
        if self.lost_at is None and not is_fine(self.x):
            self.lost_at = self.steps
        self._record(deadline)

    def _record(self, deadline: float) -> None:
        if self._recorder.every_step:
            self._recorder.take(self.t, self.x)
            return
        now, sign = self.t, 1 if self.step_sizes[-1] > 0 else -1
        while (due := self._recorder.next_time) is not None and sign * (now - due) >= 0:
            self._recorder.take(due, self.x if due == now else self._stepper.at(due))
            if perf_counter() > deadline:
                break
        due = self._recorder.next_time
        self._recorded = due is None or sign * (now - due) < 0


def _copied(state: tuple) -> tuple:
    return tuple(part.clone() if isinstance(part, torch.Tensor) else copy(part) for part in state)

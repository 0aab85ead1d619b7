"""Steppers advance a path: `FixedSteps` by blocks of given steps, `AdaptiveSteps` by steps that the method chooses."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from time import perf_counter
from typing import Any, Protocol

import torch
from torch import Tensor

from demos.gradient_flow.method import Method
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recorder import Recorder
from demos.gradient_flow.shapes import checked_like, kind

LARGEST = 1e12  # a replica with a larger coordinate counts as diverged: no system here has such coordinates
BLOCK = 2**19  # random numbers in a block of steps, 2 or 4 MB; divergence is tested once for each block


def steps_in_block(size: int) -> int:
    """The number of steps in a block, for states of `size` numbers."""
    return max(1, min(256, BLOCK // size))


class StopRequested(Exception):  # noqa: N818 - not an error: the caller asked for it
    """Raised inside a long step when the caller's `progress` returned False."""


class AdaptiveStepper(Protocol):
    """The stepper that an adaptive method builds: it controls its step size and interpolates inside its last step.

    Its last step leads exactly to the end.
    """

    t: float
    x: Tensor

    @property
    def rejected(self) -> int:
        """The number of steps that the error control has refused so far."""
        ...

    def advance(self) -> str | None:
        """Take one step. Returns None, or a sentence if no further step is possible."""
        ...

    def at(self, t: float) -> Tensor:
        """The state at a time inside the last step."""
        ...


class Stepper(Protocol):
    """The interface between the loop and the two kinds of stepping."""

    steps: int
    first_diverged_step: int | None
    stalled: str | None  # the reason if an adaptive method can take no further step
    step_sizes: list[float] | None

    @property
    def x(self) -> Tensor: ...
    @property
    def t(self) -> float: ...
    @property
    def momenta(self) -> Tensor | None: ...
    @property
    def gradient(self) -> Tensor | None:
        """∇E(x), if the method's state contains it."""
        ...

    @property
    def rejected(self) -> int: ...
    @property
    def done(self) -> bool: ...
    @property
    def at_checkpoint(self) -> bool:
        """Whether convergence and divergence may be tested now; independent of the machine's speed."""
        ...

    def advance(self, deadline: float) -> None:
        """Take steps until shortly after the deadline, a value of `perf_counter`."""
        ...


def diverged_mask(x: Tensor) -> Tensor:
    """(N,) whether a replica has diverged: a coordinate is not finite or larger than LARGEST."""
    return ~(x.reshape(x.shape[0], -1).abs().amax(dim=1) < LARGEST)


def is_bounded(x: Tensor) -> bool:
    """Whether no replica has diverged. On 10,000 points this takes 5 µs; comparing tensors would take 20."""
    return float(x.amax()) < LARGEST and float(x.amin()) > -LARGEST


class FixedSteps:
    """Takes exactly the given steps, block by block, and finds the step at which the first replica diverged."""

    stalled: str | None = None
    step_sizes: list[float] | None = None
    rejected = 0

    def __init__(self, method: Method, problem: Problem, x: Tensor, times: Sequence[float], recorder: Recorder):
        if method.step is None:
            raise ValueError(f"method {method.name!r} has no fixed step.")
        self._method, self._step, self._problem, self._recorder = method, method.step, problem, recorder
        self._times = times
        self._state: tuple[Any, ...] = _checked_state(method, "init", method.init(problem, x, times[0]), x)
        self._block = steps_in_block(x.numel())
        self.steps: int = 0
        self.first_diverged_step: int | None = None

    @property
    def x(self) -> Tensor:
        return self._state[0]

    @property
    def t(self) -> float:
        return self._times[self.steps]

    @property
    def gradient(self) -> Tensor | None:
        return None if self._method.gradient_index is None else self._state[self._method.gradient_index]

    @property
    def momenta(self) -> Tensor | None:
        return None if self._method.momentum is None else self._state[self._method.momentum]

    @property
    def done(self) -> bool:
        return self.steps == len(self._times) - 1

    @property
    def at_checkpoint(self) -> bool:
        """True at the end of a block, at convergence, and at the end of the run."""
        return self.steps % self._block == 0 or self.done or self._has_converged(self._state)

    def advance(self, deadline: float) -> None:
        """Take the steps of one block; stop early if the deadline has passed."""
        first, last = self.steps, min(self.steps + self._block, len(self._times) - 1)
        if first % self._block == 0:
            if self._problem.noisy:
                count = last - first
                self._problem.noise.refill(self._method.normals * count, self._method.uniforms * count)
            if self.first_diverged_step is None:
                self._before = _copied(self._state)
        else:  # continue a block that was interrupted by the deadline
            last = min(first - first % self._block + self._block, len(self._times) - 1)
        step, problem, times, recorder = self._step, self._problem, self._times, self._recorder
        state, i = self._state, first
        try:
            for i in range(first, last):
                state = step(problem, state, times[i], times[i + 1] - times[i])
                if i == 0:
                    state = _checked_state(self._method, "step", state, self._state[0])
                if i + 1 == recorder.next_step:
                    momentum = self._method.momentum
                    recorder.take(times[i + 1], state[0], None if momentum is None else state[momentum])
                if perf_counter() > deadline or self._has_converged(state):
                    last = i + 1
                    break
        except StopRequested:  # raised inside a long step: `state` is still that before the step
            self._state, self.steps = state, i
            raise
        self._state, self.steps = state, last
        if self.first_diverged_step is None and (last % self._block == 0 or self.done) and not is_bounded(state[0]):
            self.first_diverged_step = self._replay(last)

    def _has_converged(self, state: tuple) -> bool:
        """Whether all gradients are within the tolerance, if the state contains them. No step is taken after that."""
        index, tolerance = self._method.gradient_index, self._problem.tolerance
        return index is not None and tolerance > 0 and float(state[index].abs().max()) <= tolerance

    def _replay(self, last: int) -> int:
        """The first step after which a replica had diverged: the block is computed again, with a test at every step."""
        counters = self._problem.evaluations, self._problem.accepted, self._problem.proposed
        first = (last - 1) - (last - 1) % self._block
        if self._problem.noisy:
            self._problem.noise.rewind()
        state, found = self._before, last
        for i in range(first, last):
            state = self._step(self._problem, state, self._times[i], self._times[i + 1] - self._times[i])
            if not is_bounded(state[0]):
                found = i + 1
                break
        self._problem.evaluations, self._problem.accepted, self._problem.proposed = counters
        return found


class AdaptiveSteps:
    """Advances an adaptive method step by step, and interpolates the frames at the recorded times."""

    momenta: Tensor | None = None
    gradient: Tensor | None = None

    def __init__(self, stepper: AdaptiveStepper, end: float, recorder: Recorder):
        self._stepper, self._end, self._recorder = stepper, end, recorder
        self.steps = 0
        self.first_diverged_step: int | None = None
        self.step_sizes: list[float] | None = []
        self.stalled: str | None = None
        self.at_checkpoint = True  # False while frames inside the last step are still to be recorded

    @property
    def x(self) -> Tensor:
        return self._stepper.x

    @property
    def t(self) -> float:
        return self._stepper.t

    @property
    def rejected(self) -> int:
        return self._stepper.rejected

    @property
    def done(self) -> bool:
        return self.stalled is not None or (self._stepper.t == self._end and self.at_checkpoint)

    def advance(self, deadline: float) -> None:
        """Record the frames that are due; if all are recorded, take one step."""
        if not self.at_checkpoint:
            self._record(deadline)
            return
        before = self._stepper.t
        self.stalled = self._stepper.advance()
        if self.stalled is not None:
            self.first_diverged_step = self.steps
            return
        self.steps += 1
        self.step_sizes = self.step_sizes or []
        self.step_sizes.append(self.t - before)
        self._sign = 1 if self._end > before else -1
        if not 0 < self._sign * (self.t - before) <= self._sign * (self._end - before):  # the run would never end
            raise ValueError(
                f"The adaptive stepper went from t = {before:g} to {self.t:g}; each step must lead towards the end, "
                f"{self._end:g}, and the last one exactly to it."
            )
        if self.first_diverged_step is None and not is_bounded(self.x):
            self.first_diverged_step = self.steps
        self._record(deadline)

    def _record(self, deadline: float) -> None:
        if self._recorder.every_step:
            self._recorder.take(self.t, self.x)
            return
        now = self.t
        while (due := self._recorder.next_time) is not None and self._sign * (now - due) >= 0:
            self._recorder.take(due, self.x if due == now else self._stepper.at(due))
            if perf_counter() > deadline:
                break
        due = self._recorder.next_time
        self.at_checkpoint = due is None or self._sign * (now - due) < 0


def _checked_state(method: Method, part: str, state: tuple, x: Tensor) -> tuple:
    """The state that init or step returned. Raises ValueError unless it is a tuple whose first part is like x."""
    if not isinstance(state, tuple) or not state:
        raise ValueError(f"{part} of method {method.name!r} gave {kind(state)}; it must give a tuple, x first.")
    checked_like(f"x in the state that {part} of method {method.name!r} gave", state[0], x)
    for name in ("momentum", "gradient_index"):
        place = getattr(method, name)
        if place is not None and not 0 <= place < len(state):
            raise ValueError(
                f"{name} = {place} of method {method.name!r} is no place in its state of {len(state)} parts."
            )
    return state


def _copied(state: tuple) -> tuple:
    return tuple(part.clone() if isinstance(part, torch.Tensor) else copy(part) for part in state)

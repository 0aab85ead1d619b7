"""Step-size control for adaptive methods: a PI controller, and the choice of the first step."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor


def no_step(t: float, velocity: Tensor) -> str:
    """The reason why an adaptive method takes no further step at t, where the flow has this velocity."""
    finite = bool(torch.isfinite(velocity).all())
    return f"{'the step size fell to rounding' if finite else 'the gradient is not finite'} at t = {t:.4g}"


class StepControl:
    """h ← h · 0.9 err^−(1/p − ¾β) err_before^β, between a fifth and ten times h.

    Hairer & Wanner, Solving ODEs II (1996), §IV.2. A step whose error is not a finite number is refused,
    and the step size shrinks to a fifth.
    """

    SAFETY, SHRINK, GROW = 0.9, 0.2, 10.0

    def __init__(self, order: int, beta: float, span: float, least_error: float = 1e-10):
        """least_error: errors below it count as it where the next step remembers them."""
        self._exponent, self._beta = 1 / order - 0.75 * beta, beta
        self._span, self._order = span, order
        self._last_error, self._least_error, self._refused = 1e-4, least_error, False
        self.h, self.rejected, self.at_end = span, 0, False

    def first_step(self, x: Tensor, velocity: Tensor, norm: Callable, probe: Callable[[float], Tensor]) -> None:
        """Set the first step size from the norms of dx/dt and of its change (Hairer, Nørsett & Wanner, ODEs I, §II.4).

        probe(h) -> dx/dt after an Euler step of size h. The step is at most the interval. If the probe overflows, the
        first guess, which is cautious, is used.
        """
        size, speed = norm(x, x), norm(velocity, x)
        guess = 1e-6 if min(size, speed) < 1e-5 else 0.01 * size / speed
        if not 0 < guess < math.inf:  # the flow is not finite at the start
            guess = 1e-6 * abs(self._span)
        guess = min(guess, abs(self._span))
        sign = math.copysign(1.0, self._span)
        change = norm(probe(sign * guess) - velocity, x) / guess
        if math.isfinite(change):
            steepest = max(speed, change)
            second = max(1e-6, guess * 1e-3) if steepest <= 1e-15 else (0.01 / steepest) ** (1 / self._order)
            guess = min(100 * guess, second, abs(self._span))
        self.h = sign * guess

    def next(self, t: float, end: float) -> float | None:
        """The step to try from t, shortened, or lengthened by up to 1 %, to land on the end; None below rounding."""
        left = end - t
        self.at_end = 1.01 * abs(self.h) >= abs(left)
        h = left if self.at_end else self.h
        if t + h == t or abs(h) < 1e-30 * abs(self._span):
            return None
        self._tried = h
        return h

    def accepts(self, error: float) -> bool:
        """Whether a step with this scaled error is accepted (error ≤ 1); sets the next step size."""
        if not error <= 1:  # also nan
            factor = self.SHRINK
            if math.isfinite(error):
                factor = max(self.SHRINK, self.SAFETY * error ** (-1 / self._order))
            self.h, self._refused = self._tried * factor, True
            self.rejected += 1
            return False
        error = max(error, 1e-10)
        factor = self.SAFETY * error**-self._exponent * self._last_error**self._beta
        factor = min(self.GROW, max(self.SHRINK, factor))
        if self._refused:  # do not grow at once after a refusal
            factor = min(1.0, factor)
        self.h, self._last_error, self._refused = self._tried * factor, max(error, self._least_error), False
        return True

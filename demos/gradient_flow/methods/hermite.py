"""What RKC and Rodas3 share: a controlled step size, and dense output by a cubic through both ends of the last step."""

from __future__ import annotations

import torch
from torch import Tensor

from demos.gradient_flow.control import StepControl
from demos.gradient_flow.problem import Problem


class HermiteStepper:
    """The base of adaptive steppers of dx/dt = −M∇E whose step ends with the velocity at its end.

    A subclass gives `advance`, which sets t, x and the velocity, and calls `_remember(h)` before it does.
    """

    def __init__(self, problem: Problem, x: Tensor, t0: float, t1: float):
        self._problem, self._t1 = problem, t1
        self.t, self.x = t0, x
        self._velocity = self._field(x, t0)
        self._control = StepControl(order=3, beta=0.04, span=t1 - t0)
        self._control.first_step(x, self._velocity, self._norm, lambda h: self._field(x + h * self._velocity, t0 + h))

    rejected = property(lambda self: self._control.rejected)

    def _field(self, x: Tensor, t: float) -> Tensor:
        """−M∇E"""
        return self._problem.preconditioned_gradient(x, t).neg()

    def _norm(self, error: Tensor, *states: Tensor) -> float:
        """The root mean square of the error over atol + rtol |x|."""
        size = torch.stack([s.abs() for s in states]).amax(dim=0)
        return float((error / (self._problem.atol + self._problem.rtol * size)).square().mean().sqrt())

    def _remember(self, h: float) -> None:
        """Keep where a step of length h begins, for `at`."""
        self._before, self._velocity_before, self._t_before, self._h = self.x, self._velocity, self.t, h

    def at(self, t: float) -> Tensor:
        """The state at t by cubic Hermite interpolation of the last step: order 3."""
        theta, h = (t - self._t_before) / self._h, self._h
        rest = 1 - theta
        y = (1 + 2 * theta) * rest**2 * self._before + theta**2 * (3 - 2 * theta) * self.x
        y = y + h * theta * rest**2 * self._velocity_before - h * theta**2 * rest * self._velocity
        return self._problem.retracted(y)

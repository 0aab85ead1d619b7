"""RKC: a stabilized explicit method of order 2 whose stability interval grows with the square of its stages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, copysign, inf, isfinite, sqrt

import torch
from torch import Tensor

from demos.gradient_flow.control import no_step
from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.methods.hermite import HermiteStepper
from demos.gradient_flow.problem import Problem

DAMPING = 2 / 13  # ε: keeps the damped Chebyshev polynomial away from ±1 inside the interval
MOST_STAGES = 300
RADIUS_LASTS = 25  # the number of steps for which an estimate of the largest curvature is used


@dataclass(frozen=True)
class Coefficients:
    """Coefficients of the recursion Yⱼ = (1 − μⱼ − νⱼ) Y₀ + μⱼ Yⱼ₋₁ + νⱼ Yⱼ₋₂ + h (μ̃ⱼ Fⱼ₋₁ + γ̃ⱼ F₀), at t + cⱼ h."""

    first: float
    rows: tuple[tuple[float, float, float, float, float], ...]  # μ, ν, μ̃, γ̃, c of the previous stage


@lru_cache(maxsize=MOST_STAGES)
def coefficients(stages: int) -> Coefficients:
    """The coefficients of RKC: Sommeijer, Shampine & Verwer, J. Comput. Appl. Math. 88 (1997) 315, eqs. (2.2)–(2.8)."""
    w0 = 1 + DAMPING / stages**2
    value, first, second = [1.0, w0], [0.0, 1.0], [0.0, 0.0]  # Chebyshev T, T′, T″ at w0
    for _ in range(2, stages + 1):
        value.append(2 * w0 * value[-1] - value[-2])
        first.append(2 * value[-2] + 2 * w0 * first[-1] - first[-2])
        second.append(4 * first[-2] + 2 * w0 * second[-1] - second[-2])
    w1 = first[stages] / second[stages]
    b = [second[j] / first[j] ** 2 if j >= 2 else 0.0 for j in range(stages + 1)]
    b[0] = b[1] = b[2]
    times, rows = [0.0, b[1] * w1], []
    for j in range(2, stages + 1):
        mu, nu = 2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2]
        mu_tilde = 2 * b[j] * w1 / b[j - 1]
        gamma_tilde = -(1 - b[j - 1] * value[j - 1]) * mu_tilde
        rows.append((mu, nu, mu_tilde, gamma_tilde, times[-1]))
        times.append(mu * times[-1] + nu * times[-2] + mu_tilde + gamma_tilde)
    return Coefficients(b[1] * w1, tuple(rows))


class RKC(HermiteStepper):
    """RKC with step-size control; the number of stages follows from the largest curvature, found by power iteration."""

    def __init__(self, problem: Problem, x: Tensor, t0: float, t1: float):
        super().__init__(problem, x, t0, t1)
        self._direction: Tensor | None = None
        self._radius, self._age = 0.0, RADIUS_LASTS

    def _spectral_radius(self) -> float:
        """An estimate of the largest curvature by nonlinear power iteration over the whole state, plus 20 % as in RKC's
        published code.

        The length of the finite differences is bounded in the maximum norm, so that one stiff replica among many is
        probed at the same distance as it would be alone.
        """
        length = sqrt(torch.finfo(self.x.dtype).eps) * (1 + float(self.x.abs().max()))
        v = self._velocity if self._direction is None else self._direction
        radius = 0.0
        for _ in range(50):
            largest = float(v.abs().max())
            if not 0 < largest < inf:
                v, largest = torch.ones_like(self.x), 1.0
            step = v * (length / largest)
            v = self._field(self.x + step, self.t) - self._velocity
            before, radius = radius, float(v.norm() / step.norm())
            if abs(radius - before) <= 0.01 * radius:
                break
        self._direction = v
        return 1.2 * radius

    def advance(self) -> str | None:
        if self._age >= RADIUS_LASTS:
            self._radius, self._age = self._spectral_radius(), 0
        while True:
            if not isfinite(self._radius):
                return f"the gradient is not finite at t = {self.t:.4g}"
            longest = (MOST_STAGES**2 - 1) * 0.653 / max(self._radius, 1e-300)
            if abs(self._control.h) > longest:
                self._control.h = copysign(longest, self._control.h)
            h = self._control.next(self.t, self._t1)
            if h is None:
                return no_step(self.t, self._velocity)
            stages = max(2, 1 + ceil(sqrt(1 + 1.54 * abs(h) * self._radius)))
            y = self._stages(stages, h)
            velocity = self._field(y, self.t + h)
            error = 0.8 * (self.x - y) + 0.4 * h * (self._velocity + velocity)
            if self._control.accepts(self._norm(error, self.x, y)):
                break
            self._radius, self._age = self._spectral_radius(), 0
        self._remember(h)
        self.t = self._t1 if self._control.at_end else self.t + h
        self.x, self._velocity, self._age = y, velocity, self._age + 1
        if self._problem.flow.project is not None:
            self.x = self._problem.flow.project.retract(y)
            self._velocity = self._field(self.x, self.t)
        return None

    def _stages(self, stages: int, h: float) -> Tensor:
        c = coefficients(stages)
        before, now = self.x, self.x + (h * c.first) * self._velocity
        for mu, nu, mu_tilde, gamma_tilde, time in c.rows:
            velocity = self._field(now, self.t + time * h)
            following = (1 - mu - nu) * self.x + mu * now + nu * before
            following.add_(velocity, alpha=h * mu_tilde).add_(self._velocity, alpha=h * gamma_tilde)
            before, now = now, following
        return now


RKC_METHOD = Method(
    name="rkc",
    label="RKC (stabilized)",
    family="adaptive",
    formula=r"Y_j = (1-\mu_j-\nu_j)Y_0 + \mu_j Y_{j-1} + \nu_j Y_{j-2} + h(\tilde\mu_j F_{j-1} + \tilde\gamma_j F_0)",
    paper="Sommeijer, Shampine & Verwer, J. Comput. Appl. Math. 88 (1997) 315",
    order=Order(deterministic=2),
    adaptive=RKC,
    holds_values=False,
    evaluations=None,
)

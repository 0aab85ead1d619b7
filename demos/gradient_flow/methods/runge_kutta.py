"""Runge–Kutta methods by their Butcher tableaus: classical RK4, and Dormand–Prince 5(4) with error control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from demos.gradient_flow.control import StepControl, no_step
from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem


@dataclass(frozen=True)
class Tableau:
    """A Butcher tableau c, a, b. error: b − b̂ of the embedded pair; dense: polynomial weights of the interpolant."""

    c: tuple[float, ...]
    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    error: tuple[float, ...] = ()
    dense: tuple[tuple[float, ...], ...] = ()


RK4_TABLEAU = Tableau(c=(0, 1 / 2, 1 / 2, 1), a=((), (1 / 2,), (0, 1 / 2), (0, 0, 1)), b=(1 / 6, 1 / 3, 1 / 3, 1 / 6))

# Dormand & Prince 1980, table 2 (RK5(4)7M); the dense output is Shampine's quartic (Hairer, Nørsett & Wanner,
# Solving ODEs I, §II.6): x(t + θh) = x + h Σᵢ kᵢ (dᵢ₁θ + dᵢ₂θ² + dᵢ₃θ³ + dᵢ₄θ⁴).
DOPRI5_TABLEAU = Tableau(
    c=(0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1),
    a=(
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    b=(35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0),
    error=(71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40),
    dense=(
        (1, -8048581381 / 2820520608, 8663915743 / 2820520608, -12715105075 / 11282082432),
        (0, 0, 0, 0),
        (0, 131558114200 / 32700410799, -68118460800 / 10900136933, 87487479700 / 32700410799),
        (0, -1754552775 / 470086768, 14199869525 / 1410260304, -10690763975 / 1880347072),
        (0, 127303824393 / 49829197408, -318862633887 / 49829197408, 701980252875 / 199316789632),
        (0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844),
        (0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423),
    ),
)


def rk4_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − h Σ bᵢ M∇E(yᵢ),  yᵢ = x − h Σ aᵢⱼ M∇E(yⱼ); retracted onto C after the step"""
    (x,) = state
    gradients: list[Tensor] = []
    for c, row in zip(RK4_TABLEAU.c, RK4_TABLEAU.a, strict=True):
        y = x
        for weight, gradient in zip(row, gradients, strict=True):
            if weight:
                y = y + (-h * weight) * gradient
        gradients.append(problem.preconditioned_gradient(y, t + c * h))
    for weight, gradient in zip(RK4_TABLEAU.b, gradients, strict=True):
        x = x.add_(gradient, alpha=-h * weight)
    return (problem.retracted(x),)


class DormandPrince:
    """Dormand–Prince 5(4) with one step size for all replicas; the error norm is the root mean square."""

    def __init__(self, problem: Problem, x: Tensor, t0: float, t1: float):
        self._problem, self._t1 = problem, t1
        self.t, self.x = t0, x
        # states are flattened in their memory order, so that the stages are rows of a matrix
        self._transposed = x.ndim == 2 and not x.is_contiguous()
        self._flat = (x.T if self._transposed else x).reshape(-1)
        self._k = torch.empty((7, x.numel()), dtype=x.dtype, device=x.device)
        self._stages = torch.empty_like(self._k)  # the stages of the last step; swapped with `_k`
        self._a = [self._weights(row) for row in DOPRI5_TABLEAU.a]
        self._error = self._weights(DOPRI5_TABLEAU.error)
        self._dense = self._weights(DOPRI5_TABLEAU.dense)
        self._velocity(0, t0, self._flat)
        least = problem.options["least_error"]
        self._control = StepControl(order=5, beta=0.04, span=t1 - t0, least_error=least)
        self._control.first_step(self._flat, self._k[0], self._norm, self._probe)

    rejected = property(lambda self: self._control.rejected)

    def _velocity(self, stage: int, t: float, flat: Tensor) -> None:
        """Write −M∇E at the flattened state into row `stage` of `_k`."""
        x = self._unflatten(flat)
        gradient = self._problem.preconditioned_gradient(x, t)
        torch.neg((gradient.T if self._transposed else gradient).reshape(-1), out=self._k[stage])

    def _weights(self, numbers: Sequence) -> Tensor:
        return torch.tensor(numbers, dtype=self.x.dtype, device=self.x.device)

    def _unflatten(self, flat: Tensor) -> Tensor:
        return flat.reshape(self.x.T.shape).T if self._transposed else flat.reshape(self.x.shape)

    def _probe(self, h: float) -> Tensor:
        """dx/dt after an Euler step of size h; see `StepControl.first_step`."""
        self._velocity(1, self.t + h, self._flat + h * self._k[0])
        return self._k[1]

    def _norm(self, error: Tensor, *states: Tensor) -> float:
        size = states[0].abs() if len(states) == 1 else torch.maximum(states[0].abs(), states[1].abs())
        size.mul_(self._problem.rtol).add_(self._problem.atol)
        scaled = torch.div(error, size, out=size)
        return sqrt(float(torch.dot(scaled, scaled)) / len(error))

    def advance(self) -> str | None:
        """Take one accepted step. Returns None, or a sentence if the step size fell below rounding."""
        while True:
            h = self._control.next(self.t, self._t1)
            if h is None:
                return no_step(self.t, self._k[0])
            y = self._flat
            for stage in range(1, 7):
                y = torch.addmv(self._flat, self._k[:stage].T, self._a[stage], alpha=h)
                self._velocity(stage, self.t + DOPRI5_TABLEAU.c[stage] * h, y)
            error = h * (self._error @ self._k)
            if self._control.accepts(self._norm(error, self._flat, y)):
                break
        self._before, self._h, self._t_before = self._flat, h, self.t
        self.t = self._t1 if self._control.at_end else self.t + h
        self._finish(y)
        return None

    def _finish(self, y: Tensor) -> None:
        """Make y the state. Its last stage is the first of the next step ("first same as last") unless C moves y."""
        self._stages, self._k = self._k, self._stages
        project = self._problem.flow.project
        if project is None:
            self._flat, self.x = y, self._unflatten(y)
            self._k[0] = self._stages[6]
            return
        self.x = project.retract(self._unflatten(y))
        self._flat = (self.x.T if self._transposed else self.x).reshape(-1)
        self._velocity(0, self.t, self._flat)

    def at(self, t: float) -> Tensor:
        theta = (t - self._t_before) / self._h
        weights = self._dense @ self._weights([theta, theta**2, theta**3, theta**4])
        y = self._unflatten(torch.addmv(self._before, self._stages.T, weights, alpha=self._h))
        return self._problem.retracted(y)


def _rk4_limit(curvature: float, flow, options) -> float:
    return 2.7852935634 / curvature


RK4 = Method(
    name="rk4",
    label="RK4",
    family="explicit",
    formula=r"x' = x - \tfrac h6 M(k_1 + 2k_2 + 2k_3 + k_4)",
    paper="Kutta, Z. Math. Phys. 46 (1901) 435",
    order=Order(deterministic=4),
    step=rk4_step,
    evaluations=4,
    limit=_rk4_limit,
    limit_formula="2.785/L",
)

DOPRI5 = Method(
    name="dopri5",
    label="Dormand–Prince 5(4)",
    family="adaptive",
    formula=r"x' = x - h\textstyle\sum_i b_i k_i,\quad \mathrm{err} = h\|\sum_i (b_i - \hat b_i) k_i\|",
    paper="Dormand & Prince, J. Comput. Appl. Math. 6 (1980) 19",
    order=Order(deterministic=5),
    adaptive=DormandPrince,
    holds_values=False,
    evaluations=None,
    # Hairer's code has 1e-4: from there on rounding errors do not choose the steps
    options={"least_error": Option(1e-10, 1e-16, 1.0, "least error that the next step remembers")},
)

"""Exponential time differencing: the stiff linear part is solved exactly, the rest by a Runge–Kutta rule of order 2.

The flow is dx = −(L x + r(x)) dt with L diagonal in the basis of a transform (see `demos.gradient_flow.stiff`). The
option "stabilizer", S, moves S D x from r to L, where D is the damping of the flow's stiff part. This makes steps more
stable and less accurate: S D x is then solved exactly in L but extrapolated in r.
"""

from __future__ import annotations

from math import copysign, factorial, floor, isfinite, log2

import torch
from torch import Tensor

from demos.gradient_flow.control import StepControl, no_step
from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem

SERIES = 0.5  # for smaller |z|, φ₂ is summed as a series: its closed form loses digits by cancellation
TERMS = 16  # terms of the series: the first omitted one is below 0.5¹⁶/18!
ROUNDING = 1e-12  # relative to its length: a state that moves by less counts as at rest
STAYS, AT_REST = 1e-6, 16  # see AdaptiveExponential
MOST_SIZES = 64  # the most step sizes whose coefficients are cached

STABILIZER = Option(0.0, 0.0, 1e6, "stabilizer S")


def phi(z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """eᶻ, φ₁ = (eᶻ − 1)/z and φ₂ = (eᶻ − 1 − z)/z², accurate to rounding for all real z; like z."""
    small = z.abs() < SERIES
    safe = torch.where(small, 1.0, z)
    series = torch.where(small, z, 0.0)
    second = torch.zeros_like(z)
    for k in range(TERMS + 1, 1, -1):  # Horner, from the last term 1/k! down
        second = second * series + 1 / factorial(k)
    first = torch.expm1(safe) / safe
    return torch.exp(z), torch.where(small, 1 + z * second, first), torch.where(small, second, (first - 1) / safe)


class Exponentials:
    """Caches the coefficients e^(−hL), h φ₁(−hL) and h φ₂(−hL) for the step sizes in use; L includes the stabilizer."""

    def __init__(self, problem: Problem, x: Tensor, t: float):
        problem.check_stiff(x, t)
        stiff = problem.stiff
        shift = problem.options["stabilizer"] * stiff.damping
        self.linear = (stiff.linear + shift).to(x)
        self._shift = shift.to(x) if isinstance(shift, Tensor) else shift
        self._problem = problem
        self._known: dict[float, tuple[Tensor, Tensor, Tensor]] = {}
        zero = torch.zeros_like(self.linear)
        self._last_h, self._last = 0.0, (torch.ones_like(zero), zero, zero)  # the coefficients for h = 0

    def at(self, h: float, t: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
        """The coefficients for the step h at time t. Steps that differ only by the rounding of t share them."""
        if abs(h - self._last_h) > 4 * torch.finfo(torch.float64).eps * (abs(t) + abs(h)):
            if h not in self._known:
                if len(self._known) >= MOST_SIZES:
                    self._known.pop(next(iter(self._known)))
                z, first, second = phi(self.linear * -h)
                self._known[h] = z, h * first, h * second
            self._last_h, self._last = h, self._known[h]
        return self._last

    def rest(self, x: Tensor, x_hat: Tensor, t: float) -> Tensor:
        """r − S D x in the transform's basis; counts as one gradient evaluation."""
        rest = self._problem.stiff_rest(x, t)
        return rest if self._problem.options["stabilizer"] == 0 else rest - self._shift * x_hat


def etdrk2_init(problem: Problem, x: Tensor, t: float) -> tuple:
    """The state: (x, its transform, the `Exponentials`)."""
    return x, problem.stiff.transform.forward(x), Exponentials(problem, x, t)


def etdrk2_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """a = e^(−hL) x − hφ₁ r(x),  x' = a − hφ₂ (r(a) − r(x))"""
    x, x_hat, exponentials = state
    decay, first, second = exponentials.at(h, t)
    here = exponentials.rest(x, x_hat, t)
    a_hat = decay * x_hat - first * here
    a = problem.stiff.transform.backward(a_hat)
    there = exponentials.rest(a, a_hat, t + h)
    x_hat = a_hat.sub_(second * there.sub_(here))
    return problem.stiff.transform.backward(x_hat), x_hat, exponentials


class AdaptiveExponential:
    """ETDRK2 with step-size control. The error estimate is x' − a, where a is the first stage, which has order 1.

    The estimate must be within the tolerances, and within `relative_lateness` times the length of the step: slow
    interfaces accumulate a timing error much larger than the local error, and the second criterion bounds it.
    Step sizes are powers 2^(k/4), so that coefficients are computed once for each size.

    At rest the controller would let the steps grow until they are unstable, shrink them, and repeat this. Therefore a
    state at rest is extended to the end in one step without a change. At rest means: in AT_REST steps in a row it moved
    by no more than rounding, until the end it would move by less than STAYS of its length at that speed, and r does not
    change with time until the end.
    """

    def __init__(self, problem: Problem, x: Tensor, t0: float, t1: float):
        self._problem, self._stiff, self._t1 = problem, problem.stiff, t1
        self._exponentials = Exponentials(problem, x, t0)
        self.t, self.x, self._x_hat = t0, x, self._stiff.transform.forward(x)
        self._rest = self._exponentials.rest(x, self._x_hat, t0)
        damping = torch.as_tensor(self._stiff.damping).to(x)
        self._metric = torch.where(damping > 0, 1 / damping, 0.0)  # 0: modes that no step changes
        self._control = StepControl(order=2, beta=0.04, span=t1 - t0)
        velocity = self._stiff.transform.backward(self._exponentials.linear * self._x_hat + self._rest)
        guess = 0.01 * self._norm(x, x) / max(self._norm(velocity, x), 1e-300)
        self._floor = ROUNDING * self._length(self._x_hat)  # a shorter step is rounding
        self._short = 0  # the number of such steps in a row
        guess = guess if isfinite(guess) else 0.0  # not finite at the start: every step will be refused
        self._control.h = copysign(min(max(guess, 1e-6 * abs(t1 - t0)), abs(t1 - t0)), t1 - t0)

    rejected = property(lambda self: self._control.rejected)

    def _norm(self, error: Tensor, *states: Tensor) -> float:
        size = states[0].abs() if len(states) == 1 else torch.maximum(states[0].abs(), states[1].abs())
        return float((error / size.mul_(self._problem.rtol).add_(self._problem.atol)).square_().mean().sqrt())

    def _length(self, v_hat: Tensor) -> float:
        """The norm of v in the metric of the flow, up to a factor; v_hat: its transform."""
        return float(self._stiff.transform.dot(v_hat, self._metric * v_hat).sum().sqrt())

    def advance(self) -> str | None:
        """Take one accepted step. Returns None, or a sentence if the step size fell below rounding."""
        backward = self._stiff.transform.backward
        if self._short >= AT_REST and torch.equal(self._exponentials.rest(self.x, self._x_hat, self._t1), self._rest):
            self._before, self.t = None, self._t1
            return None
        while True:
            self._control.h = copysign(2.0 ** (floor(4 * log2(abs(self._control.h))) / 4), self._control.h)
            h = self._control.next(self.t, self._t1)
            if h is None:
                return no_step(self.t, self._rest)
            decay, first, second = self._exponentials.at(h)
            a_hat = decay * self._x_hat - first * self._rest
            a = backward(a_hat)
            x_hat = a_hat - second * (self._exponentials.rest(a, a_hat, self.t + h) - self._rest)
            x = backward(x_hat)
            length, late = self._length(x_hat - self._x_hat), self._length(x_hat - a_hat)
            lateness = 0.0 if length <= self._floor else late / (self._problem.options["relative_lateness"] * length)
            error = self._norm(a.sub_(x), self.x, x)
            if self._control.accepts(error if error >= lateness else lateness + 0 * error):  # nan if one is nan
                break
        coming = length * abs((self._t1 - self.t) / h)
        at_rest = length <= self._floor and coming <= STAYS / ROUNDING * self._floor
        self._short = self._short + 1 if at_rest else 0
        self._before, self._t_before, self._h = (self.x, self._x_hat, self._rest), self.t, h
        self.t = self._t1 if self._control.at_end else self.t + h
        self.x, self._x_hat = x, x_hat
        self._rest = self._exponentials.rest(x, x_hat, self.t)
        return None

    def at(self, t: float) -> Tensor:
        """The state at t, a fraction θ into the last step: e^(−θhL) x − θhφ₁ r(x) − θ²hφ₂ (r(x') − r(x)), with φ(−θhL).

        The order is 2 for every θ in [0, 1].
        """
        if self._before is None:  # at rest
            return self.x
        part = t - self._t_before
        x, x_hat, rest = self._before
        decay, first, second = phi(self._exponentials.linear * -part)
        inside = decay * x_hat - part * first * rest - part * (part / self._h) * second * (self._rest - rest)
        return self._stiff.transform.backward(inside)


ETDRK2 = Method(
    name="etdrk2",
    label="ETDRK2",
    family="stiff",
    formula=r"a = e^{-hL}x - h\varphi_1(-hL)\,r(x),\quad x' = a - h\varphi_2(-hL)\,(r(a) - r(x))",
    paper="Cox & Matthews, J. Comput. Phys. 176 (2002) 430, eq. 22; S: Du, Ju, Li & Qiao, SIAM Rev. 63 (2021) 317",
    order=Order(deterministic=2),
    init=etdrk2_init,
    step=etdrk2_step,
    evaluations=2,
    needs=frozenset({"gradient", "stiff"}),
    supports=frozenset({"mobility"}),
    options={"stabilizer": STABILIZER},
)

ETDRK2_ADAPTIVE = Method(
    name="etdrk2_adaptive",
    label="ETDRK2, adaptive",
    family="stiff",
    formula=r"\mathrm{err} = \|h\varphi_2(-hL)\,(r(a) - r(x))\|",
    paper="Cox & Matthews, J. Comput. Phys. 176 (2002) 430; step control as Hairer & Wanner, Solving ODEs II, §IV.2",
    order=Order(deterministic=2),
    adaptive=AdaptiveExponential,
    evaluations=None,
    needs=frozenset({"gradient", "stiff"}),
    supports=frozenset({"mobility"}),
    options={
        "stabilizer": STABILIZER,
        "relative_lateness": Option(0.1, 1e-6, 1e3, "error of a step in parts of its length"),
    },
)

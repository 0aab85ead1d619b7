"""Explicit one-step methods for dx = −M∇E dt + √(2TM) dW: Euler, Heun, Leimkuhler–Matthews."""

from __future__ import annotations

from math import sqrt

from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recurrence import Recurrence


def euler_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − h∇E + √(2hT) R"""
    (x,) = state
    gradient = problem.gradient(x, t)
    if not problem.noisy:
        return (problem.move(x, t, h, gradient),)
    return (problem.move(x, t, h, gradient, problem.normal(), sqrt(2 * abs(h) * problem.temperature(t))),)


def euler_recurrence(options) -> Recurrence:
    return Recurrence()


def heun_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """y = x − h∇E(x) + s R,  x' = x − h (∇E(x) + ∇E(y))/2 + s R,  s² = h (T(t) + T(t + h)), with the same R in both

    A mobility that depends on time is evaluated at t and t + h, and at t + h/2 for the noise; the order remains 2.
    """
    (x,) = state
    noise, scale = None, 0.0
    if problem.noisy:
        noise = problem.apply_mobility_root(problem.normal(), t + h / 2)
        scale = sqrt(abs(h) * (problem.temperature(t) + problem.temperature(t + h)))
    first = problem.preconditioned_gradient(x, t)
    predicted = problem.move_by(x.clone(), h, first, noise, scale)
    second = problem.preconditioned_gradient(predicted, t + h)
    return (problem.move_by(x, h, (first + second) / 2, noise, scale),)


def leimkuhler_matthews_init(problem: Problem, x, t: float) -> tuple:
    problem.noise.refill(1, 0)
    return x, problem.normal().clone()


def leimkuhler_matthews_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − h∇E + √(hT/2) (Rₙ + Rₙ₊₁)"""
    x, last = state
    fresh = problem.normal()
    gradient = problem.gradient(x, t)
    both = last.add_(fresh)
    x = problem.move(x, t, h, gradient, both, sqrt(abs(h) * problem.temperature(t) / 2))
    return x, last.copy_(fresh)


def two_over_curvature(curvature: float, flow, options) -> float:
    return 2 / curvature


EULER = Method(
    name="euler",
    label="Euler–Maruyama",
    family="explicit",
    formula=r"x' = x - h M\nabla E + \sqrt{2 h T M}\,R",
    paper="Maruyama, Rend. Circ. Mat. Palermo 4 (1955) 48",
    order=Order(deterministic=1, strong=1, weak=1, stationary=1),
    step=euler_step,
    holds_values=False,
    stochastic="may",
    normals=1,
    limit=two_over_curvature,
    limit_formula="2/L",
    recurrence=euler_recurrence,
)

HEUN = Method(
    name="heun",
    label="Stochastic Heun",
    family="explicit",
    formula=r"x' = x - \tfrac h2 M(\nabla E(x) + \nabla E(y)) + \sqrt{2 h T M}\,R",
    paper="Heun, Z. Math. Phys. 45 (1900) 23; Rößler, SIAM J. Numer. Anal. 48 (2010) 922",
    order=Order(deterministic=2, strong=1, weak=2, stationary=2),
    step=heun_step,
    evaluations=2,
    stochastic="may",
    normals=1,
    limit=two_over_curvature,
    limit_formula="2/L",
)

LEIMKUHLER_MATTHEWS = Method(
    name="leimkuhler_matthews",
    label="Leimkuhler–Matthews",
    family="sampler",
    formula=r"x' = x - h M\nabla E + \sqrt{h T M/2}\,(R_n + R_{n+1})",
    paper="Leimkuhler & Matthews, Appl. Math. Res. eXpress 2013, 34; & Tretyakov, Proc. R. Soc. A 470 (2014) 20140120",
    order=Order(deterministic=1, strong=None, weak=1, stationary=2),
    step=leimkuhler_matthews_step,
    init=leimkuhler_matthews_init,
    holds_values=False,
    stochastic="must",
    normals=1,
    limit=two_over_curvature,
    limit_formula="2/L",
)

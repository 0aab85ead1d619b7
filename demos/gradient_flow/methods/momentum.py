"""Optimizers with momentum or averages, T = 0: heavy ball, Nesterov, Adam, RMSProp; h is the learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recurrence import Recurrence

MOMENTUM = {"momentum": Option(0.9, 0.0, 0.9999, "momentum β")}


def heavy_ball_init(problem: Problem, x: Tensor, t: float) -> tuple:
    return x, x.clone()


def heavy_ball_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − h M∇E(x) + β (x − x₋)"""
    x, before = state
    gradient = problem.preconditioned_gradient(x, t)
    following = torch.add(x, x - before, alpha=problem.options["momentum"]).add_(gradient, alpha=-h)
    return problem.retracted(following), x


def heavy_ball_recurrence(options: Mapping[str, float]) -> Recurrence:
    return Recurrence(push=options["momentum"])


def nesterov_recurrence(options: Mapping[str, float]) -> Recurrence:
    return Recurrence(ahead=options["momentum"], push=options["momentum"])


def nesterov_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """y = x + β (x − x₋),  x' = y − h M∇E(y)"""
    x, before = state
    y = torch.add(x, x - before, alpha=problem.options["momentum"])
    following = torch.add(y, problem.preconditioned_gradient(y, t), alpha=-h)
    return problem.retracted(following), x


def adam_init(problem: Problem, x: Tensor, t: float) -> tuple:
    return x, torch.zeros_like(x), torch.zeros_like(x), 0


def adam_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  x' = x − h m̂/(√v̂ + ε), with m̂, v̂ corrected for their zero
    start"""
    x, m, v, k = state
    k += 1
    beta1, beta2, epsilon = (problem.options[name] for name in ("beta1", "beta2", "epsilon"))
    gradient = problem.gradient(x, t)
    m.lerp_(gradient, 1 - beta1)
    v.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    scale = (v.sqrt() / sqrt(1 - beta2**k)).add_(epsilon)
    return problem.retracted(x.addcdiv_(m, scale, value=-h / (1 - beta1**k))), m, v, k


def adam_recurrence(options: Mapping[str, float]) -> Recurrence:
    beta1, beta2 = options["beta1"], options["beta2"]
    return Recurrence(
        keep=beta1, take=1 - beta1, hold=beta2, add=1 - beta2, epsilon=options["epsilon"],
        decay=options.get("weight_decay", 0.0), unbiased=True,
    )  # fmt: skip


def rmsprop_recurrence(options: Mapping[str, float]) -> Recurrence:
    return Recurrence(hold=options["alpha"], add=1 - options["alpha"], epsilon=options["epsilon"])


def rmsprop_init(problem: Problem, x: Tensor, t: float) -> tuple:
    return x, torch.zeros_like(x)


def rmsprop_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """v ← αv + (1 − α)g²,  x' = x − h g/(√v + ε)"""
    x, v = state
    gradient, alpha = problem.gradient(x, t), problem.options["alpha"]
    v.mul_(alpha).addcmul_(gradient, gradient, value=1 - alpha)
    return problem.retracted(x.addcdiv_(gradient, v.sqrt().add_(problem.options["epsilon"]), value=-h)), v


def _heavy_ball_limit(curvature: float, flow, options) -> float:
    return 2 * (1 + options["momentum"]) / curvature


HEAVY_BALL = Method(
    name="heavy_ball",
    label="Heavy ball",
    family="optimizer",
    formula=r"x' = x - h M\nabla E(x) + \beta (x - x_-)",
    paper="Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1",
    order=Order(),
    backward="never",
    holds_values=False,
    init=heavy_ball_init,
    step=heavy_ball_step,
    options=MOMENTUM,
    limit=_heavy_ball_limit,
    limit_formula="2(1+β)/L",
    recurrence=heavy_ball_recurrence,
)


def _nesterov_limit(curvature: float, flow, options) -> float:
    return 2 * (1 + options["momentum"]) / (curvature * (1 + 2 * options["momentum"]))


NESTEROV = Method(
    name="nesterov",
    label="Nesterov",
    family="optimizer",
    formula=r"y = x + \beta (x - x_-),\quad x' = y - h M\nabla E(y)",
    paper="Nesterov, Soviet Math. Dokl. 27 (1983) 372",
    order=Order(),
    backward="never",
    holds_values=False,
    init=heavy_ball_init,
    step=nesterov_step,
    options=MOMENTUM,
    limit=_nesterov_limit,
    limit_formula="2(1+β)/(L(1+2β))",
    recurrence=nesterov_recurrence,
)

ADAM = Method(
    name="adam",
    label="Adam",
    family="optimizer",
    formula=r"x' = x - h\,\hat m/(\sqrt{\hat v} + \varepsilon)",
    paper="Kingma & Ba, ICLR 2015, arXiv:1412.6980",
    order=Order(),
    backward="never",
    holds_values=False,
    init=adam_init,
    step=adam_step,
    recurrence=adam_recurrence,
    supports=frozenset({"project"}),
    options={
        "beta1": Option(0.9, 0.0, 0.9999, "decay β₁"),
        "beta2": Option(0.999, 0.0, 0.999999, "decay β₂"),
        "epsilon": Option(1e-8, 1e-16, 1.0, "floor ε"),
    },
)

RMSPROP = Method(
    name="rmsprop",
    label="RMSProp",
    family="optimizer",
    formula=r"x' = x - h\,g/(\sqrt{v} + \varepsilon)",
    paper="Tieleman & Hinton, Coursera Neural Networks for Machine Learning, lecture 6.5 (2012)",
    order=Order(),
    backward="never",
    holds_values=False,
    init=rmsprop_init,
    step=rmsprop_step,
    recurrence=rmsprop_recurrence,
    supports=frozenset({"project"}),
    options={"alpha": Option(0.99, 0.0, 0.9999, "decay α"), "epsilon": Option(1e-8, 1e-16, 1.0, "floor ε")},
)

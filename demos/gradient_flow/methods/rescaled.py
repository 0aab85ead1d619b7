"""Optimizers that rescale the gradient, T = 0: AdaGrad, AdamW, Lion, normalized descent; h is the learning rate."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.methods.momentum import ADAM, adam_init, adam_recurrence, adam_step, rmsprop_init
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.recurrence import Recurrence

BETA1 = Option(0.9, 0.0, 0.9999, "decay β₁")
DECAY = "weight decay λ"


def adagrad_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """s ← s + g²,  x' = x − h g/(√s + ε)"""
    x, total = state
    gradient = problem.gradient(x, t)
    total.addcmul_(gradient, gradient)
    scale = total.sqrt().add_(problem.options["epsilon"])
    return problem.retracted(x.addcdiv_(gradient, scale, value=-h)), total


def adagrad_recurrence(options: Mapping[str, float]) -> Recurrence:
    return Recurrence(add=1.0, epsilon=options["epsilon"])


def adamw_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x ← (1 − hλ) x, then Adam's step with the gradient at the old x"""
    x, m, v, k = state
    shrink = h * problem.options["weight_decay"]
    if not shrink:
        return adam_step(problem, state, t, h)
    before = x.clone()
    moved, m, v, k = adam_step(problem, (x, m, v, k), t, h)
    return problem.retracted(moved.add_(before, alpha=-shrink)), m, v, k


def lion_init(problem: Problem, x: Tensor, t: float) -> tuple:
    return x, torch.zeros_like(x)


def lion_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − h (sign(β₁m + (1 − β₁)g) + λx),  m ← β₂m + (1 − β₂)g"""
    x, m = state
    gradient, options = problem.gradient(x, t), problem.options
    direction = torch.lerp(m, gradient, 1 - options["beta1"]).sign_()
    if options["weight_decay"]:
        direction.add_(x, alpha=options["weight_decay"])
    m.lerp_(gradient, 1 - options["beta2"])
    return problem.retracted(x.add_(direction, alpha=-h)), m


def normalized_descent_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − h ∇E/|∇E|: every step has length h; a replica with gradient 0 does not move"""
    (x,) = state
    gradient = problem.gradient(x, t)
    size = torch.linalg.vector_norm(gradient.reshape(len(x), -1), dim=1)
    size = torch.where(size > 0, size, 1.0).reshape(-1, *[1] * (x.ndim - 1))
    return (problem.retracted(x.addcdiv_(gradient, size, value=-h)),)


ADAGRAD = Method(
    name="adagrad",
    label="AdaGrad",
    family="optimizer",
    formula=r"s \leftarrow s + g^2,\quad x' = x - h\,g/(\sqrt{s} + \varepsilon)",
    paper="Duchi, Hazan & Singer, J. Mach. Learn. Res. 12 (2011) 2121",
    order=Order(),
    backward="never",
    holds_values=False,
    init=rmsprop_init,
    step=adagrad_step,
    recurrence=adagrad_recurrence,
    supports=frozenset({"project"}),
    options={"epsilon": Option(1e-10, 1e-16, 1.0, "floor ε")},
)

ADAMW = Method(
    name="adamw",
    label="AdamW",
    family="optimizer",
    formula=r"x' = (1 - h\lambda)\,x - h\,\hat m/(\sqrt{\hat v} + \varepsilon)",
    paper="Loshchilov & Hutter, ICLR 2019, arXiv:1711.05101",
    order=Order(),
    backward="never",
    holds_values=False,
    init=adam_init,
    step=adamw_step,
    recurrence=adam_recurrence,
    supports=frozenset({"project"}),
    options={**ADAM.options, "weight_decay": Option(0.01, 0.0, 10.0, DECAY)},
)

LION = Method(
    name="lion",
    label="Lion",
    family="optimizer",
    formula=r"x' = x - h\,(\mathrm{sign}(\beta_1 m + (1-\beta_1) g) + \lambda x)",
    paper="Chen et al., NeurIPS 2023, arXiv:2302.06675",
    order=Order(),
    backward="never",
    holds_values=False,
    init=lion_init,
    step=lion_step,
    supports=frozenset({"project"}),
    options={
        "beta1": BETA1,
        "beta2": Option(0.99, 0.0, 0.9999, "decay β₂"),
        "weight_decay": Option(0.0, 0.0, 10.0, DECAY),
    },
)

NORMALIZED_DESCENT = Method(
    name="normalized_descent",
    label="Normalized descent",
    family="optimizer",
    formula=r"x' = x - h\,\nabla E/|\nabla E|",
    paper="Nesterov, Matekon 29 (1984) 519; Cortés, Automatica 42 (2006) 1993",
    order=Order(),
    backward="never",
    holds_values=False,
    step=normalized_descent_step,
    supports=frozenset({"project"}),
)

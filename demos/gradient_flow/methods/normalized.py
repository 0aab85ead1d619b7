"""The normalized gradient flow: a semi-implicit step with a Lagrange multiplier, then a retraction to the sphere."""

from __future__ import annotations

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem


def normalized_init(problem: Problem, x: Tensor, t: float) -> tuple:
    """The state: (x,). Raises ValueError if the constraint set is not a sphere."""
    if not torch.allclose(problem.project.retract(2 * x), x):
        raise ValueError("method = 'normalized' needs a constraint set |x| = constant, and this flow's is another.")
    problem.check_stiff(x, t)
    return (x,)


def normalized_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' ∝ x − h (L x + r(x) − μx) / (1 + h(L + SD)),  μ = ⟨x, L x + r(x)⟩/⟨x, x⟩

    With the multiplier μ, a stationary state, M∇E = μx, is a fixed point of the step for every h. Without it
    (multiplier = 0) the step moves such a state, because the denominator differs between modes, and the flow ends in a
    state that depends on h.
    """
    (x,) = state
    stiff, options = problem.stiff, problem.options
    # computed anew in each step: in a half spectrum, parts that belong to no real x would grow because of −μ
    x_hat = stiff.transform.forward(x)
    velocity = stiff.linear * x_hat + problem.stiff_rest(x, t)
    if options["multiplier"]:
        mu = stiff.transform.dot(x_hat, velocity) / stiff.transform.dot(x_hat, x_hat)
        velocity = velocity - mu.reshape(-1, *[1] * (x_hat.ndim - 1)) * x_hat
    moved = x_hat - h * velocity / (1 + h * (stiff.linear + options["stabilizer"] * stiff.damping))
    return (problem.project.retract(stiff.transform.backward(moved)),)


NORMALIZED = Method(
    name="normalized",
    label="Normalized gradient flow",
    family="stiff",
    formula=r"x' \propto x - h\,(Lx + r(x) - \mu x)\,/\,(1 + hL + hSD),\quad \mu = \langle x, Lx + r\rangle",
    paper="Bao & Du, SIAM J. Sci. Comput. 25 (2004) 1674; multiplier: Liu & Cai, SIAM J. Sci. Comput. 43 (2021) B219",
    order=Order(deterministic=1),
    init=normalized_init,
    step=normalized_step,
    backward="never",
    holds_values=False,
    needs=frozenset({"gradient", "stiff", "project"}),
    supports=frozenset({"mobility", "project"}),
    options={
        "stabilizer": Option(0.0, 0.0, 1e9, "stabilizer S"),
        "multiplier": Option(1.0, 0.0, 1.0, "1: with the multiplier term", whole=True),
    },
)

"""Stabilized semi-implicit Euler: the stiff linear part implicitly, the rest explicitly."""

from __future__ import annotations

from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem


def semi_implicit_init(problem: Problem, x: Tensor, t: float) -> tuple:
    """The state: (x, its transform)."""
    problem.check_stiff(x, t)
    return x, problem.stiff.transform.forward(x)


def semi_implicit_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """(1 + hL + hSD) x' = x + hSD x − h r(x):  x' = x − h (L x + r(x)) / (1 + h(L + SD))

    If S is at least half the largest curvature of the nonlinear part, the energy falls for every h (Eyre's convex
    splitting). A larger S slows the motion down.
    """
    x, x_hat = state
    stiff, stabilizer = problem.stiff, problem.options["stabilizer"]
    velocity = stiff.linear * x_hat + problem.stiff_rest(x, t)
    x_hat = x_hat - h * velocity / (1 + h * (stiff.linear + stabilizer * stiff.damping))
    return stiff.transform.backward(x_hat), x_hat


SEMI_IMPLICIT = Method(
    name="semi_implicit",
    label="Semi-implicit (stabilized)",
    family="stiff",
    formula=r"(1 + hL + hS D)\,x' = x + hS D\,x - h\,r(x)",
    paper="Eyre, MRS Proc. 529 (1998) 39; Chen & Shen, Comput. Phys. Commun. 108 (1998) 147; "
    "Shen & Yang, Discrete Contin. Dyn. Syst. 28 (2010) 1669",
    order=Order(deterministic=1),
    init=semi_implicit_init,
    step=semi_implicit_step,
    backward="never",
    holds_values=False,
    needs=frozenset({"gradient", "stiff"}),
    supports=frozenset({"mobility"}),
    options={"stabilizer": Option(0.0, 0.0, 1e6, "stabilizer S")},
)

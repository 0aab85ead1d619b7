"""Damped Newton: Euler's method for Newton's flow dx = −(∇²E)⁻¹∇E dt, T = 0."""

from __future__ import annotations

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.methods.dense import check_small
from demos.gradient_flow.problem import Problem

SINGULAR = 1e-12  # relative to the largest: smaller eigenvalues count as 0, without a move along their vectors


def newton_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − h (∇²E)⁻¹∇E, with the pseudo-inverse of a singular Hessian.

    Along the flow the gradient decays as e⁻ᵗ for any curvature, towards saddles and maxima as well as minima.
    """
    (x,) = state
    gradient, hessian = problem.gradient(x, t), problem.hessian(x, t)
    return (x.add_(newton_direction(gradient, hessian).reshape(x.shape), alpha=-h),)


def newton_direction(gradient: Tensor, hessian: Tensor) -> Tensor:
    """(∇²E)⁻¹∇E (N, D) from a gradient (N, …) and Hessians (N, D, D); nan for a replica whose
    gradient or Hessian is not finite."""
    flat = gradient.reshape(len(gradient), -1)
    direction, info = torch.linalg.solve_ex(hessian, flat[..., None])
    direction = direction[..., 0]
    bad = (info != 0) | ~torch.isfinite(direction).all(1)
    if bad.any():
        finite = torch.isfinite(hessian).flatten(1).all(1) & torch.isfinite(flat).all(1)
        direction[bad & ~finite] = torch.nan
        again = bad & finite
        if again.any():
            size = hessian[again].abs().amax((1, 2), keepdim=True).clamp_min(torch.finfo(gradient.dtype).tiny)
            inverse = torch.linalg.pinv(hessian[again] / size, rtol=SINGULAR, hermitian=True)
            direction[again] = (inverse @ (flat[again][..., None] / size))[..., 0]
    return direction


def newton_init(problem: Problem, x: Tensor, t: float) -> tuple:
    check_small("newton", x, "its Hessian is dense")
    return (x,)


NEWTON = Method(
    name="newton",
    label="Newton flow",
    family="optimizer",
    formula=r"x' = x - h\,(\nabla^2 E)^{-1}\nabla E",
    paper="Branin, IBM J. Res. Dev. 16 (1972) 504; Smale, J. Math. Econ. 3 (1976) 107",
    order=Order(),
    backward="never",
    init=newton_init,
    step=newton_step,
    needs=frozenset({"gradient", "hessian"}),
    supports=frozenset(),
)

"""L-BFGS with bounded steps and a Newton finish: one gradient a step, no line search, all replicas independent.

A line search that compares energies stalls at gradients of 1e-6, where differences of energies are rounding errors;
here only gradients are compared. The inverse Hessian is stored in compact form, H = γI + [S γY] (…) [S γY]ᵀ (Byrd,
Nocedal & Schnabel, Math. Programming 63 (1994) 129, eq. 3.1), so that a step is a few products for all replicas at
once instead of a recursion over the pairs.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.derivatives import NoGraphError
from demos.gradient_flow.flow import CurvedProjection
from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.methods.dense import is_small
from demos.gradient_flow.problem import Problem

TINY = 1e-36  # smallest denominator; its inverse does not overflow in single precision
MOST_NUMBERS = 2**20  # the most numbers in the Hessians that are computed at a time
FIRST_MOVE = 0.1  # length of the first step, relative to the longest allowed

# The same code runs on torch tensors on any device, and on NumPy views of them on the CPU, where an operation takes a
# third of the time: with 114 coordinates, the overhead of operations is the whole cost.
TORCH = SimpleNamespace(
    where=torch.where,
    concatenate=torch.concatenate,
    largest=lambda a: a.abs().amax(1, keepdim=True),
    at_least=torch.clamp_min,
    nonzero=lambda a: int(torch.count_nonzero(a)),
    tensor=lambda a: a,
    view=lambda a: a,
)
NUMPY = SimpleNamespace(
    where=np.where,
    concatenate=np.concatenate,
    largest=lambda a: np.maximum.reduce(np.abs(a), 1, keepdims=True),
    at_least=np.maximum,
    nonzero=np.count_nonzero,
    tensor=torch.from_numpy,
    view=Tensor.numpy,
)

Memory = list[Any]
"""For B replicas and m pairs: rows s and y (B, 2m, D); R⁻¹ (B, m, m) with R the upper triangle, in order of age, of
sᵢ·yⱼ; yᵢ·yⱼ (B, m, m); sᵢ·yᵢ (B, m, 1); γ (B, 1, 1), zero until the first pair. An unused slot has zeros in R⁻¹."""


def empty_memory(x: Tensor, pairs: int) -> Memory:
    """The memory for replicas x (B, D) and so many pairs, still without any pair."""
    replicas, size = x.shape
    shapes = ((2 * pairs, size), (pairs, pairs), (pairs, pairs), (pairs, 1), (1, 1))
    if x.device.type == "cpu":
        return [np.zeros((replicas, *shape), x.numpy().dtype) for shape in shapes]
    return [x.new_zeros(replicas, *shape) for shape in shapes]


def updated_direction(xp: Any, memory: Memory, slot: int, s: Any, y: Any, gradient: Any) -> Any:
    """Store the pair (s, y) in a slot, in place of the old one, and return H∇E; s, y and the result are (B, D).

    xp: NUMPY or TORCH. A pair with s·y ≤ 0 (no positive curvature) is not used, so that H stays positive.
    """
    rows, inverse, inner, diagonal, scale = memory
    m = diagonal.shape[1]
    rows[:, slot], rows[:, m + slot] = s, y
    of_y, of_gradient = rows @ y[..., None], rows @ gradient[..., None]
    sy, yy = of_y[:, :m], of_y[:, m:]
    curvature, square = sy[:, slot], yy[:, slot]  # (B, 1)
    good = curvature > 1e-12 * square + TINY
    if xp.nonzero(good) == len(good):
        weight, scale[:, 0] = 1 / curvature, curvature / square
    else:  # without positive curvature, γ = |s|/|y| sets the length of a step; at rest γ is not changed
        weight, still = good / xp.where(good, curvature, 1.0), square == 0
        ratio = xp.where(good, curvature, (s * s).sum(1)[:, None] ** 0.5 * square**0.5) / xp.where(still, 1.0, square)
        scale[:, 0] = xp.where(still, scale[:, 0], ratio)
    # R⁻¹ loses the row and column of the old pair and gains the column (−R⁻¹Sᵀy, 1)/s·y: no triangular system is solved
    inverse[:, slot], inverse[:, :, slot] = 0.0, 0.0
    column = (inverse @ sy)[..., 0]
    column *= -weight
    column[:, slot] = weight[:, 0]
    inverse[:, :, slot] = column
    row = yy[..., 0]
    inner[:, slot], inner[:, :, slot], diagonal[:, slot] = row, row, curvature
    a = inverse @ of_gradient[:, :m]
    b = inner @ a
    b -= of_gradient[:, m:]
    b *= scale
    b += diagonal * a
    b = inverse.mT @ b
    a *= -scale
    result = (xp.concatenate((b, a), 1).mT @ rows)[:, 0]
    result += scale[:, 0] * gradient
    return result


def capped(xp: Any, step: Any, longest: float) -> Any:
    """The step (B, D), scaled in place so that no component is longer than `longest`."""
    step *= longest / xp.at_least(xp.largest(step), longest)
    return step


def first_move(xp: Any, gradient: Any, longest: float) -> Any:
    """A step along −∇E whose largest component is a tenth of `longest`."""
    return gradient * (-FIRST_MOVE * longest / xp.at_least(xp.largest(gradient), TINY))


def lbfgs_init(problem: Problem, x: Tensor, t: float) -> tuple:
    """The state: (x, ∇E, both again as rows (B, D), the largest force of each replica (B, 1), the next step (B, D), the
    force below which Newton is tried (B, 1) or None, the number of steps, *memory)."""
    gradient = problem.gradient(x, t)
    xp = NUMPY if x.device.type == "cpu" else TORCH
    rows, forces = xp.view(x.reshape(len(x), -1)), xp.view(gradient.reshape(len(x), -1))
    below = xp.view(x.new_full((len(x), 1), problem.options["newton"])) if _has_newton(problem, x) else None
    memory = empty_memory(x.reshape(len(x), -1), int(problem.options["pairs"]))
    return x, gradient, rows, forces, xp.largest(forces), 0 * rows, below, 0, *memory


def lbfgs_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − H∇E(x), no component longer than h; below a small gradient x' = x − (∇²E + σI)⁻¹∇E, σ = max|∇E|/h"""
    x, gradient, rows, forces, size, move, below, count, *memory = state
    xp = NUMPY if isinstance(forces, np.ndarray) else TORCH
    longest, project, shape = problem.options["longest"] or abs(h), problem.flow.project, forces.shape
    if xp.nonzero(memory[4]) < shape[0]:  # γ = 0: no pair yet
        move = xp.where(memory[4][:, 0] == 0, first_move(xp, forces, longest), move)
    tried, newton = False, None if below is None else size < below
    if newton is not None and newton.any():
        newton &= size > problem.tolerance
        if tried := bool(newton.any()):
            _newton_moves(problem, x, gradient, t, longest, newton, move, below)
    move = capped(xp, move, longest)
    if problem.tolerance > 0 and shape[0] > 1:
        move *= ~(size <= problem.tolerance)  # a converged replica does not move while the others go on
    if project is None:
        rows_new = rows + move
        x_new = xp.tensor(rows_new.reshape(x.shape))
    else:
        x_new = project.retract(x + project.tangent(x, xp.tensor(move.reshape(x.shape))))
        rows_new = xp.view(x_new).reshape(shape)
    gradient_new = problem.gradient(x_new, t + h)
    forces_new = xp.view(gradient_new).reshape(shape)
    size_new = size if below is None and problem.tolerance == 0 else xp.largest(forces_new)  # not used then
    if tried:  # a Newton step must halve the largest force; if not, quasi-Newton steps continue
        worse = newton & ~(size_new <= size / 2)
        if worse.any():
            back = worse[:, 0]
            rows_new[back], forces_new[back], size_new[back] = rows[back], forces[back], size[back]
            x_new, gradient_new = (xp.tensor(part.reshape(x.shape)) for part in (rows_new, forces_new))
            below[worse] = size[worse] / 10  # pyright: ignore[reportOptionalSubscript]  # not None, because tried
    with np.errstate(all="ignore"):  # numbers of a diverged replica do not affect the others
        slot = count % memory[3].shape[1]
        move = updated_direction(xp, memory, slot, rows_new - rows, forces_new - forces, forces_new)
        move *= -1.0
    return (x_new, gradient_new, rows_new, forces_new, size_new, move, below, count + 1, *memory)


def _newton_moves(
    problem: Problem, x: Tensor, gradient: Tensor, t: float, longest: float, newton: Any, move: Any, below: Any
) -> None:
    """Write −(∇²E + σI)⁻¹∇E into the moves of the replicas selected by `newton`, (B, 1) booleans. If ∇²E + σI is not
    positive definite, the move is not changed, and Newton is not tried again before the gradient is ten times
    smaller."""
    newton, move, below = map(torch.as_tensor, (newton, move, below))  # views
    for rows in torch.nonzero(newton[:, 0]).flatten().split(max(1, MOST_NUMBERS // move.shape[1] ** 2)):
        forces = gradient[rows].reshape(len(rows), -1)
        size = forces.abs().amax(1)
        exact, fine = shifted_newton_direction(problem, x[rows], forces, t, size / longest, len(x))
        move[rows[fine]] = exact[fine]
        below[rows[~fine], 0] = size[~fine] / 10
        newton[rows[~fine], 0] = False


def shifted_newton_direction(
    problem: Problem, x: Tensor, gradient: Tensor, t: float, shift: Tensor, replicas: int
) -> tuple[Tensor, Tensor]:
    """−(∇²E + σI)⁻¹∇E (B, D) of B of the replicas, and whether ∇²E + σI is positive definite (B,).

    The shift σ (B,) makes the matrix invertible along directions in which the energy is flat (rotations). It vanishes
    with the gradient, so that convergence is still quadratic.
    """
    try:
        hessian = problem.of_some("hessian", x, t, replicas)
    except NoGraphError:  # the energy has no autograd graph, although a gradient was given: no Newton
        return torch.zeros_like(gradient), torch.zeros(len(x), dtype=torch.bool, device=x.device)
    project = problem.flow.project
    if project is not None:
        problem.evaluations += 1
        hessian = cast(CurvedProjection, project).hessian(x, problem.flow.gradient(x, t), hessian)
    factor, info = torch.linalg.cholesky_ex(hessian + torch.diag_embed(shift[:, None].expand_as(gradient)))
    direction = -torch.cholesky_solve(gradient[..., None], factor)[..., 0]
    return direction, (info == 0) & torch.isfinite(direction).all(1)


def _has_newton(problem: Problem, x: Tensor) -> bool:
    project = problem.flow.project
    return (
        problem.options["newton"] > 0
        and problem.flow.hessian is not None
        and is_small(x)
        and (project is None or hasattr(project, "hessian"))
    )


LBFGS = Method(
    name="lbfgs",
    label="L-BFGS, Newton finish",
    family="optimizer",
    formula=r"x' = x - H\nabla E,\ \|x'-x\|_\infty\le h;\quad \text{at last}\ x' = x-(\nabla^2E+\sigma I)^{-1}\nabla E",
    paper="Liu & Nocedal, Math. Programming 45 (1989) 503; Wales, GMIN (capped steps, no line search)",
    order=Order(),
    backward="never",
    init=lbfgs_init,
    step=lbfgs_step,
    supports=frozenset({"project"}),
    gradient_index=1,
    options={
        "pairs": Option(10, 1, 100, "remembered pairs"),
        "longest": Option(None, 1e-12, 1e12, "longest move of a coordinate in one step, h if not given"),
        "newton": Option(1e-3, 0.0, 1e6, "largest force below which Newton's method takes over"),
    },
)

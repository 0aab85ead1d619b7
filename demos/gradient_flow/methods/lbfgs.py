"""L-BFGS with capped steps and a Newton finish: one gradient a step, no line search, every replica on its own.

A line search that compares energies cannot see below the energy's own rounding and stalls at gradients of 1e-6; here
nothing but gradients is compared. The inverse Hessian is kept in compact form, H = γI + [S γY] (…) [S γY]ᵀ (Byrd,
Nocedal & Schnabel, Math. Programming 63 (1994) 129, eq. 3.1), so that a step is a few products for all replicas at
once instead of a recursion over the pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem

MOST_COORDINATES = 512  # of one replica, for the dense Hessian of the Newton finish
TINY = 1e-36  # its inverse is a number in single precision, too
MOST_NUMBERS = 2**20  # in the Hessians that are in memory at a time
FIRST_MOVE = 0.1  # of the longest allowed: nothing is known of the curvature yet

# The same few lines run on torch's tensors anywhere and on numpy's views of them on a CPU, where an operation costs a
# third: for 114 coordinates that is the whole cost.
TORCH = SimpleNamespace(
    where=torch.where, concatenate=torch.concatenate, largest=lambda a: a.abs().amax(1, keepdim=True))
NUMPY = SimpleNamespace(
    where=np.where, concatenate=np.concatenate, largest=lambda a: np.abs(a).max(1, keepdims=True))

Memory = list[Any]
"""For B replicas and m pairs: rows s and y (B, 2m, D); R⁻¹ (B, m, m) with R the upper triangle, in order of age, of
sᵢ·yⱼ; yᵢ·yⱼ (B, m, m); sᵢ·yᵢ (B, m, 1); γ (B, 1, 1), zero while nothing is known. An unused slot has zeros in R⁻¹."""


def arrays_of(x: Tensor) -> tuple[Any, Callable[[Tensor], Any]]:
    """The operations and the view of a tensor that suit its device."""
    return (NUMPY, Tensor.numpy) if x.device.type == "cpu" else (TORCH, lambda a: a)


def empty_memory(x: Tensor, pairs: int) -> Memory:
    """x (B, D)"""
    replicas, size = x.shape
    shapes = ((2 * pairs, size), (pairs, pairs), (pairs, pairs), (pairs, 1), (1, 1))
    return [arrays_of(x)[1](x.new_zeros(replicas, *shape)) for shape in shapes]


def learn(xp: Any, memory: Memory, slot: int, s: Any, y: Any, gradient: Any) -> Any:
    """Put the pair (s, y) into a slot, in place of what was there, and return H∇E; all (B, D).

    A pair without positive curvature, s·y ≤ 0, is left out, so that H stays positive.
    """
    rows, inverse, inner, diagonal, scale = memory
    m = diagonal.shape[1]
    rows[:, slot], rows[:, m + slot] = s, y
    of_y, of_gradient = rows @ y[..., None], rows @ gradient[..., None]
    sy, yy = of_y[:, :m], of_y[:, m:]
    curvature, square = sy[:, slot], yy[:, slot]  # (B, 1)
    good = curvature > 1e-12 * square + TINY
    weight = good / xp.where(good, curvature, 1.0)
    # R⁻¹ loses the row and column of the old pair and gains the column (−R⁻¹Sᵀy, 1)/s·y: no triangle is ever solved
    inverse[:, slot], inverse[:, :, slot] = 0.0, 0.0
    column = (inverse @ sy)[..., 0]
    column *= -weight
    column[:, slot] = weight[:, 0]
    inverse[:, :, slot] = column
    inner[:, slot], inner[:, :, slot], diagonal[:, slot] = yy[..., 0], yy[..., 0], curvature
    scale[:, 0] = xp.where(good, curvature / xp.where(good, square, 1.0), scale[:, 0])
    if not good.all():  # the energy curves down: |s|/|y| still tells the length of a step
        still = square == 0
        length = ((s * s).sum(1)[:, None] / xp.where(still, 1.0, square)) ** 0.5
        scale[:, 0] = xp.where(good | still, scale[:, 0], length)
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
    """The step (B, D), shortened where one of its components is longer than allowed."""
    longer = xp.largest(step)
    longer /= longest
    step /= longer.clip(1.0)
    return step


def first_move(xp: Any, gradient: Any, longest: float) -> Any:
    """Downhill by a tenth of the longest step."""
    return gradient * (-FIRST_MOVE * longest / xp.largest(gradient).clip(TINY))


def lbfgs_init(problem: Problem, x: Tensor, t: float) -> tuple:
    """(x, ∇E, the next step (B, D), the force below which Newton is tried (B, 1), steps, memory …)"""
    gradient = problem.gradient(x, t)
    xp, view = arrays_of(x)
    below = x.new_full((len(x), 1), problem.options["newton"] if _has_newton(problem, x) else 0.0)
    memory = empty_memory(x.reshape(len(x), -1), int(problem.options["pairs"]))
    return x, gradient, None, view(below), 0, *memory


def lbfgs_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x − H∇E(x), no component longer than h; below a small gradient x' = x − (∇²E + σI)⁻¹∇E, σ = max|∇E|/h"""
    x, gradient, move, below, count, *memory = state
    xp, view = arrays_of(x)
    flat, longest, project = view(gradient).reshape(len(x), -1), abs(h), problem.flow.project
    size = xp.largest(flat)
    if move is None:
        move = first_move(xp, flat, longest)
    newton = (size < below) & (size > problem.tolerance)
    tried = bool(newton.any())
    if tried:
        _newton_moves(problem, x, gradient, t, longest, newton, move, below)
    move = capped(xp, move, longest)
    if problem.tolerance > 0:
        move *= size > problem.tolerance  # a replica that has converged waits for the others
    whole = torch.as_tensor(move).reshape(x.shape)
    following = x + whole if project is None else project.retract(x + project.tangent(x, whole))
    slope = problem.gradient(following, t + h)
    flat_slope = view(slope).reshape(len(x), -1)
    if tried:  # Newton must at least halve the largest force; where it does not, the quasi-Newton steps go on
        worse = newton & ~(xp.largest(flat_slope) <= size / 2)
        if worse.any():
            rows = torch.as_tensor(worse)[:, 0]
            following[rows], slope[rows] = x[rows], gradient[rows]
            below[worse] = size[worse] / 10
    s, pairs = view(following).reshape(flat.shape) - view(x).reshape(flat.shape), memory[3].shape[1]
    with np.errstate(all="ignore"):  # a replica that is lost stays among its own numbers
        move = learn(xp, memory, count % pairs, s, flat_slope - flat, flat_slope)
        move *= -1.0
        if bool((memory[4] == 0).any()):
            move = xp.where(memory[4][:, 0] == 0, first_move(xp, flat_slope, longest), move)
    return (following, slope, move, below, count + 1, *memory)


def _newton_moves(problem: Problem, x: Tensor, gradient: Tensor, t: float, longest: float, newton: Any, move: Any,
                  below: Any) -> None:
    """Write −(∇²E + σI)⁻¹∇E into the moves of the replicas that `newton` (B, 1) names. Where ∇²E + σI is not positive
    definite the move stays, and Newton is not tried again before the gradient is ten times smaller."""
    newton, move, below = map(torch.as_tensor, (newton, move, below))  # views
    for rows in torch.nonzero(newton[:, 0]).flatten().split(max(1, MOST_NUMBERS // move.shape[1] ** 2)):
        slope = gradient[rows].reshape(len(rows), -1)
        size = slope.abs().amax(1)
        exact, fine = newton_direction(problem, x[rows], slope, t, size / longest)
        move[rows[fine]] = exact[fine]
        below[rows[~fine], 0] = size[~fine] / 10
        newton[rows[~fine], 0] = False


def newton_direction(problem: Problem, x: Tensor, gradient: Tensor, t: float, shift: Tensor) -> tuple[Tensor, Tensor]:
    """−(∇²E + σI)⁻¹∇E (B, D), and where ∇²E + σI was positive definite (B,). The shift σ (B,) vanishes with the
    gradient, so convergence stays quadratic; it carries the directions in which the energy is flat (rotations)."""
    hessian = problem.flow.hessian(x, t)
    if problem.flow.project is not None:
        hessian = problem.flow.project.hessian(x, problem.flow.gradient(x, t), hessian)
    factor, info = torch.linalg.cholesky_ex(hessian + torch.diag_embed(shift[:, None].expand_as(gradient)))
    direction = -torch.cholesky_solve(gradient[..., None], factor)[..., 0]
    return direction, (info == 0) & torch.isfinite(direction).all(1)


def _has_newton(problem: Problem, x: Tensor) -> bool:
    project = problem.flow.project
    return (problem.flow.hessian is not None and x[0].numel() <= MOST_COORDINATES
            and (project is None or hasattr(project, "hessian")))


LBFGS = Method(
    name="lbfgs", label="L-BFGS, Newton finish", family="optimizer",
    formula=r"x' = x - H\nabla E,\ \|x'-x\|_\infty\le h;\quad \text{at last}\ x' = x-(\nabla^2E+\sigma I)^{-1}\nabla E",
    paper="Liu & Nocedal, Math. Programming 45 (1989) 503; Wales, GMIN (capped steps, no line search)",
    order=Order(), init=lbfgs_init, step=lbfgs_step, supports=frozenset({"project"}), slope=1,
    options={"pairs": Option(10, 1, 100, "remembered pairs"),
             "newton": Option(1e-3, 0.0, 1e6, "largest force below which Newton's method takes over")})

"""Implicit Euler as a minimizing-movement scheme: each step is a minimization, so that the energy cannot rise."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.methods.dense import check_small
from demos.gradient_flow.mobility import Diagonal
from demos.gradient_flow.problem import Problem

MOST_ITERATIONS = 60
MOST_HALVINGS = 40
EQUAL_ENERGIES = 1e4  # × eps: energies that differ by less count as equal, because of cancellation
REDUCTION = 0.5  # where energies count as equal, a step must reduce the gradient by this factor
NEGLIGIBLE = 1e-12  # lower bound for curvatures, relative to the largest of a replica


def implicit_euler_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = argmin_y E(y, t + h) + |y − z|²_{M⁻¹}/(2h),  z = x + √(2hT M) R

    Damped Newton iterations for each replica, with the absolute eigenvalues of the curvature M⁻¹/h + ∇²E: every
    iteration goes downhill, so that the minimum found is the one downhill from z. For h < 0 it is the step for −E.
    """
    (x,) = state
    z = x
    if problem.noisy:
        z = x + sqrt(2 * abs(h) * problem.temperature(t)) * problem.apply_mobility_root(problem.normal(), t)
    metric, sign = 1 / abs(h) / _diagonal(problem, x, t), 1 if h > 0 else -1
    y, active = z.clone(), torch.ones(len(x), dtype=torch.bool, device=x.device)
    floor = 4 * torch.finfo(x.dtype).eps

    def objective(points: Tensor, rows: Tensor) -> Tensor:
        moved = (metric[rows] * (points - z[rows]).square()).flatten(1).sum(1)
        return sign * problem.of_some("energy", points, t + h, len(x)) + 0.5 * moved

    def objective_gradient(points: Tensor, rows: Tensor) -> Tensor:
        return sign * problem.of_some("gradient", points, t + h, len(x)) + metric[rows] * (points - z[rows])

    for _ in range(MOST_ITERATIONS):
        rows = torch.nonzero(active).flatten()
        here = y[rows]
        gradient = objective_gradient(here, rows)
        curvature = sign * problem.of_some("hessian", here, t + h, len(x)) + torch.diag_embed(metric[rows].flatten(1))
        fine = torch.isfinite(gradient).flatten(1).all(1) & torch.isfinite(curvature).flatten(1).all(1)
        if not fine.all():  # pass the non-finite values on: the loop counts such replicas as diverged
            active[rows[~fine]], y[rows[~fine]] = False, torch.nan
            rows, here, gradient, curvature = rows[fine], here[fine], gradient[fine], curvature[fine]
            if not len(rows):
                break
        flat = gradient.flatten(1)
        step = _newton_steps(curvature, flat)
        moved, undecided = _line_search(objective, here, step.reshape(here.shape), (step * flat).sum(1), rows)
        if len(undecided):
            further = here[undecided] + step[undecided].reshape(here[undecided].shape)
            before, after = flat[undecided], objective_gradient(further, rows[undecided]).flatten(1)
            nearer = after.abs().amax(1) < REDUCTION * before.abs().amax(1)
            moved[undecided[nearer]] = further[nearer]
        y[rows] = moved
        scale = 1 + here.flatten(1).abs().amax(1)
        moving = (step.abs().amax(1) > max(floor, 1e-2 * problem.rtol) * scale) & (moved != here).flatten(1).any(1)
        active[rows] = moving
        if not active.any():
            break
    return (y,)


def _newton_steps(curvature: Tensor, gradient: Tensor) -> Tensor:
    """−|A|⁻¹ g (N, D) for curvatures A (N, D, D), where |A| has the absolute eigenvalues of A. For D = 2 in closed
    form, which is ten times faster than a decomposition."""
    if gradient.shape[1] != 2:
        values, vectors = torch.linalg.eigh(curvature)
        values = values.abs()
        values = values.maximum(NEGLIGIBLE * values.amax(1, keepdim=True))
        return -(vectors @ ((vectors.mT @ gradient[..., None]) / values[..., None]))[..., 0]
    a, b, c = curvature[:, 0, 0], curvature[:, 0, 1], curvature[:, 1, 1]
    middle, half = (a + c) / 2, (a - c) / 2
    radius = torch.hypot(half, b)
    larger, smaller = (middle + radius).abs(), (middle - radius).abs()
    least = NEGLIGIBLE * torch.maximum(larger, smaller)
    one, other = 1 / torch.maximum(larger, least), 1 / torch.maximum(smaller, least)
    mean = (one + other) / 2
    factor = torch.where(radius > 0, (one - other) / (2 * radius), 0.0)  # |A|⁻¹ = mean + factor (A − middle)
    x, y = gradient[:, 0], gradient[:, 1]
    return -torch.stack([mean * x + factor * (half * x + b * y), mean * y + factor * (b * x - half * y)], 1)


def _line_search(
    objective: Callable[[Tensor, Tensor], Tensor], here: Tensor, step: Tensor, decrease: Tensor, rows: Tensor
) -> tuple[Tensor, Tensor]:
    """Halve the step of each replica until the objective falls (Armijo); if it never falls, the replica stays.

    Returns the new points, and the indices of the replicas for which the full step changes the objective by no more
    than rounding: the caller compares their gradients instead.
    """
    before, eps = objective(here, rows), torch.finfo(here.dtype).eps
    slack = 8 * eps * before.abs()  # tolerance for rounding, near the minimum
    found, left, size = here + step, torch.arange(len(here), device=here.device), 1.0
    undecided = left[:0]
    for halving in range(MOST_HALVINGS):
        value = objective(found[left], rows[left])
        bad = ~(value <= before[left] + 1e-4 * size * decrease[left] + slack[left])
        if halving == 0:
            undecided = left[bad & ((value - before).abs() <= EQUAL_ENERGIES * eps * (1 + before.abs()))]
        left = left[bad]
        if not len(left):
            break
        size /= 2
        found[left] = here[left] + size * step[left]
    found[left] = here[left]
    return found, undecided


def _diagonal(problem: Problem, x: Tensor, t: float) -> Tensor:
    """The diagonal of M as a tensor like x. Raises ValueError if M is not diagonal or a replica is too large."""
    mobility = problem.flow.mobility
    if mobility is not None and not isinstance(mobility, Diagonal):
        raise ValueError("method = 'implicit_euler' can use a diagonal mobility only.")
    check_small("implicit_euler", x, "its Hessian is dense")
    return problem.apply_mobility(torch.ones_like(x), t)


IMPLICIT_EULER = Method(
    name="implicit_euler",
    label="Implicit Euler (minimizing movement)",
    family="implicit",
    formula=r"x' = \arg\min_y\; E(y) + \tfrac{1}{2h}\|y - z\|^2_{M^{-1}},\quad z = x + \sqrt{2hTM}\,R",
    paper="Jordan, Kinderlehrer & Otto, SIAM J. Math. Anal. 29 (1998) 1; De Giorgi 1993",
    order=Order(deterministic=1, strong=1, weak=1, stationary=1),
    step=implicit_euler_step,
    holds_values=False,
    evaluations=None,
    stochastic="may",
    normals=1,
    needs=frozenset({"gradient", "energy", "hessian"}),
    supports=frozenset({"mobility"}),
)

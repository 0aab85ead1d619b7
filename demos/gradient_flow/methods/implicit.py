"""Implicit Euler as minimizing movement: each step is a small minimization, so that the energy cannot rise."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.mobility import Diagonal
from demos.gradient_flow.problem import Problem

MOST_ITERATIONS = 60
MOST_COORDINATES = 512  # of one replica: its Hessian is dense


def implicit_euler_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = argmin_y E(y, t + h) + |y − z|²_{M⁻¹}/(2h),  z = x + √(2hT M) R

    Damped Newton for each replica: the curvature M⁻¹/h + ∇²E is made positive by its absolute eigenvalues, so every
    step goes down, and the minimum found is the one downhill from z. Back in time (h < 0) it is the step of −E.
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
        return sign * problem.energy(points, t + h) + 0.5 * moved

    for _ in range(MOST_ITERATIONS):
        rows = torch.nonzero(active).flatten()
        here = y[rows]
        gradient = sign * problem.gradient(here, t + h) + metric[rows] * (here - z[rows])
        curvature = sign * problem.hessian(here, t + h) + torch.diag_embed(metric[rows].flatten(1))
        fine = torch.isfinite(gradient).flatten(1).all(1) & torch.isfinite(curvature).flatten(1).all(1)
        if not fine.all():  # such a replica is lost, and the loop shall count it
            active[rows[~fine]], y[rows[~fine]] = False, torch.nan
            rows, here, gradient, curvature = rows[fine], here[fine], gradient[fine], curvature[fine]
            if not len(rows):
                break
        values, vectors = torch.linalg.eigh(curvature)
        values = values.abs()
        values = values.maximum(1e-12 * values.amax(1, keepdim=True))
        flat = gradient.flatten(1)
        step = -(vectors @ ((vectors.mT @ flat[..., None]) / values[..., None]))[..., 0]
        moved = _line_search(objective, here, step.reshape(here.shape), (step * flat).sum(1), rows)
        y[rows] = moved
        scale = 1 + here.flatten(1).abs().amax(1)
        still = (step.abs().amax(1) > max(floor, 1e-2 * problem.rtol) * scale) & (moved != here).flatten(1).any(1)
        active[rows] = still
        if not active.any():
            break
    return (y,)


def _line_search(objective, here: Tensor, step: Tensor, decrease: Tensor, rows: Tensor) -> Tensor:
    """Halve the step of each replica until the objective falls (Armijo); a replica that cannot fall stays."""
    before, size = objective(here, rows), torch.ones(len(here), dtype=here.dtype, device=here.device)
    expand = (slice(None),) + (None,) * (here.ndim - 1)
    trial, good = here, torch.zeros(len(here), dtype=torch.bool, device=here.device)
    for _ in range(40):
        trial = here + size[expand] * step
        value = objective(trial, rows)
        slack = 8 * torch.finfo(here.dtype).eps * before.abs()  # rounding, near the minimum
        good = value <= before + 1e-4 * size * decrease + slack
        if good.all():
            return trial
        size = torch.where(good, size, size / 2)
    return torch.where(good[expand], trial, here)


def _diagonal(problem: Problem, x: Tensor, t: float) -> Tensor:
    """M as a tensor like x."""
    mobility = problem.flow.mobility
    if mobility is not None and not isinstance(mobility, Diagonal):
        raise ValueError("method = 'implicit_euler' can use a diagonal mobility only.")
    if x[0].numel() > MOST_COORDINATES:
        raise ValueError(
            f"method = 'implicit_euler' takes at most {MOST_COORDINATES} coordinates a replica, "
            f"not {x[0].numel()}: its Hessian is dense."
        )
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

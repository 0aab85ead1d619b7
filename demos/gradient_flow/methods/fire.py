"""FIRE: an optimizer by molecular dynamics whose velocity is set to zero when the energy rises. Not the flow."""

from __future__ import annotations

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem

WAIT, GROW, SHRINK, MIX, LESS_MIX = 5, 1.1, 0.5, 0.1, 0.99  # N_min, f_inc, f_dec, α_start, f_α of the paper


def fire_init(problem: Problem, x: Tensor, t: float) -> tuple:
    """The state: (x, ∇E, v, time steps δ in units of h, α, the number of downhill steps in a row)."""
    one = x.new_ones((len(x), *[1] * (x.ndim - 1)))
    return x, problem.gradient(x, t), torch.zeros_like(x), one, MIX * one, torch.zeros_like(one)


def fire_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """P = F·v. P > 0: v ← (1 − α)v + α|v|F/|F|, and after five such steps δ ← min(1.1 δ, δ_max), α ← 0.99 α;
    else v ← 0, δ ← δ/2, α ← 0.1. Then v ← v + δF, x ← x + δv (semi-implicit Euler), δ starting at h.
    """
    x, gradient, v, pace, mix, downhill = state
    options, project, axes = problem.options, problem.flow.project, tuple(range(1, x.ndim))
    force = -gradient
    forward = (force * v).sum(axes, keepdim=True) > 0
    length = lambda u: u.square().sum(axes, keepdim=True).sqrt()
    turned = (1 - mix) * v + mix * (length(v) / length(force).clamp_min(1e-36)) * force
    v = torch.where(forward, turned, 0.0)
    downhill = torch.where(forward, downhill + 1, 0.0)
    patient = downhill > WAIT
    moving = state[2].abs().amax(axes, keepdim=True) > 0  # P = 0 with v = 0 (the first step) does not count as uphill
    slower = torch.where(moving, SHRINK * pace, pace)
    pace = torch.where(forward, torch.where(patient, (GROW * pace).clamp_max(options["fastest"]), pace), slower)
    mix = torch.where(forward, torch.where(patient, LESS_MIX * mix, mix), MIX)
    dt = pace * h
    v = v + dt * force
    move = dt * v
    move = move / (move.abs().amax(axes, keepdim=True) / options["longest"]).clamp_min(1.0)
    if problem.tolerance > 0:  # a converged replica does not move while the others go on
        move = torch.where(gradient.abs().amax(axes, keepdim=True) <= problem.tolerance, 0.0, move)
    if project is None:
        following = x + move
    else:
        following = project.retract(x + project.tangent(x, move))
        v = project.tangent(following, v)
    return following, problem.gradient(following, t + h), v, pace, mix, downhill


FIRE = Method(
    name="fire",
    label="FIRE",
    family="optimizer",
    formula=r"v\leftarrow(1-\alpha)v+\alpha|v|\hat F,\quad v\leftarrow v+\delta F,\quad x\leftarrow x+\delta v;\quad "
    r"F\cdot v\le0:\ v\leftarrow0",
    paper="Bitzek, Koskinen, Gähler, Moseler & Gumbsch, Phys. Rev. Lett. 97 (2006) 170201",
    order=Order(),
    backward="never",
    init=fire_init,
    step=fire_step,
    supports=frozenset({"project"}),
    gradient_index=1,
    options={
        "fastest": Option(10.0, 1.0, 1000.0, "largest time step, in units of h"),
        "longest": Option(0.2, 1e-12, 1e12, "longest move of a coordinate in one step"),
    },
)

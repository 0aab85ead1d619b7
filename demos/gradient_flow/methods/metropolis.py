"""Metropolis methods, which sample exp(−E/T) without bias: MALA and Hamiltonian Monte Carlo."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, sqrt

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.methods.splitting_limit import leapfrog_limit
from demos.gradient_flow.problem import Problem

COLDEST = {torch.float32: 1e-19, torch.float64: 1e-154}  # least T, for schedules that fall to 0: 1/T² does not overflow


def mala_init(problem: Problem, x: Tensor, t: float) -> tuple:
    return x, problem.energy(x, t), problem.gradient(x, t), t


def mala_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """y = x − hM∇E(x) + √(2hTM) R, accepted with probability min(1, exp(−ΔE/T) q(x|y)/q(y|x)).

    The ratio of proposal densities is computed without the inverse of M: the move from y back to x would need the
    normals R′ = a − R with a = √(h/2T) √M (∇E(x) + ∇E(y)), so log q(x|y)/q(y|x) = (|R|² − |R′|²)/2 = a·(2R − a)/2.
    """
    x, energy, gradient, known = state
    if known != t and problem.flow.time_dependent:
        energy, gradient = problem.energy(x, t), problem.gradient(x, t)
    temperature, normal = max(problem.temperature(t), COLDEST[x.dtype]), problem.normal()
    y = problem.move(x.clone(), t, h, gradient, normal, sqrt(2 * h * temperature))
    energy_y, gradient_y = problem.energy(y, t), problem.gradient(y, t)
    a = problem.apply_mobility_root(gradient + gradient_y, t).mul_(sqrt(h / (2 * temperature)))
    log_ratio = _sum(torch.add(normal, a, alpha=-0.5).mul_(a)).add_(energy - energy_y, alpha=1 / temperature)
    choose = _metropolis_choice(problem, log_ratio)
    return choose(y, x), choose(energy_y, energy), choose(gradient_y, gradient), t


def hmc_init(problem: Problem, x: Tensor, t: float) -> tuple:
    return x, problem.gradient(x, t), t


def hmc_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """p ~ N(0, mT), k leapfrog steps of size h, accepted with probability min(1, exp(−ΔH/T)), H = E + |p|²/2m."""
    x, gradient, known = state
    if known != t and problem.flow.time_dependent:
        gradient = problem.gradient(x, t)
    temperature, mass = max(problem.temperature(t), COLDEST[x.dtype]), problem.mass
    p = problem.normal() * sqrt(mass * temperature)
    before = problem.energy(x, t) + _sum(p.square()) / (2 * mass)
    steps = int(problem.options["leapfrog_steps"])
    q, p, gradient_q = leapfrog(lambda q: problem.gradient(q, t), x.clone(), p, gradient, h, steps, mass)
    after = problem.energy(q, t) + _sum(p.square()) / (2 * mass)
    choose = _metropolis_choice(problem, (before - after) / temperature)
    return choose(q, x), choose(gradient_q, gradient), t


def leapfrog(
    gradient_at: Callable[[Tensor], Tensor], q: Tensor, p: Tensor, gradient: Tensor, h: float, steps: int, mass: float
) -> tuple[Tensor, Tensor, Tensor]:
    """q, p and the gradient at q after `steps` steps of velocity Verlet; q and p are overwritten.

    The map preserves volume and is reversed by p → −p; therefore HMC's acceptance needs no proposal density.
    """
    p.add_(gradient, alpha=-h / 2)
    for i in range(steps):
        q.add_(p, alpha=h / mass)
        gradient = gradient_at(q)
        p.add_(gradient, alpha=-h if i < steps - 1 else -h / 2)
    return q, p, gradient


def _sum(v: Tensor) -> Tensor:
    """(N,): the sum over all coordinates of each replica."""
    return v.reshape(v.shape[0], -1).sum(1) if v.ndim > 2 else v.sum(1)


def _metropolis_choice(problem: Problem, log_ratio: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """Accept with probability min(1, exp(log_ratio)), (N,), and never if that is nan.

    Returns a function (new, old) -> the new values of accepted replicas and the old ones of the others. It uses `lerp`,
    which is exact for finite numbers at the weights 0 and 1, because `torch.where` takes five times as long; if all
    ratios are finite, so are all proposals.
    """
    finite = log_ratio.device.type == "cpu" and isfinite(float(log_ratio.sum()))
    accepted = log_ratio.exp_().gt_(problem.uniform())  # 1 for accepted replicas, else 0
    problem.count(accepted)

    def choose(new: Tensor, old: Tensor) -> Tensor:
        weight = accepted.reshape(-1, *[1] * (new.ndim - 1))
        return torch.lerp(old, new, weight) if finite else torch.where(weight > 0, new, old)

    return choose


MALA = Method(
    name="mala",
    label="MALA",
    family="sampler",
    formula=r"y = x - hM\nabla E + \sqrt{2hTM}\,R,\quad "
    r"\alpha = \min\bigl(1, \tfrac{e^{-E(y)/T}q(x|y)}{e^{-E(x)/T}q(y|x)}\bigr)",
    paper="Roberts & Tweedie, Bernoulli 2 (1996) 341",
    order=Order(weak=1, stationary=float("inf")),
    step=mala_step,
    gradient_index=2,
    init=mala_init,
    stochastic="must",
    normals=1,
    uniforms=1,
    proposes=True,
    backward="never",
    needs=frozenset({"gradient", "energy"}),
    supports=frozenset({"mobility"}),
)


HMC = Method(
    name="hmc",
    label="Hamiltonian Monte Carlo",
    family="sampler",
    formula=r"p\sim N(0,mT),\ (q,p)\to\text{leapfrog}^k(q,p),\quad \alpha=\min(1,e^{-\Delta H/T})",
    paper="Duane, Kennedy, Pendleton & Roweth, Phys. Lett. B 195 (1987) 216",
    order=Order(stationary=float("inf")),
    step=hmc_step,
    gradient_index=1,
    init=hmc_init,
    evaluations="leapfrog_steps",
    stochastic="must",
    normals=1,
    uniforms=1,
    proposes=True,
    backward="never",
    limit=leapfrog_limit,
    limit_formula="2/√(L/m)",
    needs=frozenset({"gradient", "energy"}),
    supports=frozenset(),
    options={"leapfrog_steps": Option(10, 1, 1000, "leapfrog steps of one proposal", whole=True)},
)

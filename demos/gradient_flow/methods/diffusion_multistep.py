"""DPM-Solver++: solves the linear part of the probability-flow ODE exactly in log σ, and extrapolates the denoiser."""

from __future__ import annotations

from math import log

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.methods.diffusion_samplers import NEEDS
from demos.gradient_flow.problem import Problem


def dpm_solver_init(problem: Problem, x, t: float) -> tuple:
    """The state: (x, the last denoised point D₋, the last step of log σ)."""
    return x, None, 0.0


def dpm_solver_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = (σ₊/σ) x + (1 − σ₊/σ) D̃,  D̃ = D + (D − D₋)/2r,  r = log(σ₋/σ)/log(σ/σ₊); D̃ = D in the first and the
    last step, and in order 1"""
    x, before, last = state
    sigma, to = problem.noise_levels(t, h)
    denoised = x.add(problem.gradient(x, t), alpha=-sigma * sigma)
    if to == 0:
        return denoised, denoised, 0.0
    step, target = log(sigma / to), denoised
    if before is not None and problem.options["multistep_order"] == 2:
        target = denoised.add(denoised - before, alpha=step / (2 * last))
    return (to / sigma) * x + (1 - to / sigma) * target, denoised, step


DPM_SOLVER_2M = Method(
    name="dpm_solver_2m",
    label="DPM-Solver++(2M)",
    family="diffusion",
    formula=r"x' = \tfrac{\sigma_+}{\sigma}x + \bigl(1 - \tfrac{\sigma_+}{\sigma}\bigr)\tilde D,\quad"
    r" \tilde D = D + \tfrac{1}{2r}(D - D_-)",
    paper="Lu, Zhou, Bao, Chen, Li & Zhu, arXiv:2211.01095 (2022), algorithm 2",
    order=Order(deterministic=2),
    init=dpm_solver_init,
    step=dpm_solver_step,
    stochastic="never",
    backward="never",
    needs=NEEDS,
    holds_values=False,
    options={"multistep_order": Option(2, 1, 2, "order: 1 is DDIM")},
)

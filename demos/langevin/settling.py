"""Whether the start of a run has lost its influence, and how many independent draws its frames are worth."""

from __future__ import annotations

import numpy as np
import torch

from demos.langevin.exact import quadratic
from demos.langevin.reference.density_evolution import relaxation_rate
from demos.langevin.samplers import TIMELESS, UNBIASED
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

RELAXED = 7.0  # relaxation times before the averages begin: exp(−7) = 1e-3 of the start is left
SAMPLED = (24, 64)  # number of frames and of particles at which the curvature is computed


def is_settled(setup: Setup, run: MethodRun) -> bool:
    """Whether the second half of the frames samples the stationary distribution."""
    rate, half = settling_rate(setup, run), len(run.path.times) // 2
    if rate is None or not rate * float(run.path.times[half]) >= RELAXED:
        return False
    if run.row.proposes:  # a particle whose proposals were all rejected is still at its start
        return not bool((run.path.states[half] == run.path.states[0]).all(dim=-1).any())
    return True


def not_forgotten(setup: Setup, run: MethodRun) -> str:
    """The reason why a run that is not settled cannot be compared with Boltzmann's distribution."""
    if run.path.acceptance is not None and run.path.acceptance < 0.5:
        return f"{1 - run.path.acceptance:.0%} of the proposals were refused, and the start is not yet forgotten"
    rate, half = settling_rate(setup, run), len(run.path.times) // 2
    begins = float(run.path.times[half])
    if rate is None or not rate > 0:
        return "how long this start is remembered is not known here, so nobody can say when it is forgotten"
    needed, unit = RELAXED / rate, "proposals" if run.method in TIMELESS else "time units"
    if run.method in TIMELESS:
        needed, begins = needed / setup.config.step, begins / setup.config.step
    if needed <= begins:
        return "some particles have refused every proposal so far and are still at their start"
    return f"the start is not yet forgotten: that takes {needed:.3g} {unit}, and half of this run is {begins:.3g}"


def independent_draws(setup: Setup, run: MethodRun) -> float:
    """A lower bound of the number of independent draws that the second half of one particle's frames is worth: frames
    spaced Δ whose correlations fall at least as ρⁿ, ρ = e^{−λΔ}, are worth their number × (1 − ρ)/(1 + ρ)."""
    rate, half = settling_rate(setup, run), len(run.path.times) // 2
    if rate is None:
        return 1.0
    count = len(run.path.times) - half
    spacing = float(run.path.times[-1] - run.path.times[half]) / max(count - 1, 1)
    return max(1.0, count * float(np.tanh(rate * spacing / 2)))


def settling_rate(setup: Setup, run: MethodRun) -> float | None:
    """An approximate lower bound of the relaxation rate of this run; None where none is known.

    It is the exact slowest rate λ₁ of the dynamics (over all wells), reduced by the effect of the method.
    """
    config, landscape = setup.config, setup.landscape
    slowest = relaxation_rate(landscape, setup.kT)
    if slowest is None or not slowest > 0:
        return None
    curvatures = [k for place in landscape.minima for k in place.eigenvalues if k > 0]
    if run.method in UNBIASED or run.is_overdamped:
        accepted = 1.0 if run.path.acceptance is None else run.path.acceptance
        if run.method == "mala":
            return slowest * accepted
        if run.method in TIMELESS:
            return accepted * _proposal_rate(setup, slowest, curvatures)
        modes = [slowest, *curvatures]
        growth = max(quadratic.overdamped_step(run.method, k, config.step, 1.0).growth for k in modes)
        return -np.log(growth) / config.step if 0 < growth < 1 else None
    if not curvatures or not np.isfinite(landscape.curvature):
        return None
    # Strong friction slows the motion down; below critical damping the rate falls with γ (energy diffusion).
    fastest = np.sqrt(landscape.curvature / config.mass)
    damping = min(1.0, config.friction / (2 * fastest))
    return 0.5 * min(config.friction / 2, slowest * damping / (config.mass * max(config.friction, 2 * fastest)))


def _proposal_rate(setup: Setup, slowest: float, curvatures: list[float]) -> float:
    """The rate for Hamiltonian proposals of length τ = kh. Within a well a proposal rotates by ωτ, and the correlation
    is cos ωτ (no decay after whole half turns); between wells it moves like overdamped dynamics over a time τ²/2, until
    its path turns back."""
    h, k, mass = setup.config.step, setup.config.leapfrog_steps, setup.config.mass
    turns, longest = [], k * h
    for curvature in curvatures:
        cosine = 1 - h * h * curvature / mass / 2  # cosine of the rotation by one leapfrog step
        if not cosine > -1:
            return 0.0
        turns.append(-np.log(max(abs(np.cos(k * np.arccos(cosine))), 1e-12)))
        longest = min(longest, np.sqrt(mass / curvature))
    return min([slowest * longest**2 / (2 * mass), *turns]) / h


def sharpness(setup: Setup, run: MethodRun) -> float:
    """The largest curvature L that the particles met: the Hessian's norm, averaged over some particles, in the frame
    where it was largest.

    For a potential with kinks, ⟨|∇U|²⟩/kT is used, which equals ⟨ΔU⟩ in equilibrium.
    """
    landscape, config, (frames, particles) = setup.landscape, setup.config, SAMPLED
    states = run.path.states[:: max(1, len(run.path.states) // frames), :particles].to(torch.float64)
    norms = torch.linalg.matrix_norm(landscape.hessian(states.reshape(-1, 2)), ord="fro").reshape(states.shape[:2])
    largest = float(norms.mean(1).max())
    if np.isfinite(landscape.curvature):
        return max(largest, landscape.curvature)
    squares = landscape.gradient(states.reshape(-1, 2)).square().sum(1).reshape(states.shape[:2]).mean(1)
    return max(largest, float(squares.max()) / min(config.temperature, config.cold))


def neglected(setup: Setup, run: MethodRun, order: float) -> float:
    """(hL/2)ᵖ, or (h√(L/m)/2)ᵖ for a splitting: the size of the terms that an expansion in the step neglects, in
    standard deviations."""
    sharp, h = sharpness(setup, run), setup.config.step
    size = h * sharp / 2 if run.is_overdamped else h * np.sqrt(sharp / setup.config.mass) / 2
    return float(size**order)

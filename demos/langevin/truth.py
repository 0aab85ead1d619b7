"""Which exact law a run stands beside, and over which of its frames it may be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.landscapes import Landscape
from demos.langevin.annealed import annealed
from demos.langevin.config import LangevinConfig, hottest, landscape_of
from demos.langevin.exact import modified, quadratic
from demos.langevin.laws import Law, boltzmann, confined, discretised
from demos.langevin.motion import Motion, relaxation_rate, starts
from demos.langevin.simulate import Run, schedule_of
from demos.langevin.step_error import StepError, step_error

EXPANDED = 0.25  # (hL/2)ᵖ past which an expansion in the step says nothing any more
GRID_FLOOR = 4e-3  # error of the Fokker–Planck grid, in standard deviations (test_motion halves the cells)
ANNEALED_FLOOR = 2e-2  # the same under a falling temperature, piecewise constant, on a grid made for the hottest
RELAXED = 7.0  # relaxation times before the averages begin: exp(−7) = 1e-3 of the start is left
EXACT = ("mala", "hmc")  # keep Boltzmann's law at every step
TIMELESS = ("hmc",)  # its steps are proposals, not time
OVERDAMPED = ("euler", "heun", "leimkuhler_matthews", "implicit_euler", "mala")


@dataclass(frozen=True)
class Truth:
    """law: what the frames from `first` on should show. continuous: the same without a step size, where that differs.
    draws: the compared frames of one particle are worth at least so many independent ones."""

    law: Law
    first: int  # index of the first frame that is compared; the last frame alone: frames − 1
    continuous: Law | None
    long_run: bool
    draws: float = 1.0
    step: StepError | None = None  # what the law neglects of the step's size, observable by observable

    def floor(self, function: Callable[[Tensor], Tensor], spread: float) -> float:
        """How far the law's ⟨f⟩ may be off, for f of this standard deviation."""
        return self.law.floor * spread + (self.step.of(function) if self.step is not None else 0.0)


def truth(config: LangevinConfig, run: Run, motion: Motion | None) -> Truth | None:
    """The best law that is known for this run; None where none is (a start not yet forgotten, no equation for it)."""
    landscape, last = landscape_of(config), len(run.path.times) - 1
    constant = config.schedule == "constant"
    if landscape.name == "harmonic" and constant:
        return _quadratic(config, run, landscape)
    if not confined(landscape, hottest(config)):
        return None
    if constant:
        exact = boltzmann(landscape, config.temperature)
        if is_settled(config, run, landscape) or (config.start == "equilibrium" and run.method in EXACT):
            own = long_run_law(config, run, landscape)
            if own is not None:
                return Truth(
                    own,
                    len(run.path.times) // 2,
                    exact if own is not exact else None,
                    True,
                    draws(config, run, landscape),
                )
        elif config.start == "equilibrium":
            own = _leaving_equilibrium(config, run, landscape)
            return None if own is None else Truth(own, last, exact, False)
    if not constant:
        own = annealed(landscape, run.method, schedule_of(config), config.step, starts(config), run.path.steps)
        if own is not None:
            return Truth(own, last, None, False)
    if run.method not in OVERDAMPED or motion is None or config.start == "equilibrium":
        return None
    grid_floor = GRID_FLOOR if constant else ANNEALED_FLOOR
    continuous = motion.law(float(run.path.times[-1]), floor=grid_floor)
    if constant:
        own = discretised(landscape, run.method, config.temperature, config.step, starts(config), run.path.steps)
        if own is not None:
            return Truth(own, last, continuous, False)
    if run.path.acceptance is not None and run.path.acceptance < 0.9:
        return None  # refused proposals are lost time: the clock of such a chain is not the equation's
    neglected = config.step * sharpness(config, run, landscape) / 2
    if not neglected <= EXPANDED:
        return None
    if run.method != "mala":  # whose error is refused moves
        kT = schedule_of(config)
        error = step_error(
            landscape,
            run.method,
            run.path.states[0],
            kT if callable(kT) else lambda t: kT,
            config.step,
            run.path.steps,
            config.seed,
        )
        if error is not None:
            return Truth(continuous, last, None, False, step=error)
    return Truth(replace(continuous, floor=grid_floor + neglected), last, None, False)


def _leaving_equilibrium(config: LangevinConfig, run: Run, landscape: Landscape) -> Law | None:
    """The law of a run that began in Boltzmann's law and has not yet found its own, which its step moves away."""
    own = discretised(landscape, run.method, config.temperature, config.step, starts(config), run.path.steps)
    if own is not None:
        return own
    neglected = _neglected(config, run, landscape, run.row.order.weak or 1)
    return replace(boltzmann(landscape, config.temperature), floor=neglected) if neglected <= EXPANDED else None


def _neglected(config: LangevinConfig, run: Run, landscape: Landscape, order: float) -> float:
    """(hL/2)ᵖ, or (h√(L/m)/2)ᵖ for a splitting: what an expansion in the step leaves out, in standard deviations."""
    sharp, h = sharpness(config, run, landscape), config.step
    size = h * sharp / 2 if run.method in OVERDAMPED else h * np.sqrt(sharp / config.mass) / 2
    return float(size**order)


def sharpness(config: LangevinConfig, run: Run, landscape: Landscape) -> float:
    """L where the particles were: the Hessian's norm, averaged over some of them, in the frame where it was largest.

    A kink has no curvature where it bends: there ⟨|∇U|²⟩/kT, which equals ⟨ΔU⟩ in equilibrium, stands in.
    """
    states = run.path.states[:: max(1, len(run.path.states) // 24), :64].to(torch.float64)
    norms = torch.linalg.matrix_norm(landscape.hessian(states.reshape(-1, 2)), ord="fro").reshape(states.shape[:2])
    largest = float(norms.mean(1).max())
    if np.isfinite(landscape.curvature):
        return max(largest, landscape.curvature)
    slopes = landscape.gradient(states.reshape(-1, 2)).square().sum(1).reshape(states.shape[:2]).mean(1)
    return max(largest, float(slopes.max()) / min(config.temperature, config.cold))


def is_settled(config: LangevinConfig, run: Run, landscape: Landscape) -> bool:
    """Whether the second half of the frames samples the long run: it has forgotten where it began."""
    rate, half = settling_rate(config, run, landscape), len(run.path.times) // 2
    if rate is None or not rate * float(run.path.times[half]) >= RELAXED:
        return False
    if run.row.proposes:  # one that has refused every proposal is still where it began
        return not bool((run.path.states[half] == run.path.states[0]).all(dim=-1).any())
    return True


def draws(config: LangevinConfig, run: Run, landscape: Landscape) -> float:
    """How many independent draws the second half of one particle's frames is worth, at least: frames spaced Δ whose
    correlations fall no slower than ρⁿ, ρ = e^{−λΔ}, are worth their number × (1 − ρ)/(1 + ρ)."""
    rate, half = settling_rate(config, run, landscape), len(run.path.times) // 2
    if rate is None:
        return 1.0
    count = len(run.path.times) - half
    spacing = float(run.path.times[-1] - run.path.times[half]) / max(count - 1, 1)
    return max(1.0, count * float(np.tanh(rate * spacing / 2)))


def settling_rate(config: LangevinConfig, run: Run, landscape: Landscape) -> float | None:
    """A lower bound, about, of the rate at which this run forgets its start; None where none is known.

    The exact rate λ₁ of the equation (of all its wells), slowed down by what the method does to it.
    """
    slowest = relaxation_rate(landscape, config.temperature)
    if slowest is None or not slowest > 0:
        return None
    curvatures = [k for place in landscape.minima for k in place.eigenvalues if k > 0]
    if run.method in EXACT or run.method in OVERDAMPED:
        accepted = 1.0 if run.path.acceptance is None else run.path.acceptance
        if run.method == "mala":
            return slowest * accepted
        if run.method in TIMELESS:
            return accepted * _proposal_rate(config, slowest, curvatures)
        modes = [slowest, *curvatures]
        growth = max(quadratic.overdamped_step(run.method, k, config.step, 1.0).growth for k in modes)
        return -np.log(growth) / config.step if 0 < growth < 1 else None
    if not curvatures or not np.isfinite(landscape.curvature):
        return None
    # Slow baths drag, fast ones hold back: below critical damping the rate falls with γ (energy diffusion).
    fastest = np.sqrt(landscape.curvature / config.mass)
    damping = min(1.0, config.friction / (2 * fastest))
    return 0.5 * min(config.friction / 2, slowest * damping / (config.mass * max(config.friction, 2 * fastest)))


def _proposal_rate(config: LangevinConfig, slowest: float, curvatures: list[float]) -> float:
    """Of Hamiltonian proposals of length τ = kh: in a well each turns by ωτ and forgets all but cos ωτ, nothing after
    whole half turns; between wells it moves like overdamped dynamics over τ²/2, until its path bends back."""
    h, k = config.step, config.leapfrog_steps
    turns, longest = [], k * h
    for curvature in curvatures:
        cosine = 1 - h * h * curvature / config.mass / 2  # of one leapfrog step
        if not cosine > -1:
            return 0.0
        turns.append(-np.log(max(abs(np.cos(k * np.arccos(cosine))), 1e-12)))
        longest = min(longest, np.sqrt(config.mass / curvature))
    return min([slowest * longest**2 / (2 * config.mass), *turns]) / h


def long_run_law(config: LangevinConfig, run: Run, landscape: Landscape) -> Law | None:
    """What the method samples in the long run: to all orders where the potential separates, else to first order.

    None where the step is so long that an expansion in it says nothing.
    """
    kT, h, exact = config.temperature, config.step, boltzmann(landscape, config.temperature)
    if run.method in EXACT:
        return exact
    own = discretised(landscape, run.method, kT, h, starts(config), None)
    if own is not None:
        return own
    splits = run.method not in modified.FIRST_ORDER
    neglected = _neglected(config, run, landscape, 2)
    if not neglected <= EXPANDED:
        return None
    if splits or modified.FIRST_ORDER[run.method] == 0:
        return replace(exact, floor=neglected)
    slope = landscape.gradient(exact.points).square().sum(1).numpy()
    laplacian = landscape.hessian(exact.points).diagonal(dim1=1, dim2=2).sum(1).numpy()
    change = modified.correction(slope, laplacian, kT, h, run.method)
    weights = exact.weights * (1 - (change - exact.weights @ change) / kT)
    return replace(
        exact, source="Boltzmann's law with this step's bias, to first order", weights=weights, floor=neglected
    )


def _quadratic(config: LangevinConfig, run: Run, landscape: Landscape) -> Truth | None:
    """On a quadratic everything is Gaussian and known, at every step."""
    hessian = landscape.hessian(torch.zeros((1, 2), dtype=torch.float64))[0].numpy()
    kT, h, steps = config.temperature, config.step, run.path.steps
    thermal = kT * np.linalg.inv(hessian)
    boltz = gaussian(np.zeros(2), thermal, "Boltzmann's law, in closed form")
    mean, covariance = gaussian_start(config, hessian)
    frames = len(run.path.times)
    if run.method in EXACT:
        if config.start != "equilibrium" and not is_settled(config, run, landscape):
            return None
        return Truth(boltz, frames // 2, None, True, draws(config, run, landscape))
    if config.start == "box" and not is_settled(config, run, landscape):
        return None  # not Gaussian
    if run.method in OVERDAMPED:
        m, c = quadratic.moments(run.method, hessian, h, kT, steps, mean, covariance)
        return Truth(gaussian(m, c, f"closed form for this method, {steps:,} steps"), frames - 1, boltz, False)
    m, c = splitting_moments(config, run, hessian, mean, covariance)
    source = f"closed form for this splitting, {steps:,} steps"
    return Truth(gaussian(m[:2], c[:2, :2], source), frames - 1, boltz, False)


def gaussian_start(config: LangevinConfig, hessian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (2,) and covariance (2, 2) of the start; of a start spread over the picture, which is not Gaussian, too."""
    place = np.array([config.x0, config.y0])
    if config.start == "box":
        sides = np.array(landscape_of(config).view)
        return sides.mean(axis=1), np.diag(np.ptp(sides, axis=1) ** 2 / 12)
    if config.start == "equilibrium":
        return np.zeros(2), config.temperature * np.linalg.inv(hessian)
    return place, (config.spread**2 if config.start == "cloud" else 0.0) * np.eye(2)


def splitting_moments(
    config: LangevinConfig, run: Run, hessian: np.ndarray, mean: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (4,) and covariance (4, 4) of (x, y, pₓ, p_y), from thermal momenta, mode by mode."""
    stiffness, axes = np.linalg.eigh(hessian)
    turn = np.kron(np.eye(2), axes)  # (x, y, p) from the modes
    matrix, noise = np.zeros((4, 4)), np.zeros((4, 4))
    for i, k in enumerate(stiffness):
        step = quadratic.splitting_step(
            run.method, config.step, np.sqrt(k / config.mass), config.friction, config.temperature, config.mass
        )
        power = step.power(run.path.steps)
        matrix[np.ix_([i, 2 + i], [i, 2 + i])] = power.matrix
        noise[np.ix_([i, 2 + i], [i, 2 + i])] = power.noise
    start_mean = turn.T @ np.concatenate([mean, np.zeros(2)])
    start = np.zeros((4, 4))
    start[:2, :2] = covariance
    start[2:, 2:] = config.mass * config.temperature * np.eye(2)
    start = turn.T @ start @ turn
    return turn @ (matrix @ start_mean), turn @ (matrix @ start @ matrix.T + noise) @ turn.T


def gaussian(mean: np.ndarray, covariance: np.ndarray, source: str) -> Law:
    """N(mean, covariance) in the plane, by Gauss–Hermite nodes."""
    z, w = np.polynomial.hermite_e.hermegauss(24)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    zx, zy = np.meshgrid(z, z)
    points = mean + np.stack([zx.ravel(), zy.ravel()], axis=1) @ root.T
    weights = np.multiply.outer(w, w).ravel()
    sides = []
    for i in (0, 1):
        std = max(np.sqrt(covariance[i, i]), 1e-9)
        s = mean[i] + std * np.linspace(-5, 5, 201)
        sides.append((s, np.exp(-0.5 * ((s - mean[i]) / std) ** 2) / (np.sqrt(2 * np.pi) * std)))
    return Law(source, torch.from_numpy(points), weights / weights.sum(), tuple(sides))

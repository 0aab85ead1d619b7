"""Which exact distribution a run is compared with, and over which of its frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from demos.common.schedules import Cooling
from demos.langevin.exact import modified, quadratic
from demos.langevin.reference.annealed import annealed
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.density_evolution import DensityEvolution, density_evolution
from demos.langevin.reference.discretised import discretised
from demos.langevin.reference.distribution import Distribution
from demos.langevin.reference.gaussian import gaussian_distribution, splitting_moments
from demos.langevin.reference.step_error import StepError, step_error
from demos.langevin.samplers import UNBIASED
from demos.langevin.settling import independent_draws, is_settled, neglected, sharpness
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

EXPANDED = 0.25  # (hL/2)ᵖ beyond which an expansion in the step means nothing
GRID_FLOOR = 4e-3  # error of the Fokker–Planck grid, in standard deviations (test_density_evolution halves the cells)
ANNEALED_FLOOR = 2e-2  # the same under a changing temperature: piecewise constant, on a grid made for the hottest
ACCEPTED = 0.9  # with fewer accepted proposals the time of a Metropolis chain is not the equation's


@dataclass(frozen=True)
class Comparison:
    """distribution: what the frames from `first` on should show. continuous: the same without a step size, where that
    differs. draws: the compared frames of one particle are worth at least so many independent ones."""

    distribution: Distribution
    first: int  # index of the first frame that is compared; frames − 1: the last frame alone
    continuous: Distribution | None
    long_run: bool
    draws: float = 1.0
    step_error: StepError | None = None  # what the distribution neglects of the step's size

    def floor(self, function: Callable[[Tensor], Tensor], spread: float) -> float:
        """How far the exact ⟨f⟩ may be off, for f of this standard deviation."""
        step = self.step_error.of(function) if self.step_error is not None else 0.0
        return self.distribution.floor * spread + step


def evolution_of(setup: Setup, endpoints: tuple[float, ...]) -> DensityEvolution | None:
    """The Fokker–Planck density of a setup; see `density_evolution`."""
    config = setup.config
    place = (config.x0, config.y0)
    endpoints = tuple(sorted(endpoints))
    return density_evolution(setup.landscape, setup.temperature, config.start, place, config.spread, endpoints)


def comparison_of(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Comparison | None:
    """The most exact known distribution of this run; None where none is known (a start not yet forgotten, and no
    equation for it)."""
    if setup.is_quadratic and setup.is_constant:
        return _quadratic(setup, run)
    if not setup.is_confined:
        return None
    starts_in_equilibrium = setup.config.start == "equilibrium"
    if setup.is_constant:
        if is_settled(setup, run) or (starts_in_equilibrium and run.method in UNBIASED):
            if (found := _long_run(setup, run)) is not None:
                return found
        elif starts_in_equilibrium:
            return _leaving_equilibrium(setup, run)
    elif (found := _cooled(setup, run)) is not None:
        return found
    if evolution is None or not run.is_overdamped or starts_in_equilibrium:
        return None
    return _evolving(setup, run, evolution)


def _long_run(setup: Setup, run: MethodRun) -> Comparison | None:
    exact = boltzmann(setup.landscape, setup.kT)
    own = long_run_distribution(setup, run)
    if own is None:
        return None
    continuous = exact if own is not exact else None
    return Comparison(own, len(run.path.times) // 2, continuous, True, independent_draws(setup, run))


def long_run_distribution(setup: Setup, run: MethodRun) -> Distribution | None:
    """What the method samples in the long run: to all orders where the potential separates, else to first order.

    None where the step is so long that an expansion in it means nothing.
    """
    landscape, kT, h = setup.landscape, setup.kT, setup.config.step
    exact = boltzmann(landscape, kT)
    if run.method in UNBIASED:
        return exact
    own = discretised(landscape, run.method, kT, h, setup.start_distributions, None)
    if own is not None:
        return own
    floor = neglected(setup, run, 2)
    if not floor <= EXPANDED:
        return None
    if modified.FIRST_ORDER.get(run.method, 0.0) == 0:  # splittings have no bias of first order
        return replace(exact, floor=floor)
    squares = landscape.gradient(exact.points).square().sum(1).numpy()
    laplacian = landscape.hessian(exact.points).diagonal(dim1=1, dim2=2).sum(1).numpy()
    change = modified.correction(squares, laplacian, kT, h, run.method)
    weights = exact.weights * (1 - (change - exact.weights @ change) / kT)
    source = "Boltzmann's law with this step's bias, to first order"
    return replace(exact, source=source, weights=weights, floor=floor)


def _leaving_equilibrium(setup: Setup, run: MethodRun) -> Comparison | None:
    """Of a run that began in the Boltzmann distribution and has not reached its own, which its step moves away."""
    landscape, kT, h = setup.landscape, setup.kT, setup.config.step
    exact, last = boltzmann(landscape, kT), len(run.path.times) - 1
    own = discretised(landscape, run.method, kT, h, setup.start_distributions, run.path.steps)
    if own is None:
        floor = neglected(setup, run, run.row.order.weak or 1)
        if not floor <= EXPANDED:
            return None
        own = replace(exact, floor=floor)
    return Comparison(own, last, exact, False)


def _cooled(setup: Setup, run: MethodRun) -> Comparison | None:
    starts, h = setup.start_distributions, setup.config.step
    own = annealed(setup.landscape, run.method, setup.temperature, h, starts, run.path.steps)
    return None if own is None else Comparison(own, len(run.path.times) - 1, None, False)


def _evolving(setup: Setup, run: MethodRun, evolution: DensityEvolution) -> Comparison | None:
    """At the end of a run that is still on its way: the Fokker–Planck density, or that of the method itself."""
    config, last = setup.config, len(run.path.times) - 1
    grid_floor = GRID_FLOOR if setup.is_constant else ANNEALED_FLOOR
    continuous = evolution.distribution_at(run.end, grid_floor)
    if setup.is_constant:
        starts, steps = setup.start_distributions, run.path.steps
        own = discretised(setup.landscape, run.method, setup.kT, config.step, starts, steps)
        if own is not None:
            return Comparison(own, last, continuous, False)
    if run.path.acceptance is not None and run.path.acceptance < ACCEPTED:
        return None
    floor = config.step * sharpness(setup, run) / 2
    if not floor <= EXPANDED:
        return None
    error = _step_error(setup, run)
    if error is not None:
        return Comparison(continuous, last, None, False, step_error=error)
    return Comparison(replace(continuous, floor=grid_floor + floor), last, None, False)


def _step_error(setup: Setup, run: MethodRun) -> StepError | None:
    if run.method == "mala":  # the error of its step is refused proposals
        return None
    kT, start = setup.temperature, run.path.states[0]
    temperature = kT if isinstance(kT, Cooling) else lambda t: kT
    h, seed = setup.config.step, setup.config.seed
    return step_error(setup.landscape, run.method, start, temperature, h, run.path.steps, seed)


def _quadratic(setup: Setup, run: MethodRun) -> Comparison | None:
    """On a quadratic everything is Gaussian and known, at every step."""
    config, kT, steps, frames = setup.config, setup.kT, run.path.steps, len(run.path.times)
    thermal = kT * np.linalg.inv(setup.hessian)
    exact = gaussian_distribution(np.zeros(2), thermal, "Boltzmann's law, in closed form")
    if run.method in UNBIASED:
        if config.start != "equilibrium" and not is_settled(setup, run):
            return None
        return Comparison(exact, frames // 2, None, True, independent_draws(setup, run))
    if config.start == "box" and not is_settled(setup, run):
        return None  # not Gaussian
    if run.is_overdamped:
        start = setup.start_moments
        mean, covariance = quadratic.moments(run.method, setup.hessian, config.step, kT, steps, *start)
        source = f"closed form for this method, {steps:,} steps"
    else:
        mean, covariance = splitting_moments_of(setup, run)
        mean, covariance = mean[:2], covariance[:2, :2]
        source = f"closed form for this splitting, {steps:,} steps"
    return Comparison(gaussian_distribution(mean, covariance, source), frames - 1, exact, False)


def splitting_moments_of(setup: Setup, run: MethodRun) -> tuple[np.ndarray, np.ndarray]:
    """Mean (4,) and covariance (4, 4) of positions and momenta at the end of an underdamped run on a quadratic."""
    config = setup.config
    return splitting_moments(
        run.method,
        config.step,
        run.path.steps,
        setup.hessian,
        setup.kT,
        config.friction,
        config.mass,
        *setup.start_moments,
    )

"""The distributions that a run is compared with: the true one, and the predicted one of its method and step.

The *true* distribution is that of the exact dynamics: Boltzmann's if the start was in equilibrium or has lost its
influence, else the density at that time. The *predicted* one is that of this method with this step: in closed form, by
its one-step kernel, to first order in the step, or from particles moved by independent code (`replay`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from demos.common.numbers import counted
from demos.common.schedules import Cooling
from demos.langevin.exact import modified
from demos.langevin.inertia import end_distribution
from demos.langevin.reference import cooled_linear, linear
from demos.langevin.reference.annealed import annealed
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.density_evolution import DensityEvolution, density_evolution
from demos.langevin.reference.discretised import discretised
from demos.langevin.reference.distribution import Distribution
from demos.langevin.reference.gaussian import splitting_moments
from demos.langevin.reference.step_error import StepError, step_error
from demos.langevin.replicas import Cloud, cloud
from demos.langevin.samplers import TIMELESS, UNBIASED
from demos.langevin.settling import RELAXED, independent_draws, is_settled, neglected, not_forgotten, settling_rate
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

EXPANDED = 0.25  # largest (hL/2)ᵖ at which an expansion in the step is used
CLEAR = 0.02  # largest (hL/2)ᵖ at which an expansion is accurate enough: 2 % of a standard deviation
UNRESOLVED = 0.2  # standard deviations by which a mean over a grid may be wrong; more is no truth
WHOLE = 1e-6  # largest probability that a kernel's box may lose
BLURRED = 0.02  # largest broadening of the density by the grid, in standard deviations
FEWEST = 1_000  # least number of particles for an estimate of the step's error
GRID_FLOOR = 4e-3  # error of the Fokker–Planck grid, in standard deviations (test_density_evolution halves the cells)
ANNEALED_FLOOR = 2e-2  # the same under a changing temperature: piecewise constant, on a grid made for the hottest


@dataclass(frozen=True)
class Comparison:
    """What a run is compared with.

    truth, predicted: distributions for the frames from `first` on; None where not known, and `predicted` also where it
    equals the truth. replayed: particles of the same method moved by independent code; true_cloud: the same with a
    finer step, as a sample of the truth. step_error: the effect of Euler's step on the truth.

    draws: the compared frames of one particle are worth at least so many independent draws. incomparable: why the truth
    does not apply to this run; why: why no truth is known.
    """

    truth: Distribution | None
    predicted: Distribution | None
    first: int  # index of the first compared frame; (number of frames − 1) for the last frame alone
    long_run: bool = False
    draws: float = 1.0
    step_error: StepError | None = None
    replayed: Cloud | None = None
    true_cloud: Cloud | None = None
    incomparable: str = ""
    why: str = ""

    @property
    def distribution(self) -> Distribution | None:
        """The most accurate known distribution of the compared frames."""
        if self.predicted is not None or not self.incomparable:
            return self.predicted or self.truth
        return None

    @property
    def continuous(self) -> Distribution | None:
        """The true distribution, if there is also a predicted one."""
        return self.truth if self.predicted is not None else None

    def floor(self, function: Callable[[Tensor], Tensor], spread: float) -> float:
        """The error of the known ⟨f⟩, for f with the standard deviation `spread`."""
        known = self.distribution
        return (known.floor if known is not None else 0.0) * spread


def evolution_of(setup: Setup, endpoints: tuple[float, ...]) -> DensityEvolution | None:
    """The Fokker–Planck density of a setup; see `density_evolution`."""
    config = setup.config
    place = (config.x0, config.y0)
    endpoints = tuple(sorted(endpoints))
    found = density_evolution(setup.landscape, setup.temperature, config.start, place, config.spread, endpoints)
    return found if found is None or found.blurred <= BLURRED else None


def comparison_of(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Comparison:
    """The most accurate known truth and prediction for this run."""
    if setup.is_quadratic and setup.is_constant:
        found = _quadratic(setup, run)
    elif not setup.is_confined:
        low, high = setup.landscape.kT_range
        why = (
            f"the box in which {setup.landscape.title} is integrated, made for kT from {low:g} to {high:g}, is too "
            f"small for kT = {setup.hottest:g}"
        )
        found = Comparison(None, None, len(run.times) - 1, why=why)
    elif setup.is_constant and boltzmann(setup.landscape, setup.kT).floor > UNRESOLVED:
        why = f"the well of {setup.landscape.title} is so narrow at kT = {setup.kT:g} that no grid here resolves it"
        found = Comparison(None, None, len(run.times) - 1, why=why)
    elif setup.is_constant:
        found = _constant(setup, run, evolution)
    else:
        found = _cooled(setup, run, evolution)
    return _with_replicas(setup, run, found)


def _constant(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Comparison:
    exact, last = boltzmann(setup.landscape, setup.kT), len(run.times) - 1
    starts_in_equilibrium = setup.config.start == "equilibrium"
    if is_settled(setup, run) or (starts_in_equilibrium and run.method in UNBIASED):
        own, draws = long_run_distribution(setup, run), independent_draws(setup, run)
        return Comparison(exact, None if own is exact else own, len(run.times) // 2, True, draws)
    if starts_in_equilibrium:
        own = _kernel(setup, run) if run.is_overdamped else end_distribution(setup, run, is_true=False)
        if own is None and not (run.is_overdamped and run.method not in ("heun", "leimkuhler_matthews")):
            size = neglected(setup, run, run.row.order.stationary or 1)
            own = replace(exact, floor=max(size, exact.floor)) if size <= CLEAR else None
        return Comparison(exact, own, last)
    return _evolving(setup, run, evolution)


def long_run_distribution(setup: Setup, run: MethodRun) -> Distribution | None:
    """The stationary distribution of the method: to all orders in the step where the potential separates, else to first
    order.

    None where the step is too long for an expansion.
    """
    landscape, kT, h = setup.landscape, setup.kT, setup.config.step
    exact = boltzmann(landscape, kT)
    if run.method in UNBIASED:
        return exact
    own = _whole(discretised(landscape, run.method, kT, h, setup.start_distributions, None))
    if own is not None:
        return own
    floor = neglected(setup, run, 2)
    if not floor <= EXPANDED:
        return None
    if modified.FIRST_ORDER.get(run.method, 0.0) == 0:  # splittings have no bias of first order
        return replace(exact, floor=max(floor, exact.floor)) if floor <= CLEAR else None
    if not floor <= CLEAR:
        return None
    squares = landscape.gradient(exact.points).square().sum(1).numpy()
    laplacian = landscape.hessian(exact.points).diagonal(dim1=1, dim2=2).sum(1).numpy()
    change = modified.correction(squares, laplacian, kT, h, run.method)
    weights = exact.weights * (1 - (change - exact.weights @ change) / kT)
    source = "Boltzmann's distribution with this step's bias, to first order"
    return replace(exact, source=source, weights=weights, floor=max(floor, exact.floor))


def _kernel(setup: Setup, run: MethodRun) -> Distribution | None:
    """The distribution of the method after its steps; None without a kernel, or where probability leaves its box."""
    starts, h = setup.start_distributions, setup.config.step
    return _whole(discretised(setup.landscape, run.method, setup.kT, h, starts, run.path.steps))


def _whole(found: Distribution | None) -> Distribution | None:
    return found if found is not None and abs(found.weights.sum() - 1) < WHOLE else None


def _cooled(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Comparison:
    starts, h, last = setup.start_distributions, setup.config.step, len(run.times) - 1
    if setup.is_quadratic and run.method in cooled_linear.METHODS:
        return _cooled_quadratic(setup, run)
    own = annealed(setup.landscape, run.method, setup.temperature, h, starts, run.path.steps)
    own = own if own is not None and abs(own.weights.sum() - 1) < 1e-4 else None
    truth, why = None, ""
    if not run.is_overdamped:
        why = "of a motion with inertia while the temperature changes no exact distribution is known"
    elif evolution is None:
        why = "the Fokker–Planck equation of this run would need too fine a grid, or too long"
    else:
        truth = evolution.distribution_at(run.end, ANNEALED_FLOOR)
    return Comparison(truth, own, last, why=why)


def _cooled_quadratic(setup: Setup, run: MethodRun) -> Comparison:
    config, kT = setup.config, setup.temperature
    temperature = kT if isinstance(kT, Cooling) else lambda t: kT
    friction = None if run.is_overdamped else config.friction
    equation = cooled_linear.cooled_time(run.end, setup.hessian, temperature, friction, config.mass)
    steps = cooled_linear.cooled_steps(
        run.method, run.path.steps, setup.hessian, config.step, temperature, config.friction, config.mass
    )
    truth = _moved(setup, equation, f"closed form of the equation as it cools, at t = {run.end:.4g}")
    own = _moved(setup, steps, f"closed form of this method as it cools, {counted(run.path.steps, 'step')}")
    finite = bool(np.isfinite(own.weights @ own.points.numpy()).all())
    return Comparison(truth, own if finite else None, len(run.times) - 1)


def _evolving(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Comparison:
    """The comparison at the end of a run not yet in equilibrium: Fokker–Planck density (in phase space for underdamped
    dynamics), and that of the method."""
    last = len(run.times) - 1
    if run.is_overdamped and evolution is not None:
        return Comparison(evolution.distribution_at(run.end, GRID_FLOOR), _kernel(setup, run), last)
    moved = end_distribution(setup, run, is_true=True)
    if moved is not None:
        return Comparison(moved, end_distribution(setup, run, is_true=False), last)
    return Comparison(
        boltzmann(setup.landscape, setup.kT), _kernel(setup, run), last, incomparable=not_forgotten(setup, run)
    )


def _quadratic(setup: Setup, run: MethodRun) -> Comparison:
    """The comparison on a quadratic potential, where both distributions are known at every step."""
    config, last = setup.config, len(run.times) - 1
    settled = is_settled(setup, run)
    rest = linear.moved_gaussian(
        linear.LinearMap(np.zeros((2, 2)), setup.kT * np.linalg.inv(setup.hessian)),
        np.zeros(2),
        np.zeros((2, 2)),
        "Boltzmann's distribution, in closed form",
    )
    if run.method in UNBIASED:
        if config.start == "equilibrium" or settled:
            return Comparison(rest, None, len(run.times) // 2, True, independent_draws(setup, run))
        if run.method in TIMELESS:
            return Comparison(rest, None, last, incomparable=not_forgotten(setup, run))
        return Comparison(quadratic_truth(setup, run, run.end), None, last)
    own = quadratic_prediction(setup, run, run.path.steps)
    truth = rest if config.start == "equilibrium" or settled else quadratic_truth(setup, run, run.end)
    return Comparison(truth, own if np.isfinite(own.weights @ own.points.numpy()).all() else None, last)


def quadratic_truth(setup: Setup, run: MethodRun, t: float) -> Distribution:
    """The true distribution at time t on a quadratic potential."""
    friction = None if run.is_overdamped else setup.config.friction
    step = linear.after_time(t, setup.hessian, setup.kT, friction, setup.config.mass)
    return _moved(setup, step, f"closed form of the equation at t = {t:.4g}")


def quadratic_prediction(setup: Setup, run: MethodRun, steps: int) -> Distribution:
    """The distribution of a method with linear steps after `steps` steps on a quadratic potential."""
    config = setup.config
    step = linear.after_steps(run.method, steps, setup.hessian, config.step, setup.kT, config.friction, config.mass)
    return _moved(setup, step, f"closed form of this method, {counted(steps, 'step')}")


def _moved(setup: Setup, step: linear.LinearMap, source: str) -> Distribution:
    if setup.config.start == "box":
        low, high = np.array(setup.landscape.view).T
        return linear.moved_box(step, low, high, source)
    return linear.moved_gaussian(step, *setup.start_moments, source)


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


def _with_replicas(setup: Setup, run: MethodRun, found: Comparison) -> Comparison:
    """The comparison with replayed particles added where the effect of the step is not known otherwise; and, for an
    underdamped run not in equilibrium, with particles of a finer step as the truth."""
    exact = found.long_run and run.method in UNBIASED
    if found.predicted is not None or exact:
        return found
    if found.truth is not None and not found.incomparable and run.method in ("euler", "leimkuhler_matthews"):
        kT = setup.temperature
        temperature = kT if isinstance(kT, Cooling) else lambda t: kT
        h, seed, steps = setup.config.step, setup.config.seed, run.path.steps
        if setup.is_constant and not found.long_run and steps > 1 and neglected(setup, run, 1) <= EXPANDED:
            start = setup.start
            if len(start) < FEWEST:  # too few: draw others from the same distribution
                start = Setup.of(setup.config.replace(seed=(seed + 1) % 2**31, particles=FEWEST)).start
            error = step_error(setup.landscape, run.method, start, temperature, h, steps, seed)
            if error is not None:
                return replace(found, step_error=error)
    rate = settling_rate(setup, run) if found.long_run else None
    enough = RELAXED / rate if rate and not run.lost else np.inf  # particles are lost for as long as a run lasts
    found = replace(found, replayed=cloud(setup, run, enough=enough))
    if not run.is_overdamped and run.method not in TIMELESS and (found.truth is None or found.incomparable):
        true = cloud(setup, run, finer=True)
        if true is not None:
            found = replace(found, true_cloud=true, incomparable="", truth=None)
    return found

"""Checks of variances that depend on the step: of positions on a quadratic potential, and of momenta."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.numbers import counted
from demos.contract import Check
from demos.langevin.checks_means import HEAVY, ROUNDING, blur, estimate
from demos.langevin.comparison import Comparison, splitting_moments_of
from demos.langevin.exact import quadratic
from demos.langevin.inertia import moving_marginals
from demos.langevin.reference.underdamped import FLOOR, PhaseMarginals
from demos.langevin.settling import is_settled, sharpness
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 100  # least number of particles, so that a mean of squares is nearly normal


def variances(setup: Setup, run: MethodRun, comparison: Comparison) -> list[Check]:
    """Rows of the variance across and along the valley of a quadratic potential, over kT/k."""
    truth, own = comparison.truth, comparison.predicted
    if not setup.is_quadratic or not setup.is_constant or truth is None or comparison.incomparable:
        return []
    config, kT, frames = setup.config, setup.kT, run.path.states[comparison.first :]
    states = frames.to(torch.float64)
    stiffness, axes = np.linalg.eigh(setup.hessian)
    rows = []
    for k, axis, name in zip(stiffness, torch.from_numpy(axes.T.copy()), ("along", "across"), strict=True):
        middle, centre = (each.mean(lambda x, axis=axis: x @ axis) for each in (truth, own or truth))
        about = lambda x, c, axis=axis, k=k: (x @ axis - c) ** 2 * k / kT
        square = lambda x, centre=centre, about=about: about(x, centre)
        right, spread, kurtosis = truth.statistics(lambda x, middle=middle, about=about: about(x, middle))
        predicted = None
        if own is not None:
            predicted, spread, kurtosis = own.statistics(square)
        if kurtosis > HEAVY * config.particles:
            continue
        values = square(states.reshape(-1, 2)).numpy().reshape(len(states), -1)
        measured = estimate(values, spread, comparison.draws)
        note = ""
        if run.is_overdamped and run.method != "mala":
            z = config.step * k
            note = f"h k = {z:.3g}: in the long run {_long_run_ratio(run.method, z)}."
        floor = ROUNDING * (right + centre**2 * k / kT) + blur(own or truth) ** 2 * k / kT
        predicted_error = 0.0
        if own is None and comparison.replayed is not None:
            predicted, predicted_error, _ = comparison.replayed.mean(square)
        rows.append(
            Check(
                f"variance {name} the valley / (kT/k)",
                measured.value,
                right,
                measured.error,
                floor,
                source=truth.source,
                note=note,
                predicted=predicted,
                predicted_error=predicted_error,
                predicted_by="this step",
            )
        )
    return rows[::-1]  # across the valley first: there the step has the larger effect


def _long_run_ratio(method: str, z: float) -> str:
    try:
        return f"{quadratic.variance_ratio(method, z):.4g}"
    except ValueError:
        return "without bound"


def momentum(setup: Setup, run: MethodRun) -> list[Check]:
    """The row of ⟨p²⟩/(m kT) per coordinate for underdamped methods: 1 in equilibrium by equipartition. The prediction
    for the splitting is exact on quadratic potentials, else of leading order."""
    config, kT, mass = setup.config, setup.kT, setup.config.mass
    if run.path.momenta is None or not setup.is_constant or config.particles < FEWEST:
        return []
    at_rest = config.start == "equilibrium" or is_settled(setup, run)
    predicted, floor, spread, source = None, 0.0, 1.0, "equipartition"
    first = len(run.path.momenta) // 2 if at_rest else len(run.path.momenta) - 1
    if setup.is_quadratic and config.start in ("point", "cloud", "equilibrium"):
        mean, covariance = splitting_moments_of(setup, run)
        mean, covariance = mean[2:], covariance[2:, 2:]
        predicted = float((np.trace(covariance) + mean @ mean) / (2 * mass * kT))
        spread = np.sqrt(2 * np.trace(covariance @ covariance) + 4 * mean @ covariance @ mean) / (2 * mass * kT)
        first, source = len(run.path.momenta) - 1, f"closed form for this splitting, {counted(run.path.steps, 'step')}"
    elif at_rest and setup.is_confined:
        shift = _momentum_shift(setup, run)
        if shift is None or shift > 0.05:
            return []
        floor = shift
    else:
        return _moving_momentum(setup, run)
    squares = run.path.momenta[first:].to(torch.float64).square().mean(dim=2).numpy() / (mass * kT)
    measured = estimate(squares, float(spread))
    floor += ROUNDING * (predicted or 1.0)
    return [
        Check(
            "mean square momentum / (m kT)",
            measured.value,
            1.0 if at_rest else None,
            measured.error,
            floor,
            source=source,
            predicted=predicted,
            predicted_by="this step",
        )
    ]


def _moving_momentum(setup: Setup, run: MethodRun) -> list[Check]:
    """The same row at the end of a run that is not in equilibrium, where the density in phase space is known."""
    own, true = (moving_marginals(setup, run, is_true) for is_true in (False, True))
    if own is None or run.path.momenta is None:
        return []
    unit = setup.config.mass * setup.kT
    predicted, spread = _mean_square(own[-1], unit)
    measured = float(run.path.momenta[-1].to(torch.float64).square().mean()) / unit
    return [
        Check(
            "mean square momentum / (m kT)",
            measured,
            None if true is None else _mean_square(true[-1], unit)[0],
            spread / np.sqrt(setup.config.particles),
            FLOOR,
            source=f"kinetic Fokker–Planck equation at t = {run.end:.4g}",
            predicted=predicted,
            predicted_by="this step",
        )
    ]


def _mean_square(coordinates: tuple[PhaseMarginals, PhaseMarginals], unit: float) -> tuple[float, float]:
    """⟨p²⟩/unit, the mean of two independent coordinates, and its standard deviation for one particle."""
    means, variances = [], []
    for each in coordinates:
        p, weights = each.p
        shares, square = weights / weights.sum(), p**2 / unit
        means.append(shares @ square)
        variances.append(shares @ square**2 - means[-1] ** 2)
    return float(np.mean(means)), float(np.sqrt(max(sum(variances), 0.0)) / 2)


def _momentum_shift(setup: Setup, run: MethodRun) -> float | None:
    """The bias of ⟨p²⟩/(m kT) of a splitting at the largest curvature; None where it is not stable there."""
    h, kT, mass, friction = setup.config.step, setup.kT, setup.config.mass, setup.config.friction
    sharp = sharpness(setup, run)
    try:
        found = quadratic.splitting_variances(run.method, h, np.sqrt(sharp / mass), friction, kT, mass)
    except ValueError:
        return None
    return max(abs(found[1] / (mass * kT) - 1), h**2 * sharp / mass / 4)

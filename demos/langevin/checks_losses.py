"""Checks for steps that are too large: share of lost particles and growth of the cloud, against exact predictions."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.numbers import counted
from demos.common.statistics import binomial_error
from demos.contract import Check
from demos.langevin.comparison import Comparison
from demos.langevin.exact import quadratic
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.losses import lost_share
from demos.langevin.replicas import cloud, from_frames
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 200  # least number of particles, so that their mean square is nearly normal
LINEAR = ("euler", "leimkuhler_matthews", "heun", "implicit_euler")
RARE, MARGIN = 1e-7, 6.0  # a runaway is MARGIN kT above the energy that the distribution exceeds with probability RARE
LARGEST = 1e12  # largest position that does not count as diverged


def loss_checks(setup: Setup, run: MethodRun, comparison: Comparison) -> list[Check]:
    """Rows of lost (diverged) particles: the exact dynamics loses none; the prediction for this step comes from its
    kernel or from replayed particles. On a quadratic potential also of the cloud's growth against |1 − hk|."""
    if not run.lost:
        return []
    count, predicted, error = setup.config.particles, None, 0.0
    share, source, known = run.lost / count, "the equation loses none", None
    if setup.is_constant and setup.is_confined and not setup.is_quadratic:
        h, starts = setup.config.step, setup.start_distributions
        known = lost_share(setup.landscape, run.method, setup.kT, h, starts, run.path.steps)
    if known is not None:
        predicted, floor = min(max(known[0], 0.0), 1.0), known[1]
        error = float(np.hypot(binomial_error(predicted, count), floor / 4))
        source += "; the method's kernel, with an open box, loses as many as predicted"
    elif (again := comparison.replayed or cloud(setup, run)) is not None:
        predicted, error = _beside(share, count, 1 - len(again.alive) / len(again.points), len(again.points))
        source += "; the same moves made again by other code lose as many as predicted"
    elif (moved := from_frames(setup, run)) is not None:
        predicted, error = moved.lost, moved.error(share, moved.lost, count)
        source += "; the moves from frame to frame, made again by other code, lose as many as predicted"
    limit = setup.step_limit(run.method)
    rows = [
        Check(
            "fraction of particles lost",
            share,
            0.0,
            source=source,
            predicted=predicted,
            predicted_error=error,
            predicted_by="this step",
            explained=f"for the step is beyond {limit:.3g}" if predicted is None and setup.config.step > limit else "",
        )
    ]
    return rows + (_growth(setup, run) if setup.is_quadratic and setup.is_constant else [])


def runaways(setup: Setup, run: MethodRun, comparison: Comparison) -> list[Check]:
    """The row of the share of runaways, particles where the exact distribution has less than one in ten million: the
    true value is 0, the prediction comes from replayed particles. No row where there are none."""
    energies = setup.landscape.energy(run.path.states[-1].to(torch.float64)).numpy()
    far = _farthest(setup, run, comparison, float(energies.max()))
    if far is None:
        return []
    away = int(np.sum(~(energies <= far)))
    if not away:
        return []
    count, again = setup.config.particles, comparison.replayed or cloud(setup, run)
    predicted, error = None, 0.0
    if again is not None:
        values = setup.landscape.energy(again.points).numpy()
        predicted, error = _beside(away / count, count, float(np.mean(~(values <= far))), len(values))
    elif (moved := from_frames(setup, run)) is not None:
        predicted = float(np.mean(~(setup.landscape.energy(moved.points).numpy() <= far)))
        error = moved.error(away / count, predicted, count)
    return [
        Check(
            "fraction of particles that ran away",
            away / count,
            0.0,
            source="the exact distribution has fewer than one in ten million there",
            note=f"Beyond U = {far:.3g}.",
            predicted=predicted,
            predicted_error=error,
            predicted_by="this step",
        )
    ]


def _beside(share: float, count: int, again: float, runs: int) -> tuple[float, float]:
    """The share `again` of `runs` replayed particles as the prediction for `count` particles, and the standard error of
    the difference if both have the same probability. (The true value 0 has no error.)"""
    likely = (share * count + again * runs) / (count + runs)
    return again, float(np.hypot(binomial_error(likely, count), binomial_error(likely, runs)))


def _farthest(setup: Setup, run: MethodRun, comparison: Comparison, reached: float) -> float | None:
    """An energy that the known distributions exceed with a probability below RARE; where none is known, that of
    Boltzmann's at the highest temperature, and at least that of every start. The same where proposals are refused: a
    particle that is still at its start has not run away. None where nothing is known, and where that energy is at
    least `reached`, the highest of a particle: then it is not needed, and to find it means to sort the distribution.
    """
    known = [each for each in (comparison.truth, comparison.predicted) if each is not None]
    if comparison.incomparable:
        return None
    kT, highest = setup.hottest, -np.inf
    if run.row.proposes or not known:
        highest = float(setup.landscape.energy(setup.start).max())
    if not known and setup.is_confined:
        known = [boltzmann(setup.landscape, kT)]
    if not known:
        return None
    for each in known:
        energies = setup.landscape.energy(each.points).numpy()
        if each.weights[energies > reached - MARGIN * kT].sum() >= RARE:
            return None
        order = np.argsort(-energies)
        beyond = np.cumsum(each.weights[order])
        at = min(int(np.searchsorted(beyond, RARE)), len(order) - 1)
        highest = max(highest, float(energies[order[at]]))
    return highest + MARGIN * kT


def _growth(setup: Setup, run: MethodRun) -> list[Check]:
    """The row of the mean square distance, at the last frame in which no particle has diverged, against its exact
    value."""
    config, kT = setup.config, setup.kT
    if config.particles < FEWEST or run.method not in LINEAR or config.start not in ("point", "cloud"):
        return []
    states = run.states.astype(np.float64)
    in_order = np.isfinite(states).all(axis=(1, 2)) & (np.abs(states).max(axis=(1, 2)) < LARGEST)
    last = int(np.nonzero(in_order)[0][-1])
    steps = round(float(run.times[last]) / config.step)
    hessian = setup.hessian
    mean, covariance = quadratic.moments(run.method, hessian, config.step, kT, steps, *setup.start_moments)
    exact = float(mean @ mean + np.trace(covariance))
    squares = (states[last] ** 2).sum(axis=1)
    # of a Gaussian: Var |x|² = 2 tr C² + 4 m·Cm
    error = float(np.sqrt((2 * np.trace(covariance @ covariance) + 4 * mean @ covariance @ mean) / config.particles))
    stiffest = np.linalg.eigvalsh(hessian)[-1]
    factor = quadratic.overdamped_step(run.method, stiffest, config.step, kT).growth
    scale = 10.0 ** np.floor(np.log10(max(exact, 1e-300)))
    return [
        Check(
            f"mean of x² + y² after {counted(steps, 'step')}, in units of {scale:.0e}",
            float(squares.mean() / scale),
            None,
            error / scale,
            1e-6 * (1 + steps) * exact / scale,  # single precision
            source=f"closed form: each step multiplies by {factor:.4g} across the valley",
            predicted=exact / scale,
            predicted_by="this step",
        )
    ]

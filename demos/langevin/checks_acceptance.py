"""Checks of Metropolis methods: the acceptance rate, and whether the particles moved at all."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import number
from demos.common.progress import checkpoint
from demos.contract import Check
from demos.langevin.reference.acceptance import stationary_acceptance
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.replay import Dynamics, Replay
from demos.langevin.replicas import CALLS, EVALUATIONS, cost_of, dynamics_of
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 30  # least number of particles for a check
STILL = 0.9  # share of particles that never moved, from which the picture still shows the start
REFUSED = 0.02  # acceptance rate below which the picture still shows the start
RESOLVED = 1e-3  # largest error of the quadrature, in standard deviations of a mean
LEAST = 1e-6  # least variance of a rate, where the replay has too few refusals to measure it
ENOUGH = 100
MOST_EVALUATIONS, FEWEST_PAIRS = 1_500_000, 1_000
RARE = 250  # fewer accepted (or refused) proposals are too few in an eighth of them
TWICE = 8  # every eighth interval is replayed twice, which measures the random error of a replay


def stuck(run: MethodRun) -> str:
    """The reason why a Metropolis run still shows its start; "" where it does not."""
    if run.path.acceptance is None:
        return ""
    states = run.path.states
    still = float((states[-1] == states[0]).all(dim=1).double().mean())
    if still <= STILL and run.path.acceptance > REFUSED:
        return ""
    accepted = f"{number(100 * run.path.acceptance, digits=2)} % of" if run.path.acceptance else "none of"
    return (
        f"{accepted} the proposals were accepted and {number(100 * still, digits=3)} % of the particles never moved: "
        "this is the start, not the sampler"
    )


def acceptance(setup: Setup, run: MethodRun) -> list[Check]:
    """The row of the acceptance rate: for a start in equilibrium against quadrature over the exact distribution, else
    against replayed particles. Its error comes from the rates of single particles."""
    config = setup.config
    if run.path.acceptance is None or config.particles < FEWEST:
        return []
    checkpoint()
    rates = _rates(setup, run)
    note = "0.574 is best for MALA in many dimensions, 0.651 for HMC; in one or two it lies higher."
    truth, quadrature, predicted, predicted_error = None, 0.0, None, 0.0
    source = "proposals made again by other code"
    whole = rates[1] == run.path.steps
    known = setup.is_constant and setup.is_confined and boltzmann(setup.landscape, setup.kT).floor < RESOLVED
    if config.start == "equilibrium" and known:
        truth, quadrature = stationary_acceptance(
            setup.landscape, run.method, setup.kT, config.step, config.mass, config.leapfrog_steps
        )
        source = "quadrature over the exact distribution"
    elif whole:
        one = 1 / (len(rates[0]) * rates[1])  # proposal: where none of the replicas refused any, their spread is zero
        predicted, predicted_error = float(rates[0].mean()), max(float(rates[0].std() / np.sqrt(len(rates[0]))), one)
    else:
        return []
    share = truth if truth is not None else (predicted or 0.0)
    error = np.sqrt(max(share * (1 - share), LEAST) / config.particles)  # as if each particle were one observation
    seen = len(rates[0]) * rates[1] * min(rates[0].mean(), 1 - rates[0].mean())  # the rarer outcome in the replay
    error = min(error, (rates[2] if seen > ENOUGH else max(rates[2], np.sqrt(LEAST))) / np.sqrt(config.particles))
    return [
        Check(
            "fraction of proposals accepted",
            run.path.acceptance,
            truth,
            float(np.hypot(max(error, 1 / (config.particles * run.path.steps)), quadrature)),
            rounding(setup, run) + 0.5 / (config.particles * run.path.steps),
            source=source,
            note=note,
            predicted=predicted,
            predicted_error=predicted_error,
            predicted_by="this step",
        )
    ]


def from_the_same_places(setup: Setup, run: MethodRun) -> list[Check]:
    """The row of the acceptance rate against replayed proposals, which start from each recorded position and go on to
    the next frame.

    The variation of the rate with position is common to both and cancels; only the randomness of single proposals is
    left, so that a force with an error of some percent is detected, which averages over the distribution do not show.
    """
    states, steps = run.path.states, run.path.steps
    frames, lost = np.round(run.times / setup.config.step).astype(int), run.lost
    if run.path.acceptance is None or lost or len(states) < 2 or frames[-1] != steps:
        return []
    lengths, size = np.diff(frames), states.shape[1]
    if size * steps * cost_of(setup, run) > MOST_EVALUATIONS or size * len(lengths) < FEWEST_PAIRS:
        return []
    checkpoint()
    expected, squares, dynamics = 0.0, 0.0, dynamics_of(setup, run)
    for length in np.unique(lengths):
        members = np.nonzero(lengths == length)[0]
        begin = states[:-1][torch.from_numpy(members)].reshape(-1, 2)
        first = torch.from_numpy(frames[members]).repeat_interleave(size)
        one = _accepted(dynamics, begin, first, int(length), steps, setup.config.seed)
        other = _accepted(dynamics, begin[::TWICE], first[::TWICE], int(length), steps, setup.config.seed + 1)
        expected += float(one.sum())
        squares += float((one[::TWICE] - other).square().sum()) / len(other) * len(one)  # two independent counts
    whole = size * steps
    if min(expected, whole - expected) < RARE:
        # The eighth, or even the replay, may have none by chance. Two Poisson numbers of one mean differ by the root of
        # their sum, and counts of rare things vary no more than these.
        seen = run.path.acceptance * whole
        squares = max(squares, min(expected + seen, 2 * whole - expected - seen))
    return [
        Check(
            "proposals accepted from the same places",
            run.path.acceptance,
            None,
            max(float(np.sqrt(squares)), 1.0) / whole,
            rounding(setup, run),
            source="proposals made again by other code, from every recorded place",
            predicted=expected / whole,
            predicted_by="this step",
        )
    ]


def rounding(setup: Setup, run: MethodRun) -> float:
    """The error of an acceptance probability by single precision: the rounding of two energies, over kT."""
    energies = setup.landscape.energy(run.path.states[-1]).abs()
    highest = float(energies[torch.isfinite(energies)].max()) if torch.isfinite(energies).any() else 0.0
    coldest = setup.kT if setup.is_constant else min(setup.config.temperature, setup.config.cold)
    return 2 * float(torch.finfo(run.path.states.dtype).eps) * (1 + highest / coldest)


def _accepted(dynamics: Dynamics, begin: Tensor, first: Tensor, length: int, last: int, seed: int) -> Tensor:
    """The number of accepted ones of the next `length` proposals of each particle, (M,)."""
    number = int(np.random.default_rng([seed, 13, length]).integers(2**62))
    replay = Replay(dynamics, begin, first, last, number)
    replay.advance(length)
    return replay.accepted.to(torch.float64)


def _rates(setup: Setup, run: MethodRun) -> tuple[np.ndarray, int, float]:
    """The acceptance rates (M,) of replayed particles, the number of steps they are over, and the standard deviation of
    the rate of one particle over the whole run.

    A replay of fewer steps has more scattered rates. By which power of the number of steps the variance falls is taken
    from half of the replay and the whole: 1 if proposals are independent, less if refusals cluster.
    """
    steps, cost = run.path.steps, cost_of(setup, run)
    steps = int(min(steps, max(1, CALLS // cost), max(1, EVALUATIONS // (cost * 200))))
    count = int(min(2_000, max(200, EVALUATIONS / (steps * cost))))
    config = setup.config
    start = Setup.of(config.replace(seed=(config.seed + 104_729) % 2**31, particles=count)).start
    replay = Replay(dynamics_of(setup, run), start, torch.zeros(count, dtype=torch.long), steps, config.seed + 5)
    replay.advance(steps // 2)
    early = replay.accepted.clone()
    replay.advance(steps - steps // 2)
    rates = (replay.accepted.numpy() / steps).astype(float)
    late = (replay.accepted - early).numpy() / (steps - steps // 2)
    whole, half = float(rates.var()), float(late.var())
    power = 0.0
    if 1 < steps < run.path.steps and half > 0 and whole > 0:
        power = float(np.clip(np.log(half / whole) / np.log(steps / (steps - steps // 2)), 0.0, 1.0))
    return rates, steps, float(np.sqrt(whole * (steps / run.path.steps) ** power))

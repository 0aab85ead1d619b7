"""Methods that propose: how many proposals are accepted, and whether anything moved at all."""

from __future__ import annotations

import numpy as np
import torch

from demos.contract import Check
from demos.langevin.reference.acceptance import ROUNDING, stationary_acceptance
from demos.langevin.reference.replay import Replay
from demos.langevin.replicas import CALLS, EVALUATIONS, cost_of, dynamics_of
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 30  # particles
STILL = 0.9  # a share of particles that never moved: the picture is the start
REFUSED = 0.02  # accepted, at most: the same
LEAST = 1e-6


def stuck(run: MethodRun) -> str:
    """Why the picture of a method that proposes is its start, true for this run; empty where it is not."""
    if run.path.acceptance is None:
        return ""
    states = run.path.states
    still = float((states[-1] == states[0]).all(dim=1).double().mean())
    if still <= STILL and run.path.acceptance > REFUSED:
        return ""
    return (
        f"{run.path.acceptance:.2%} of the proposals were accepted and {still:.0%} of the particles never moved: "
        "this is the start, not the sampler"
    )


def acceptance(setup: Setup, run: MethodRun) -> list[Check]:
    """The accepted fraction of proposals: for a start in equilibrium by quadrature over the exact distribution,
    elsewhere beside particles that propose again. The error is that of the rates of single particles."""
    config = setup.config
    if run.path.acceptance is None or config.particles < FEWEST:
        return []
    rates = _rates(setup, run)
    note = "0.574 is best for MALA in many dimensions, 0.651 for HMC; in one or two it lies higher."
    truth, quadrature, predicted, predicted_error = None, 0.0, None, 0.0
    source = "proposals made again by other code"
    whole = rates is not None and rates[1] == run.path.steps
    if config.start == "equilibrium" and setup.is_constant and setup.is_confined:
        truth, quadrature = stationary_acceptance(
            setup.landscape, run.method, setup.kT, config.step, config.mass, config.leapfrog_steps
        )
        source = "quadrature over the exact distribution"
    elif rates is not None and whole:
        predicted, predicted_error = float(rates[0].mean()), float(rates[0].std() / np.sqrt(len(rates[0])))
    else:
        return []
    share = truth if truth is not None else (predicted or 0.0)
    error = np.sqrt(max(share * (1 - share), LEAST) / config.particles)  # a particle counted once, at most
    if rates is not None:
        error = min(error, max(float(rates[0].std()), np.sqrt(LEAST)) / np.sqrt(config.particles))
    return [
        Check(
            "fraction of proposals accepted",
            run.path.acceptance,
            truth,
            float(np.hypot(error, quadrature)),
            ROUNDING + 0.5 / (config.particles * run.path.steps),
            source=source,
            note=note,
            predicted=predicted,
            predicted_error=predicted_error,
            predicted_by="this step",
        )
    ]


def _rates(setup: Setup, run: MethodRun) -> tuple[np.ndarray, int] | None:
    """The accepted share of each of some particles that propose again (M,), over so many steps; None where that would
    take too long."""
    steps, cost = run.path.steps, cost_of(setup, run)
    steps = int(min(steps, max(1, CALLS // cost), max(1, EVALUATIONS // (cost * 200))))
    count = int(min(2_000, max(200, EVALUATIONS / (steps * cost))))
    config = setup.config
    start = Setup.of(config.replace(seed=(config.seed + 104_729) % 2**31, particles=count)).start
    replay = Replay(dynamics_of(setup, run), start, torch.zeros(count, dtype=torch.long), steps, config.seed + 5)
    replay.advance(steps)
    return (replay.accepted.numpy() / steps).astype(float), steps

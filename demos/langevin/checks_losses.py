"""When the step is too large: how many particles are lost, and how fast the cloud grows, against exact predictions."""

from __future__ import annotations

import numpy as np

from demos.common.statistics import binomial_error
from demos.contract import Check
from demos.langevin.exact import quadratic
from demos.langevin.reference.losses import lost_share
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 200  # particles whose mean of squares is nearly normal
LINEAR = ("euler", "leimkuhler_matthews", "heun", "implicit_euler")
LARGEST = 1e12  # positions that count as still in order


def loss_checks(setup: Setup, run: MethodRun) -> list[Check]:
    """Lost particles against the kernel's lost mass; on a quadratic, the growth of the cloud against |1 − hk|."""
    if not setup.is_constant:
        return []
    if setup.is_quadratic:
        return _growth(setup, run)
    h, starts = setup.config.step, setup.start_distributions
    expected = lost_share(setup.landscape, run.method, setup.kT, h, starts, run.path.steps)
    if expected is None:
        return []
    exact, floor = expected
    count = setup.config.particles
    return [
        Check(
            "share of particles lost",
            run.lost / count,
            exact,
            binomial_error(min(max(exact, 0.0), 1.0), count),
            floor,
            source="the method's own kernel, with an open box",
        )
    ]


def _growth(setup: Setup, run: MethodRun) -> list[Check]:
    """The mean square distance at the last frame in which all are in order, against its exact value there."""
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
            f"⟨x² + y²⟩ after {steps} steps, in units of {scale:.0e}",
            float(squares.mean() / scale),
            exact / scale,
            error / scale,
            1e-6 * (1 + steps) * exact / scale,  # single precision
            source=f"exact: each step multiplies by {factor:.4g} along the stiff axis",
        )
    ]

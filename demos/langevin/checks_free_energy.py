"""Checks of the free energy on a quadratic potential: its exact value at the end, and its decay against the bound of
Bakry and Émery."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.langevin.comparison import Comparison, quadratic_truth
from demos.langevin.exact import quadratic
from demos.langevin.exact.fokker_planck import kl_bound
from demos.langevin.reference import linear
from demos.langevin.reference.gaussian import Gaussian, sample_free_energy
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 100  # least number of particles, so that the logarithm of their covariance is nearly normal
CLEAR = 80.0  # the bound is compared while it is at least so many times the bias of the sample's free energy
LONG = 1_000_000  # steps after which a method has reached its stationary distribution


def is_gaussian(setup: Setup, run: MethodRun) -> bool:
    """Whether the distribution of this run, and therefore its free energy, is Gaussian and known at every step."""
    return (
        setup.is_quadratic
        and setup.is_constant
        and setup.config.start != "box"
        and run.is_overdamped
        and run.method != "mala"
        and not run.lost
    )


def gaussians(setup: Setup, run: MethodRun) -> list[Gaussian]:
    """The exact distribution at each frame after the start."""
    return [setup.gaussian_after(run.method, round(t / setup.config.step)) for t in run.times[1:]]


def free_energy_checks(setup: Setup, run: MethodRun, comparison: Comparison) -> list[Check]:
    """Rows of the cloud's F at the end against its exact value, and of its decay over the run against the bound."""
    count = setup.config.particles
    if not is_gaussian(setup, run) or comparison.long_run or count < FEWEST or setup.config.start == "equilibrium":
        return []
    exact = setup.gaussian_after(run.method, run.path.steps)
    if not np.isfinite(exact.free_energy):  # the step is above the stability limit
        return []
    moved = quadratic_truth(setup, run, run.end)
    start = setup.start_moments
    equation = linear.after_time(run.end, setup.hessian, setup.kT, None, setup.config.mass)
    true = Gaussian(
        equation.matrix @ start[0],
        equation.matrix @ start[1] @ equation.matrix.T + equation.noise,
        setup.hessian,
        setup.kT,
    )
    end = Check(
        "free energy above equilibrium",
        sample_free_energy(run.states[-1], setup.hessian, setup.kT) - exact.bias(count),
        true.free_energy,
        exact.error(count),
        exact.skew(count),
        source=moved.source,
        note="Of the cloud's mean and covariance; less 5 kT/2N, by which so few particles overstate it.",
        predicted=exact.free_energy,
        predicted_by="this step",
    )
    return [end, *_decay(setup, run)]


def _decay(setup: Setup, run: MethodRun) -> list[Check]:
    """The row of the largest ratio of F(t) to its bound e^{−2mt} F, from the first frame on; it is 1 for a cloud that
    only moves along the softest axis. Where the steps of a method are slower than the flow (implicit Euler's factor
    1/(1 + mh) is above e^{−mh}), their own ratio is predicted."""
    kT, count = setup.kT, setup.config.particles
    stiffest = float(np.linalg.eigvalsh(setup.hessian)[-1])
    growth = quadratic.overdamped_step(run.method, stiffest, setup.config.step, kT).growth
    if setup.config.start == "equilibrium" or growth >= 1:
        return []
    times, exact = run.times, gaussians(setup, run)
    bound = kT * kl_bound(exact[0].free_energy / kT, setup.landscape.convexity, times[1:])
    rest = setup.gaussian_after(run.method, LONG).free_energy  # the method's stationary F is above Boltzmann's
    bias = np.array([gaussian.bias(count) for gaussian in exact])
    clear = np.nonzero(bound > CLEAR * (rest + bias))[0]
    if len(clear) < 2:
        return []
    ratios = [(sample_free_energy(run.states[1 + k], setup.hessian, kT) - bias[k]) / bound[k] for k in clear[1:]]
    worst = int(np.argmax(ratios))
    k = clear[1 + worst]
    own = exact[k].free_energy / float(bound[k])
    return [
        Check(
            "free energy over its bound, at most",
            float(ratios[worst]),
            1.0,
            exact[k].error(count) / float(bound[k]),
            float((rest + exact[k].skew(count)) / bound[k]),
            bound="upper",
            source="Bakry and Émery: e^(−2kt) from the first frame on, k the smallest curvature",
            predicted=own if own > 1 else None,
            predicted_by="this step",
            note=f"Compared while the bound is clear of the sampling floor, to t = {times[1 + clear[-1]]:.3g}.",
        )
    ]

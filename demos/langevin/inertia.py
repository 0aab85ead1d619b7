"""The distributions of an underdamped run in motion: of its method with its step, and of the equation."""

from __future__ import annotations

from demos.common.numbers import counted
from demos.langevin.exact.quadratic import NAMED_WORDS
from demos.langevin.reference.distribution import Distribution
from demos.langevin.reference.underdamped import Inertia, PhaseMarginals, distribution_of, underdamped
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun


def moving_marginals(setup: Setup, run: MethodRun, is_true: bool) -> list[tuple[PhaseMarginals, PhaseMarginals]] | None:
    """The marginals of both coordinates at each of the run's compared frames: exact for its method and step, or for the
    equation (`is_true`). None where they are not known."""
    config = setup.config
    if run.method not in NAMED_WORDS or not setup.is_constant or run.lost:
        return None
    steps = tuple(round(float(run.times[k]) / config.step) for k in run.compared_frames)
    if not steps or steps[0] < 1:
        return None
    inertia = Inertia(setup.kT, config.friction, config.mass)
    return underdamped(
        setup.landscape, inertia, setup.start_distributions, run.method, config.step, steps, is_true=is_true
    )


def end_distribution(setup: Setup, run: MethodRun, is_true: bool) -> Distribution | None:
    """The distribution at the end of the run, as in `moving_marginals`."""
    found = moving_marginals(setup, run, is_true)
    if found is None:
        return None
    if is_true:
        return distribution_of(found[-1], f"kinetic Fokker–Planck equation at t = {run.end:.4g}")
    return distribution_of(
        found[-1], f"density in phase space, moved by this method, {counted(run.path.steps, 'step')}"
    )

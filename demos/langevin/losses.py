"""When the step is too large: how many particles are lost, and how fast, against exact predictions."""

from __future__ import annotations

import numpy as np

from demos.common.statistics import binomial_error
from demos.contract import Check
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.convex import hessian_of
from demos.langevin.exact import quadratic
from demos.langevin.laws import one_dimension
from demos.langevin.motion import starts
from demos.langevin.simulate import Run

DELAY = 6  # steps between leaving the box for good and leaving every bound: growth is doubly exponential
FEWEST = 200  # particles whose mean of squares is nearly normal
MARGIN = 1.5  # the box, in units of the place from which even a noiseless step grows


def loss_checks(config: LangevinConfig, run: Run) -> list[Check]:
    """Lost particles against the kernel's lost mass; on a quadratic, the growth of the cloud against |1 − hk|."""
    if config.schedule != "constant":
        return []
    landscape = landscape_of(config)
    if landscape.name == "harmonic":
        return _growth(config, run)
    if landscape.separable is None or run.method not in ("euler", "leimkuhler_matthews"):
        return []
    alive_now, alive_before = 1.0, 1.0
    for profile, start, box in zip(landscape.separable, starts(config), landscape.box, strict=True):
        far = MARGIN * _no_return(profile.slope, config.step, box)
        if far == 0:
            return []
        box = (-far, far) if np.isfinite(far) else box
        sides = [
            one_dimension(
                profile, run.method, config.temperature, config.step, start, max(run.path.steps - back, 1), box
            )
            for back in (0, DELAY)
        ]
        if None in sides:
            return []
        alive_now *= sides[0][1].sum()
        alive_before *= sides[1][1].sum()
    exact = 1 - 0.5 * (alive_now + alive_before)
    share = run.path.status.diverged / config.particles
    error = binomial_error(min(max(exact, 0.0), 1.0), config.particles)
    return [
        Check(
            "share of particles lost",
            share,
            float(exact),
            error,
            0.5 * abs(alive_before - alive_now) + 1e-3,
            source="the method's own kernel, with an open box",
        )
    ]


def _no_return(slope, h: float, box: tuple[float, float]) -> float:
    """The smallest |s| from which a step without noise lands farther out on the other side; inf where there is none,
    0 where that begins at the bottom of a well: then the growth is a plain exponential, too slow for DELAY."""
    s = np.linspace(1e-3, 20 * max(map(abs, box)), 20_001)
    grows = (s - h * slope(s) < -s) & (-s - h * slope(-s) > s)
    if not grows.any():
        return np.inf
    first = int(np.argmax(grows))
    return float(s[first]) if first else 0.0


def _growth(config: LangevinConfig, run: Run) -> list[Check]:
    """The mean square distance at the last frame in which all are in order, against its exact value there."""
    known = ("euler", "leimkuhler_matthews", "heun", "implicit_euler")
    if config.particles < FEWEST or run.method not in known or config.start not in ("point", "cloud"):
        return []
    states = run.states.astype(np.float64)
    fine = np.isfinite(states).all(axis=(1, 2)) & (np.abs(states).max(axis=(1, 2)) < 1e12)
    last = int(np.nonzero(fine)[0][-1])
    steps = round(float(run.path.times[last]) / config.step)
    hessian = hessian_of(config)
    spread = config.spread**2 * np.eye(2) if config.start == "cloud" else None
    mean, covariance = quadratic.moments(
        run.method, hessian, config.step, config.temperature, steps, np.array([config.x0, config.y0]), spread
    )
    exact = float(mean @ mean + np.trace(covariance))
    squares = (states[last] ** 2).sum(axis=1)
    # of a Gaussian: Var |x|² = 2 tr C² + 4 m·Cm
    error = float(np.sqrt((2 * np.trace(covariance @ covariance) + 4 * mean @ covariance @ mean) / config.particles))
    stiffest = np.linalg.eigvalsh(hessian)[-1]
    factor = quadratic.overdamped_step(run.method, stiffest, config.step, config.temperature).growth
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

"""The mixing of each method: autocorrelations of some particles of the run, recorded at every step.

The frames of the picture are too few for this: they cannot resolve a correlation time shorter than their distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demos.common import statistics
from demos.common.progress import Progress, checkpoint, part
from demos.contract.running import demo_run
from demos.gradient_flow import solve
from demos.langevin.config import LangevinConfig
from demos.langevin.exact import quadratic
from demos.langevin.exact.quadratic import LinearStep
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.samplers import SAMPLERS, TIMELESS, has_momentum, has_unknown_cost
from demos.langevin.setup import Setup
from demos.langevin.simulate import planned_steps, step_times

CHAINS = 256  # most particles
MOST_DRAWS = 1_000_000  # most values of x for each method: 8 MB
NOT_MIXED = 1.1  # R̂ above which no number of effective draws is given
GROUP = 16  # chains in one group of the nested R̂
MANY = 32  # least number of chains from whose means a variance is estimated
FEWEST = 16  # least number of draws of a chain
REACH = 5.0  # length of the curve in correlation times
POINTS = 121  # points of a curve


@dataclass(frozen=True)
class Mixing:
    """curves: lag, C, series; numbers: one row a method; unit: of the lags; chains: number of recorded particles."""

    curves: pd.DataFrame
    numbers: pd.DataFrame
    unit: str
    chains: int


@demo_run
def mixing_study(config: LangevinConfig, progress: Progress | None = None) -> Mixing:
    """Autocorrelation of x, effective draws and R̂ over the second half of the steps, for each method of the config.

    All methods have about the same number of gradient evaluations (see `simulate`). Lags are in time; in proposals for
    HMC; in gradient evaluations where methods are compared. Raises ValueError where the run is too short, or the
    particles of every method diverge.
    """
    setup = Setup.of(config)
    compared, planned = bool(config.compare), planned_steps(setup)
    chains = max(1, min(config.particles, CHAINS, 2 * MOST_DRAWS // max(planned.values())))
    recorded = {}
    for i, (method, steps) in enumerate(planned.items()):
        found = _draws(setup, method, steps, chains, part(progress, i, len(planned)))
        if found is not None:
            recorded[method] = found
    if not recorded:
        raise ValueError(
            f"Mixing is told from at least {2 * FEWEST} steps in which every particle stays finite and "
            "something moves: take more steps, or a shorter one."
        )
    curves, rows = [], []
    for method, (draws, per_step) in recorded.items():
        label = SAMPLERS[method].label
        width = per_step if compared else 1.0 if method in TIMELESS else config.step
        checkpoint()
        mean = _known_mean(setup)
        mixed = nested_rhat(draws)
        tau, effective = _correlation(draws, mean, has_momentum(method))
        if mixed > NOT_MIXED:  # the chains are shorter than their correlation time, which cannot be estimated
            effective = float("nan")
        reach = int(np.clip(np.ceil(REACH * tau), 8, draws.shape[1] // 2))
        lags = np.unique(np.round(np.linspace(0, reach, POINTS)).astype(int))
        values = statistics.autocorrelation(draws, reach, mean)[lags]
        curves.append(pd.DataFrame({"lag": width * lags, "C": values, "series": label}))
        row = {"method": label, "correlation time": width * tau}
        exact = exact_mixing(setup, method, lags)
        if exact is not None:
            curves.append(pd.DataFrame({"lag": width * lags, "C": exact[0], "series": f"exact for {label}"}))
            row["exact correlation time"] = width * exact[1]
        rows.append(
            row
            | {
                "draws of x": draws.size,
                "effective draws": effective,
                "per 1,000 gradients": 1000 * effective / (draws.size * per_step),
                "R̂": mixed,
            }
        )
    unit = "gradient evaluations" if compared else "proposals" if config.method in TIMELESS else "time"
    return Mixing(pd.concat(curves), pd.DataFrame(rows), unit, chains)


def nested_rhat(draws: np.ndarray) -> float:
    """The nested R̂ of many short chains (C, T), which compares groups of chains with nearby starts.

    It is √(1 + B/W), with B the variance between the means of groups and W that within them; R̂ of single chains would
    be large only because they are short (Margossian et al., Bayesian Anal. 20 (2025), arXiv 2110.13017). For few chains
    it is the rank-normalised split R̂.
    """
    count = len(draws)
    if count < 4 * GROUP:
        return statistics.rhat(draws)
    ordered = draws[np.argsort(draws[:, 0], kind="stable")]
    groups = [ordered[i : i + GROUP] for i in range(0, count - GROUP + 1, GROUP)]
    means = np.array([group.mean() for group in groups])
    within = np.mean([group.var(axis=1).mean() + group.mean(axis=1).var(ddof=1) for group in groups])
    return float(np.sqrt(1 + means.var(ddof=1) / within)) if within > 0 else float("nan")


def _known_mean(setup: Setup) -> float | None:
    """⟨x⟩ in equilibrium; None where it is not known."""
    if not (setup.is_constant and setup.is_confined):
        return None
    if setup.is_quadratic:
        return 0.0
    return boltzmann(setup.landscape, setup.kT).mean(lambda x: x[:, 0], "mean of x")


def _correlation(draws: np.ndarray, mean: float | None, swings: bool) -> tuple[float, float]:
    """The correlation time in draws, and the number of independent draws that all are worth.

    For oscillating paths the usual windowed sum of correlations stops within an oscillation; there both are computed
    from the variance of the chains' means.
    """
    chains, length = draws.shape
    if not swings or chains < MANY:
        return statistics.autocorrelation_time(draws, mean=mean), statistics.ess(draws)
    centre = float(draws.mean()) if mean is None else mean
    spread = float(np.mean(np.square(draws - centre)))
    of_means = float(np.mean(np.square(draws.mean(axis=1) - centre)))
    tau = length * of_means / spread
    return tau, draws.size / tau


def _draws(
    setup: Setup, method: str, steps: int, chains: int, progress: Progress | None
) -> tuple[np.ndarray, float] | None:
    """x of each chain at each step of the second half, (C, T), and gradient evaluations a step; None where they
    are too few, not finite or all equal."""
    if steps < 2 * FEWEST:
        return None
    config = setup.config
    checkpoint()
    path = solve(
        setup.flow,
        setup.start[:chains],
        step_times(steps, config.step),
        method,
        seed=config.seed,
        record=steps + 1,
        observe=lambda x, t: x[:, 0],
        progress=progress,
        **config.options_of(method),
    )
    checkpoint()
    draws = path.observed[steps // 2 + 1 :].numpy().T.astype(np.float64)
    if path.status.diverged or draws.shape[1] < FEWEST or not np.isfinite(draws).all() or np.ptp(draws) == 0:
        return None
    return draws, path.evaluations / path.steps if has_unknown_cost(method) else float(config.evaluations(method))


def exact_mixing(setup: Setup, method: str, lags: np.ndarray) -> tuple[np.ndarray, float] | None:
    """On a quadratic potential: the exact autocorrelation of x at these lags (K,) for the method with its step, and
    1 + 2 Σ C(n) in steps.

    None for another potential, a method whose step is not linear, or an unstable step.
    """
    if not (setup.is_quadratic and setup.is_constant):
        return None
    stiffness, axes = np.linalg.eigh(setup.hessian)
    total, values, time = 0.0, np.zeros(len(lags)), 0.0
    for k, share in zip(stiffness, axes[0] ** 2, strict=True):
        try:
            step = _linear_step(setup, method, float(k))
            values += share * step.autocovariance(lags)
        except ValueError:
            return None
        time += share * step.summed_autocovariance()
        total += share * step.stationary()[0, 0]
    return values / total, time / total


def _linear_step(setup: Setup, method: str, k: float) -> LinearStep:
    h, kT, friction, mass = setup.config.step, setup.kT, setup.config.friction, setup.config.mass
    if has_momentum(method):
        return quadratic.splitting_step(method, h, np.sqrt(k / mass), friction, kT, mass)
    return quadratic.overdamped_step(method, k, h, kT)

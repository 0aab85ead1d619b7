"""How fast each method mixes: a few particles of the same run, recorded at every step.

The frames of the picture are too few for this: a method that decorrelates between two of them would seem to have no
more independent draws than frames.
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

CHAINS = 256  # particles, at most
MOST_DRAWS = 1_000_000  # of x, of each method: 8 MB
NOT_MIXED = 1.1  # R̂ above which no effective draws are told
GROUP = 16  # chains of one group of the nested R̂
MANY = 32  # chains whose means tell their own variance
FEWEST = 16  # draws of a chain
REACH = 5.0  # the curve goes on for so many correlation times
POINTS = 121  # of a curve


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

    All methods have the same number of gradient evaluations, or about (see `simulate`). Lags are in time; in proposals
    for a method without a clock; in gradient evaluations where methods are compared. Raises ValueError, in one
    sentence, where the run is too short, or no method keeps its particles finite.
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
        if mixed > NOT_MIXED:  # chains shorter than their memory: no number of independent draws can be told
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
    """R̂ of many short chains (C, T): do groups of chains that began near each other agree?

    √(1 + B/W), with B the variance between the means of groups and W that within them; each chain on its own would
    seem not to have mixed because it is short (Margossian et al., Bayesian Anal. 20 (2025), arXiv 2110.13017). Of few
    chains the rank-normalised split R̂.
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
    """⟨x⟩ in equilibrium, where it is known."""
    if not (setup.is_constant and setup.is_confined):
        return None
    if setup.is_quadratic:
        return 0.0
    return boltzmann(setup.landscape, setup.kT).mean(lambda x: x[:, 0], "mean of x")


def _correlation(draws: np.ndarray, mean: float | None, swings: bool) -> tuple[float, float]:
    """The correlation time in draws, and how many independent draws they are worth.

    Of a path that swings, sums over its correlations stop inside a swing: there both come from the variance of the
    chains' own means.
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
    """On a quadratic, of the method with its step: autocorrelation of x at these lags (K,), and 1 + 2 Σ C(n) in steps.

    None for another potential, a method whose step is not linear, and one that is not stable.
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

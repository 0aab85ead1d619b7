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
LONGER = 8  # a run that is too short to mix is repeated so many times as long
MOST_WORK = 25_000_000  # gradient evaluations, over all chains, of a longer run: about a second of one core
CALL = 500  # chains that take as long as one
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

    All methods have about the same number of gradient evaluations (see `simulate`). Where that is too few to mix, all
    runs are made longer, if the temperature is constant. Lags are in time; in proposals for HMC; in gradient
    evaluations where methods are compared. Raises ValueError where the run is too short, or the
    particles of every method diverge.
    """
    setup = Setup.of(config)
    compared, planned = bool(config.compare), planned_steps(setup)
    mean = _known_mean(setup)
    found = _recorded(setup, planned, mean, part(progress, 0, 1, 0.3))
    factor = _longer(setup, planned)
    if factor > 1 and any(not each.is_mixed for each in found.values()):
        longer = {method: factor * steps for method, steps in planned.items()}
        found |= _recorded(setup, longer, mean, part(progress, 0.3, 1, 0.7))
    if not found:
        raise ValueError(
            f"Mixing is told from at least {2 * FEWEST} steps in which every particle stays finite and "
            "something moves: take more steps, or a shorter one."
        )
    curves, rows = [], []
    for method, each in found.items():
        label, draws = SAMPLERS[method].label, each.draws
        width = each.per_step if compared else 1.0 if method in TIMELESS else config.step
        checkpoint()
        effective = draws.size / each.tau if each.is_mixed and each.tau > 0 else float("nan")
        reach = int(np.clip(np.ceil(REACH * (each.tau if each.tau > 0 else 0)), 8, draws.shape[1] // 2))
        lags = np.unique(np.round(np.linspace(0, reach, POINTS)).astype(int))
        values = statistics.autocorrelation(draws, reach, mean)[lags]
        curves.append(pd.DataFrame({"lag": width * lags, "C": values, "series": label}))
        row = {"method": label, "correlation time": width * each.tau, "its standard error": width * each.error}
        exact = exact_mixing(setup, method, lags)
        if exact is not None:
            curves.append(pd.DataFrame({"lag": width * lags, "C": exact[0], "series": f"exact for {label}"}))
            row["exact correlation time"] = width * exact[1]
        rows.append(
            row
            | {
                "draws of x": draws.size,
                "effective draws": effective,
                "per 1,000 gradients": 1000 * effective / (draws.size * each.per_step),
                "R̂": each.rhat,
            }
        )
    unit = "gradient evaluations" if compared else "proposals" if config.method in TIMELESS else "time"
    chains = min(len(each.draws) for each in found.values())
    return Mixing(pd.concat(curves), pd.DataFrame(rows), unit, chains)


@dataclass(frozen=True, eq=False)
class _Recorded:
    """draws: x of each chain at each step, (C, T); tau, error: the correlation time in draws, nan where not known."""

    draws: np.ndarray
    per_step: float
    tau: float
    error: float
    rhat: float

    @property
    def is_mixed(self) -> bool:
        return self.rhat <= NOT_MIXED and np.isfinite(self.tau)


def _recorded(
    setup: Setup, planned: dict[str, int], mean: float | None, progress: Progress | None
) -> dict[str, _Recorded]:
    """The chains of each method; without those that are too short, or in which a particle diverged."""
    chains = max(1, min(setup.config.particles, CHAINS, 2 * MOST_DRAWS // max(planned.values())))
    recorded = {}
    for i, (method, steps) in enumerate(planned.items()):
        found = _draws(setup, method, steps, chains, part(progress, i, len(planned)))
        if found is not None:
            tau, error = statistics.autocorrelation_time(found[0], mean=mean)
            recorded[method] = _Recorded(*found, tau, error, nested_rhat(found[0]))
    return recorded


def _longer(setup: Setup, planned: dict[str, int]) -> int:
    """How many times as long the runs may be made; 1 where the temperature changes over the run."""
    config = setup.config
    if not setup.is_constant:
        return 1
    chains = max(1, min(config.particles, CHAINS))
    work = sum(steps * config.step_work(method, CALL) for method, steps in planned.items())
    draws = chains * max(planned.values()) // 2
    return int(max(1, min(LONGER, MOST_WORK // work, MOST_DRAWS // max(draws, 1))))


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

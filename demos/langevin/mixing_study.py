"""How fast each method mixes: a few particles of the same run, watched at every step.

The frames of the picture are too few for this: a method that forgets its place between two of them would seem to have
no more independent draws than frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from demos.common import statistics
from demos.common.progress import Progress, cancellable, checkpoint
from demos.gradient_flow import solve
from demos.langevin.config import SAMPLERS, LangevinConfig, cost, landscape_of, options_of
from demos.langevin.convex import hessian_of
from demos.langevin.exact import quadratic
from demos.langevin.exact.quadratic import LinearStep
from demos.langevin.simulate import flow_of, is_approximate, planned_steps, start_of
from demos.langevin.truth import TIMELESS

CHAINS = 256  # particles, at most
MOST_DRAWS = 1_000_000  # of x, kept of each method: 8 MB
RANKED = 250_000  # draws of which R̂ is told: to rank a million would take a tenth of a second at a time
FEWEST = 16  # draws of a chain
REACH = 5.0  # the curve goes on for so many correlation times
POINTS = 121  # of a curve


@dataclass(frozen=True)
class Mixing:
    """curves: lag, C, series; numbers: one row a method; unit: what a lag of 1 is; chains: how many were watched."""

    curves: pd.DataFrame
    numbers: pd.DataFrame
    unit: str
    chains: int


@cancellable
def mixing_study(config: LangevinConfig, progress: Progress | None = None) -> Mixing:
    """Autocorrelation of x, effective draws and R̂ over the second half of the steps, for each method of the config.

    All methods have the same number of gradient evaluations, or about (see `simulate`). Lags are in time; in proposals
    for a method without a clock; in gradient evaluations where methods are compared. Raises ValueError, in one
    sentence, where the run is too short, or no method keeps its particles finite.
    """
    methods = (config.method, *config.compare)
    compared = len(methods) > 1
    planned = planned_steps(config)
    chains = max(1, min(config.particles, CHAINS, 2 * MOST_DRAWS // max(planned.values())))
    kept = {}
    for i, (method, steps) in enumerate(planned.items()):
        part = None if progress is None else lambda done, i=i: progress((i + done) / len(methods))
        found = _draws(config, method, steps, chains, part)
        if found is not None:
            kept[method] = found
    if not kept:
        raise ValueError(
            f"Mixing is told from at least {2 * FEWEST} steps in which every particle stays finite and "
            "something moves: take more steps, or a shorter one."
        )
    curves, rows = [], []
    for method, (draws, per_step) in kept.items():
        label = SAMPLERS[method].label
        width = per_step if compared else 1.0 if method in TIMELESS else config.step
        checkpoint()
        tau = statistics.autocorrelation_time(draws)
        effective = statistics.ess(draws)
        reach = int(np.clip(np.ceil(REACH * tau), 8, draws.shape[1] // 2))
        lags = np.unique(np.round(np.linspace(0, reach, POINTS)).astype(int))
        values = statistics.autocorrelation(draws, reach)[lags]
        curves.append(pd.DataFrame({"lag": width * lags, "C": values, "series": label}))
        row = {"method": label, "correlation time": width * tau}
        exact = exact_mixing(config, method, lags)
        if exact is not None:
            curves.append(pd.DataFrame({"lag": width * lags, "C": exact[0], "series": f"exact for {label}"}))
            row["exact correlation time"] = width * exact[1]
        rows.append(
            row
            | {
                "draws of x": draws.size,
                "effective draws": effective,
                "per 1,000 gradients": 1000 * effective / (draws.size * per_step),
                "R̂": statistics.rhat(draws[:, :: max(1, draws.size // RANKED)]),
            }
        )
    unit = "gradient evaluations" if compared else "proposals" if config.method in TIMELESS else "time"
    return Mixing(pd.concat(curves), pd.DataFrame(rows), unit, chains)


def _draws(
    config: LangevinConfig, method: str, steps: int, chains: int, progress: Progress | None
) -> tuple[np.ndarray, float] | None:
    """x of each chain at each step of the second half, (C, T), and gradient evaluations a step; None where that says
    nothing."""
    if steps < 2 * FEWEST:
        return None
    times = torch.arange(steps + 1, dtype=torch.float64) * config.step
    checkpoint()
    path = solve(
        flow_of(config),
        start_of(config)[:chains],
        times,
        method,
        seed=config.seed,
        record=steps + 1,
        observe=lambda x, t: x[:, 0],
        progress=progress,
        **options_of(method, config),
    )
    checkpoint()
    draws = path.observed[steps // 2 + 1 :].numpy().T.astype(np.float64)
    if path.status.diverged or draws.shape[1] < FEWEST or not np.isfinite(draws).all() or np.ptp(draws) == 0:
        return None
    return draws, path.evaluations / path.steps if is_approximate(method) else float(cost(method, config))


def exact_mixing(config: LangevinConfig, method: str, lags: np.ndarray) -> tuple[np.ndarray, float] | None:
    """On a quadratic, of the method with its step: autocorrelation of x at these lags (K,), and 1 + 2 Σ C(n) in steps.

    None for another potential, a method whose step is not linear, and one that is not stable.
    """
    landscape = landscape_of(config)
    if landscape.name != "harmonic" or config.schedule != "constant":
        return None
    stiffness, axes = np.linalg.eigh(hessian_of(config))
    total, values, time = 0.0, np.zeros(len(lags)), 0.0
    for k, share in zip(stiffness, axes[0] ** 2, strict=True):
        try:
            step = _linear(config, method, float(k))
            values += share * step.autocovariance(lags)
        except ValueError:
            return None
        time += share * step.summed_autocovariance()
        total += share * step.stationary()[0, 0]
    return values / total, time / total


def _linear(config: LangevinConfig, method: str, k: float) -> LinearStep:
    if SAMPLERS[method].momentum is None:
        return quadratic.overdamped_step(method, k, config.step, config.temperature)
    return quadratic.splitting_step(
        method, config.step, np.sqrt(k / config.mass), config.friction, config.temperature, config.mass
    )

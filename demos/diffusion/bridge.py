"""The bridge: one score, one solver, and a single number λ between the probability-flow ODE and Langevin dynamics.

    dx = −(1 + λ)σ ∇E dt + √(2λσ) dW,   E = −log p_σ,   t = σ_max − σ

is the gradient flow of −log p_σ (mobility σ), plus λ times Langevin dynamics at kT = 1 in the same landscape, which
leaves p_σ as it is. So the distribution at each noise level is the same for every λ, while the paths differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from demos.common.progress import Progress, checkpoint, part
from demos.contract.running import demo_run
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.coordinates import at_levels
from demos.diffusion.flows import level_times, reverse_flow
from demos.diffusion.metrics import Distance, sliced_w2
from demos.diffusion.metrics.distances import sorted_projections
from demos.diffusion.picture import picture
from demos.diffusion.samplers import SAMPLERS, Sampled
from demos.diffusion.setup import Setup, setup, true_points
from demos.diffusion.simulate import Run
from demos.gradient_flow import solve
from demos.picture import Picture

RATES = (0.0, 1.0, 4.0)
STEPS = 64
COLORS = (0, 3, 1, 6, 2)
LEVELS = (3.0, 1.0, 0.3, 0.1, 0.0)  # in spreads of the data
SAMPLES = 21  # independent true samples at each noise level: their 210 pairs give the floor of the distance


@dataclass(frozen=True)
class Bridge:
    """The comparison of several λ from the same starting noise.

    picture: one panel for each λ. distances: sliced W2 to the exact distribution at each noise level, with the floor
    that two true samples show. paths: for each λ, how far its end points lie from those of the first λ, and the length
    of its paths."""

    picture: Picture
    distances: pd.DataFrame
    paths: pd.DataFrame


@demo_run
def bridge(
    config: DiffusionConfig, progress: Progress | None = None, rates: Sequence[float] = RATES, steps: int = STEPS
) -> Bridge:
    """Integrate the same starting noise at each λ by `edm_heun`.

    That method is Heun's at λ = 0; for λ > 0 each step first adds its noise and then makes Heun's step.
    Raises ValueError where the config asks for a class with a guidance weight other than 0 and 1.
    """
    config = config.replace(start="data", last="denoise", compare=(), probe=False)
    chosen = setup(config, progress)
    if chosen.asked is not None and config.guidance != 1:
        raise ValueError(
            f"Guided with w = {config.guidance:g} the points follow no distribution that is known on the way, and "
            "λ changes it: for the bridge choose w = 1, or all data."
        )
    plan = chosen.plan
    grid = plan.levels(steps)
    runs = []
    for i, rate in enumerate(rates):
        path = solve(
            reverse_flow(chosen.model, float(grid[0]), rate),
            chosen.start,
            level_times(grid),
            "edm_heun",
            seed=config.seed,
            record=len(grid),
            progress=part(progress, i, len(rates)),
        )
        sampler = replace(SAMPLERS["heun"], label=f"λ = {rate:g}", color=COLORS[i % len(COLORS)], stochastic=rate > 0)
        runs.append(Run(sampler, Sampled("heun", grid, path.states, path.evaluations, path.steps, str(path.status))))
    reference = true_points(config, chosen.data, chosen.labels)
    drawn = picture(chosen, runs, reference)
    shown = [
        replace(
            panel,
            layers=[replace(layer, trail_shown=True) if layer.name == "Samples" else layer for layer in panel.layers],
        )
        for panel in drawn.panels
    ]
    return Bridge(replace(drawn, panels=shown), _distances(chosen, runs), _paths(runs))


def _distances(chosen: Setup, runs: list[Run]) -> pd.DataFrame:
    unit, count = chosen.data.sigma_data, len(chosen.start)
    rows = []
    for level in LEVELS:
        sigma = level * unit
        floor = _floor(chosen, sigma, count)
        reference = _noisy(chosen, sigma, count, 977)
        for run in runs:
            cloud = torch.from_numpy(at_levels(run.path.sigmas, run.path.states, np.array([sigma]))[0])
            rows.append(
                {
                    "series": run.label,
                    "sigma/σ_data": level,
                    "sliced W2": sliced_w2(cloud, reference),
                    "floor": floor.mean,
                    "floor spread": floor.spread,
                }
            )
    return pd.DataFrame(rows)


def _noisy(chosen: Setup, sigma: float, count: int, seed: int) -> torch.Tensor:
    checkpoint()
    generator = torch.Generator().manual_seed(seed)
    points, _ = chosen.data.distribution.sample(count, generator, chosen.asked)
    return (points + sigma * torch.randn(count, 2, generator=generator, dtype=torch.float64)).float()


def _floor(chosen: Setup, sigma: float, count: int) -> Distance:
    clouds = [sorted_projections(_noisy(chosen, sigma, count, 2_000 + i)) for i in range(SAMPLES)]
    values = [float(np.sqrt(np.square(a - b).mean())) for i, a in enumerate(clouds) for b in clouds[:i]]
    return Distance(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))


def _paths(runs: list[Run]) -> pd.DataFrame:
    """For each λ: the distance of its end points from those of the first λ, and the length of its paths."""
    first, rows = runs[0].path.end, []
    for run in runs:
        length = run.path.states.diff(dim=0).norm(dim=2).sum(0).mean()
        rows.append(
            {
                "series": run.label,
                "ends apart": float((run.path.end - first).norm(dim=1).mean()),
                "length of path": float(length),
            }
        )
    return pd.DataFrame(rows)

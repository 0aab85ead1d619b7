"""Expensive tables, computed only when their tab is opened: each runs samplers many times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from demos.common.progress import Progress, part
from demos.contract.running import demo_run
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.metrics import floor, log_likelihood, mmd, support_fraction, w2
from demos.diffusion.models import prior
from demos.diffusion.samplers import SAMPLERS
from demos.diffusion.setup import Setup, setup, true_points
from demos.diffusion.simulate import simulate
from demos.diffusion.tables import closeness

BUDGETS = (5, 9, 17, 35, 69, 137)
STUDIED = ("ddim", "heun", "dpmpp_2m")  # the samplers of a study where the config compares none
MOST_COMPARED = 600  # most points for exact W2 and MMD: 0.02 s each, W2 longer for clouds that lie apart
PAIRS = 30  # pairs of true samples for the floors
LEVELS = 12  # noise levels of the score error


@demo_run
def cost_study(
    config: DiffusionConfig, progress: Progress | None = None, budgets: Sequence[int] = BUDGETS
) -> pd.DataFrame:
    """Distance to the data over the number of evaluations (`budgets`), for each sampler from the same noise, with the
    floor of true samples.

    Raises ValueError where it would take too long.
    """
    chosen = setup(config, progress)
    names = config.samplers if config.compare else tuple(dict.fromkeys((config.sampler, *STUDIED)))
    # budgets with the same number of steps give the same path, which is computed once (once in all for adaptive ones)
    paid = {(name, SAMPLERS[name].steps(budget, chosen.plan)): (name, budget) for name in names for budget in budgets}
    config.check_study(chosen.calls * sum(config.spent(name, budget) for name, budget in paid.values()))
    reference, rows = true_points(config, chosen.data, chosen.labels), []
    for i, (name, budget) in enumerate(paid.values()):
        config_here = config.replace(sampler=name, compare=(), evaluations=budget)
        (run,) = simulate(replace(chosen, config=config_here), part(progress, i, len(paid)))
        close, inside = closeness(chosen, run, reference), support_fraction(chosen.data, run.path.end)
        rows.append(
            {
                "series": run.label,
                "evaluations": chosen.evaluations(run.path),
                "sliced W2": close.distance,
                "floor": close.floor.mean,
                "floor spread": close.floor.spread,
                "in support": np.nan if inside is None else inside[0],
            }
        )
    return pd.DataFrame(rows).drop_duplicates(["series", "evaluations"], ignore_index=True)


@demo_run
def exact_distances(config: DiffusionConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Exact W2 and MMD² of each sampler (of at most MOST_COMPARED points), with the floors of two true samples."""
    chosen = setup(config, progress)
    count = min(config.particles, MOST_COMPARED)
    reference, unit = true_points(config, chosen.data, chosen.labels), chosen.data.sigma_data
    asked = None if chosen.asked is None else chosen.asked[:count]  # the classes of the reference points
    kernels = lambda a, b: mmd(a, b, unit)
    least = floor(w2, chosen.data, count, pairs=PAIRS, labels=asked)
    least_mmd = floor(kernels, chosen.data, count, pairs=PAIRS, labels=asked)
    rows = []
    for run in simulate(chosen, progress):
        end = torch.nan_to_num(run.path.end.float(), nan=1e6)[:count]
        rows.append(
            {
                "series": run.label,
                "points": count,
                "W2": w2(end, reference[:count]),
                "W2 floor": least.mean,
                "W2 floor spread": least.spread,
                "MMD²": kernels(end, reference[:count]),
                # for independent points its mean is 0; for fixed numbers of points of each class it is below 0
                "MMD² floor": least_mmd.mean if config.target == "each" else 0.0,
                "MMD² floor spread": least_mmd.spread,
            }
        )
    return pd.DataFrame(rows)


@demo_run
def likelihood_study(config: DiffusionConfig, progress: Progress | None = None, count: int = 200) -> pd.DataFrame:
    """log p at σ_min of true points: closed form, ODE with the exact divergence, ODE with Hutchinson's estimate.

    One row per point: x, y, exact (missing for finite data), ode, hutchinson (one probe), hutchinson10 (ten).
    """
    chosen = setup(config.replace(target="all"), progress)
    data, plan, model = chosen.data, chosen.plan, chosen.model
    points, _ = data.sample(count, 3)
    # at σ_max the exact distribution has its own density; for a network it is the Gaussian of its starting noise
    mean, spread = prior(model, plan.high)
    gaussian = lambda x: -((x - mean) / spread).square().sum(1) / 2 - math.log(2 * math.pi * spread**2)
    start = (lambda x: data.distribution.log_density(x, plan.high)) if config.score == "exact" else gaussian
    frame = pd.DataFrame(points.numpy(), columns=["x", "y"])
    frame["exact"] = np.nan if data.finite else data.distribution.log_density(points, plan.low).numpy()
    for i, (name, probes) in enumerate((("ode", 0), ("hutchinson", 1), ("hutchinson10", 10))):
        found = log_likelihood(
            model,
            points,
            plan.high,
            plan.low,
            prior=start,
            probes=probes,
            seed=config.seed,
            rtol=1e-4,
            progress=part(progress, i, 3),
        )
        frame[name] = found.log_density.numpy()
    return frame


@demo_run
def score_error(config: DiffusionConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Error of the model's score at each noise level, its standard error, and the size of the exact score.

    For finite data the exact score is that of the data points; a network with that score would memorize them.
    """
    from demos.diffusion.learned.score_error import score_error as error_of  # networks are imported only when needed

    chosen = setup(config.replace(target="all"), progress)
    data, plan = chosen.data, chosen.plan
    sigmas = np.geomspace(plan.high, max(plan.low, 1e-3 * data.sigma_data), LEVELS)
    return error_of(chosen.model, data.distribution, sigmas, count=1_000)


@demo_run
def guidance_study(
    config: DiffusionConfig, progress: Progress | None = None, weights: Sequence[float] = (0, 1, 2, 4, 8)
) -> pd.DataFrame:
    """Compares guided samples with p(x) p(c|x)^w, the distribution often said to be sampled (here by quadrature).

    Columns: w; class share (the share of samples that the exact posterior assigns to the class); spread and mean
    distance from the class's mean, of the samples and of the product. The class is that of the config, else the first.
    Raises ValueError where it would take too long.
    """
    target = int(config.target) if config.target.isdigit() else 0
    config.check_study(2 * len(weights) * config.spent(config.sampler))
    rows, products = [], None
    for i, weight in enumerate(weights):
        chosen = setup(config.replace(target=str(target), guidance=float(weight), compare=()), progress)
        (run,) = simulate(chosen, part(progress, i, len(weights)))
        end, distribution = run.path.end.double(), chosen.data.distribution
        own = distribution.conditional(target).mean
        products = products or Products.of(chosen, target)
        mean, spread = products.moments(weight)
        rows.append(
            {
                "w": float(weight),
                "class share": float((distribution.classify(end) == target).double().mean()),
                "spread": math.sqrt(float(end.var(0).sum()) / 2),
                "spread of p(x) p(c|x)^w": spread,
                "away": float((end.mean(0) - own).norm()),
                "away of p(x) p(c|x)^w": float((mean - own).norm()),
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Products:
    """p(x) p(c|x)^w of any weight w, by quadrature on a grid, with noise of one grid cell.

    axis (n,) of both directions; log_every (n, n) is log p(x), log_class (n, n) log p(c|x): the costly part, done once.
    """

    axis: torch.Tensor
    log_every: torch.Tensor
    log_class: torch.Tensor

    @classmethod
    def of(cls, chosen: Setup, target: int, grid: int = 401) -> Products:
        half, distribution = 1.3 * chosen.data.view, chosen.data.distribution
        axis = torch.linspace(-half, half, grid, dtype=torch.float64)
        sigma = float(axis[1] - axis[0])
        every = distribution.log_grid(axis, axis, sigma)
        own = distribution.conditional(target).log_grid(axis, axis, sigma)
        return cls(axis, every, own + math.log(float(distribution.shares[target])) - every)

    def moments(self, weight: float) -> tuple[torch.Tensor, float]:
        """Mean (2,) and spread √(trace/2)."""
        log_product = self.log_every + weight * self.log_class
        share = torch.exp(log_product - log_product.max())
        share = share / share.sum()
        gx, gy = torch.meshgrid(self.axis, self.axis, indexing="xy")
        mean = torch.stack([(share * gx).sum(), (share * gy).sum()])
        variance = (share * ((gx - mean[0]).square() + (gy - mean[1]).square())).sum()
        return mean, math.sqrt(float(variance) / 2)

"""Quality of a learned model: distance to the data with its floor, likelihood, and share of samples in the support."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.diffusion.data import DataSet
from demos.diffusion.metrics import floor, log_likelihood, sliced_w2, support_fraction, w2
from demos.diffusion.models import Model, prior
from demos.diffusion.processes import Edm
from demos.diffusion.samplers import Plan, sample

STEPS = 32  # steps of Heun's method, which are 63 evaluations
HIGH, LOW = 10.0, 0.002  # noise levels, in spreads of the data


@torch.no_grad()
def generated(model: Model, count: int, seed: int, steps: int = STEPS) -> Tensor:
    """(count, 2) float32 samples of the model: the probability-flow ODE by Heun's method on Karras's grid."""
    high, low = HIGH * model.sigma_data, LOW * model.sigma_data
    mean, spread = prior(model, high)
    start = torch.randn(2, count, generator=torch.Generator().manual_seed(seed)).T * spread + mean.float()
    return sample("heun", model, start, Plan(Edm(model.sigma_data), high, low), 2 * steps - 1, record=2).end


def distance(model: Model, data: DataSet, count: int = 2_000, seeds: int = 10, each: int = 2) -> dict[str, Any]:
    """Mean exact W2 from `seeds` true samples of `count` points to samples of the model, to samples of the exact score
    from the same noise, and (the floor) to `each` other true samples.

    The random counts of the modes alone give each mean an error of 5 to 10 %. The ratios of the means have a smaller
    one, because the true samples are the same for all, and the noise for the model and the exact score.
    """
    found: dict[str, list[float]] = {"W2": [], "W2 of the exact score": [], "floor": []}
    for seed in range(seeds):
        true = data.sample(count, 50_000 + seed)[0].float()
        found["W2"].append(w2(generated(model, count, seed), true))
        found["W2 of the exact score"].append(w2(generated(data.distribution, count, seed), true))
        others = [data.sample(count, 60_000 + each * seed + i)[0].float() for i in range(each)]
        found["floor"].append(float(np.mean([w2(other, true) for other in others])))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    errors = {f"{name} error": float(np.std(values, ddof=1)) / math.sqrt(seeds) for name, values in found.items()}
    return {"points": count, "seeds": seeds} | means | errors | {"ratio": means["W2"] / means["floor"]}


def sliced_distance(model: Model, data: DataSet, count: int = 20_000, seeds: int = 4) -> dict[str, Any]:
    """Sliced W2 between `count` generated and true points, and its floor. It is cheap enough for every weights file."""
    values = [sliced_w2(generated(model, count, seed), data.sample(count, 50_000 + seed)[0]) for seed in range(seeds)]
    return {
        "sliced points": count,
        "sliced seeds": seeds,
        "sliced W2": float(np.mean(values)),
        "sliced floor": floor(sliced_w2, data, count, pairs=4 * seeds).mean,
    }


def least_nll(data: DataSet, count: int = 4_000, seed: int = 9) -> float:
    """Mean −log p, under the exact p_σ, of the points that `likelihood` uses: the value for a model with KL = 0."""
    return -float(data.distribution.log_density(data.sample(count, seed)[0], LOW * data.sigma_data).mean())


def likelihood(model: Model, data: DataSet, count: int = 4_000, seed: int = 9) -> dict[str, Any]:
    """Mean −log p of true points by the ODE with the exact divergence, its standard error, and the entropy; in nats."""
    high, low = HIGH * model.sigma_data, LOW * model.sigma_data
    mean, spread = prior(model, high)
    found = log_likelihood(
        model,
        data.sample(count, seed)[0],
        high,
        low,
        rtol=1e-4,
        prior=lambda x: -((x - mean) / spread).square().sum(1) / 2 - math.log(2 * math.pi * spread**2),
    )
    return {"NLL points": count, "NLL": found.nll, "NLL error": found.error, "entropy": data.entropy}


def inside(model: Model, data: DataSet, count: int = 20_000, seed: int = 5) -> dict[str, Any]:
    """The share of generated points in the support, and its standard error; empty where the support is unbounded."""
    found = support_fraction(data, generated(model, count, seed))
    return {} if found is None else {"support points": count, "support": found[0], "support error": found[1]}

"""The check of a learned model: it gives true points at most the density that their own distribution gives them."""

from __future__ import annotations

import math
from functools import lru_cache

import torch

from demos.contract import Check
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import DataSet
from demos.diffusion.learned.provide import learned_model
from demos.diffusion.metrics import log_likelihood
from demos.diffusion.models import prior

POINTS, TOLERANCE = 128, 1e-4
FLOOR = 5e-3  # nats: what the tolerance leaves


def likelihood(config: DiffusionConfig, data: DataSet, high: float, low: float) -> list[Check]:
    """⟨log p⟩ of true points by the network's own ODE, against that of their distribution.

    The difference is KL(data ‖ network); its standard error is that of the difference, point by point. Nothing for
    exact and bent scores, and for finite data.
    """
    if config.score == "exact" or config.score_error or data.finite:
        return []
    plain = DiffusionConfig(
        data=config.data, score=config.score, network=config.network, training_steps=config.training_steps
    )
    learned, exact = _densities(data, plain, high, low)
    error = float((learned - exact).std()) / math.sqrt(POINTS)
    return [
        Check(
            "mean log p by the network",
            float(learned.mean()),
            float(exact.mean()),
            error,
            FLOOR,
            unit="nats",
            source="the same points under their own law: KL ≥ 0",
            note="The difference is the Kullback–Leibler distance of the network from the data.",
            bound="upper",
        )
    ]


@lru_cache(maxsize=32)
def _densities(data: DataSet, config: DiffusionConfig, high: float, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    """log p (N,) of true points at σ = low, by the network that a config names and in closed form."""
    model = learned_model(config, data)
    mean, spread = prior(model, high)
    points, _ = data.sample(POINTS, 3)
    start = lambda x: -((x - mean) / spread).square().sum(1) / 2 - math.log(2 * math.pi * spread**2)
    found = log_likelihood(model, points, high, low, prior=start, rtol=TOLERANCE)
    return found.log_density, data.distribution.log_density(points, low)

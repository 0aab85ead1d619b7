"""Error of a learned score at each noise level, relative to the exact score."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from demos.common.progress import checkpoint
from demos.diffusion.distributions import Distribution
from demos.diffusion.models import Model


@torch.no_grad()
def score_error(
    model: Model, distribution: Distribution, sigmas: Sequence[float] | None = None, count: int = 2_000, seed: int = 21
) -> pd.DataFrame:
    """One row for each noise level: sigma, error = √E|σ(s − s*)|² with its standard error, and score = √E|σ s*|².

    Means are over `count` points of p_σ; one draw of points and noise serves every level. sigmas: twelve from 0.005
    to 10 spreads of the data where None. σ times a score has no unit: 0 is exact, √2 is pure noise.
    """
    if sigmas is None:
        sigmas = np.geomspace(10, 0.005, 12) * distribution.sigma_data
    random = torch.Generator().manual_seed(seed)
    points = distribution.sample(count, random)[0]
    noise = torch.randn(points.shape, generator=random, dtype=torch.float64)
    rows = []
    for sigma in map(float, sigmas):
        checkpoint()
        x = points + sigma * noise
        exact = distribution.score(x, sigma)
        squares = (sigma * (model.score(x.float(), sigma).double() - exact)).square().sum(1)
        error = math.sqrt(float(squares.mean()))
        spread = float(squares.std()) / math.sqrt(count)
        rows.append(
            {
                "sigma": sigma,
                "error": error,
                "standard error": spread / (2 * error) if error else 0.0,
                "score": sigma * math.sqrt(float(exact.square().sum(1).mean())),
            }
        )
    return pd.DataFrame(rows)

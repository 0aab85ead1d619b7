"""The score as arrows behind the points: what every sampler follows, at each noise level."""

from __future__ import annotations

import numpy as np
import torch

from demos.diffusion.models import Guided
from demos.diffusion.simulate import Setup
from demos.picture import Arrows

SIDE = 11  # arrows along each side
EVERY = 4  # frames between two evaluations: what lies between is their mean, weighted
LONGEST = 3.0  # of |σ∇ log p_σ|, which is √2 at a typical point of p_σ: beyond, all are drawn alike
LEAST = 0.02  # σ/σ_data: below, arrows would only jump from point to point


def score_arrows(setup: Setup, sigmas: np.ndarray, scales: np.ndarray) -> Arrows:
    """σ∇ log p_σ by the model that is sampled, at y = x · scale, for noise levels and scales (F,). Hidden at first."""
    half = setup.data.view * (1 - 1 / SIDE)
    axis = torch.linspace(-half, half, SIDE)
    places = torch.cartesian_prod(axis, axis)
    model = _of_one_class(setup, len(places))
    frames = np.unique(np.append(np.arange(0, len(sigmas), EVERY), len(sigmas) - 1))
    vectors = []
    for frame in frames:
        sigma = max(float(sigmas[frame]), LEAST * setup.data.sigma_data)
        v = sigma * torch.nan_to_num(model.score(places / float(scales[frame]), sigma))
        vectors.append(v * (LONGEST / v.norm(dim=1, keepdim=True).clamp_min(LONGEST)))
    known = torch.stack(vectors).numpy()
    after = np.clip(np.searchsorted(frames, np.arange(len(sigmas))), 1, len(frames) - 1)
    before = after - 1
    part = ((np.arange(len(sigmas)) - frames[before]) / (frames[after] - frames[before]))[:, None, None]
    moving = known[before] * (1 - part) + known[after] * part
    return Arrows(f"Score ∇ log {setup.law_name}", places.numpy(), moving.astype(np.float32), shown=False)


def _of_one_class(setup: Setup, count: int):
    """The model for `count` places: guided as the points are, where all of them ask for one class."""
    model = setup.model
    if not isinstance(model, Guided):
        return model
    if setup.config.target == "each":
        return model.model
    return Guided(model.model, setup.labels[:1].expand(count), model.weight)

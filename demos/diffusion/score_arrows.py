"""The score at each noise level, drawn as arrows behind the points."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.bounded_cache import BoundedCache
from demos.common.progress import checkpoint
from demos.diffusion.models import Guided
from demos.diffusion.setup import Setup
from demos.picture import Arrows

SIDE = 11  # arrows along each side
EVERY = 4  # the score is evaluated at every fourth frame, and interpolated linearly between
LONGEST = 3.0  # |σ∇ log p_σ| of the longest arrow; larger ones are clipped. At a typical point of p_σ it is √2
LEAST = 0.02  # smallest σ/σ_data at which the score is drawn: below, arrows would jump from data point to data point

_VECTORS: BoundedCache[np.ndarray] = BoundedCache(entries=16)  # at most 140 kB each; they do not depend on the seed


def score_arrows(setup: Setup, sigmas: np.ndarray, scales: np.ndarray) -> Arrows:
    """σ∇ log p_σ of the sampled model at y = x · scale, for noise levels and scales (F,). Switched off at first."""
    half = setup.data.view * (1 - 1 / SIDE)
    axis = torch.linspace(-half, half, SIDE)
    places = torch.cartesian_prod(axis, axis)
    key = (setup.model_key, tuple(sigmas.tolist()), tuple(scales.tolist()))
    vectors = _VECTORS.get_or_make(key, lambda: _vectors(setup, places, sigmas, scales))
    return Arrows(f"Score: gradient of log {setup.density_name}", places.numpy(), vectors, shown=False)


def _vectors(setup: Setup, places: torch.Tensor, sigmas: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """(F, SIDE², 2) float32: evaluated at every EVERY-th frame, and linearly interpolated between."""
    model = _of_one_class(setup, len(places))
    frames = np.unique(np.append(np.arange(0, len(sigmas), EVERY), len(sigmas) - 1))
    known = np.empty((len(frames), *places.shape), np.float32)
    for i, frame in enumerate(frames):
        checkpoint()
        sigma = max(float(sigmas[frame]), LEAST * setup.data.sigma_data)
        v = sigma * torch.nan_to_num(model.score(places / float(scales[frame]), sigma))
        known[i] = (v * (LONGEST / v.norm(dim=1, keepdim=True).clamp_min(LONGEST))).numpy()
    after = np.clip(np.searchsorted(frames, np.arange(len(sigmas))), 1, len(frames) - 1)
    before = after - 1
    part = ((np.arange(len(sigmas)) - frames[before]) / (frames[after] - frames[before]))[:, None, None]
    return (known[before] * (1 - part) + known[after] * part).astype(np.float32)


def _of_one_class(setup: Setup, count: int):
    """The model for `count` points: guided like the samples where all of them have the same class."""
    model = setup.model
    if not isinstance(model, Guided):
        return model
    if setup.config.target == "each":
        return model.model
    return Guided(model.model, setup.labels[:1].expand(count), model.weight)

"""The landscape −log p_σ drawn behind the points, frame by frame."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from demos.common.progress import checkpoint
from demos.diffusion.data import DataSet
from demos.diffusion.setup import Setup
from demos.picture import Field, Layer

EVERY = 4  # the landscape is computed at every fourth frame
GRID = 72
HIGH = 9.0  # nats above the lowest point of a frame at which the colour scale ends
OPACITY = 0.6  # so that points and letters stand out


def landscape_layers(setup: Setup, sigmas: np.ndarray, scales: np.ndarray) -> list[Layer]:
    """The layers of −log of the density that the points should have at each noise level, with their class and guidance.

    sigmas, scales (F,): noise level and y/x of each frame."""
    config = setup.config
    if not config.landscape:
        return []
    asked = setup.one_class
    levels, drawn = (tuple(values[::EVERY].tolist()) for values in (sigmas, scales))
    energy = landscape(setup.data, levels, drawn, asked, config.guidance if asked != "all" else 0.0)
    return [Field(f"Landscape: −log {setup.density_name}", energy, opacity=OPACITY)]


@lru_cache(maxsize=8)  # half a megabyte each
def landscape(
    data: DataSet, levels: tuple[float, ...], scales: tuple[float, ...], target: str, guidance: float
) -> np.ndarray:
    """−log p_σ(y) − guidance (log p_σ(y|target) − log p_σ(y)) above its lowest value, (K, GRID, GRID), in nats."""
    axis = torch.linspace(-data.view, data.view, GRID, dtype=torch.float64)
    frames = []
    for level, scale in zip(levels, scales, strict=True):
        checkpoint()
        x = axis / scale
        sigma = max(level, 0.5 * float(x[1] - x[0]))  # a density finer than the grid would flicker
        log_density = data.distribution.log_grid(x, x, sigma)
        if target != "all":
            of_class = data.distribution.conditional(int(target)).log_grid(x, x, sigma)
            log_density = torch.lerp(log_density, of_class, guidance) if guidance != 1 else of_class
        frames.append(-log_density.numpy())
    energy = np.nan_to_num(np.stack(frames), nan=1e9, posinf=1e9)
    lowest = energy.reshape(len(energy), -1).min(axis=1)
    return np.clip(energy - lowest[:, None, None], 0.0, HIGH).astype(np.float32)

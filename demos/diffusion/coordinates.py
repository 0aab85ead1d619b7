"""The coordinates that a picture is drawn in, and what its axes are called.

For the linear path of flow matching they are the path's own, y = (1 − t) x, so that its straight lines are drawn
straight. For every other process y = x σ_data/√(σ² + σ_data²): noise and data are equally wide, and the axes need not
change with σ.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from demos.diffusion.setup import Setup


def scale_at(setup: Setup, sigmas: np.ndarray) -> np.ndarray:
    """The factor y/x at each of the noise levels (F,): (F,)."""
    unit = setup.data.sigma_data
    if setup.config.process == "flow":
        return unit / (unit + sigmas)
    return unit / np.sqrt(sigmas**2 + unit**2)


def axis_names(setup: Setup) -> tuple[str, str]:
    """The labels of the horizontal and the vertical axis."""
    if setup.config.process == "flow":
        return "(1 − t) x", "(1 − t) y"
    return "x, rescaled", "y, rescaled"


def frames_at(clock: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The index of the frame nearest to each of the falling noise levels.

    `clock` (F,), the falling noise level of each frame, is changed in place: each frame found is moved onto the first
    of its levels. The first and the last frame stay."""
    frames = np.abs(clock[None] - levels[:, None]).argmin(1)
    fresh = np.concatenate([[True], np.diff(frames) > 0]) & (frames > 0) & (frames < len(clock) - 1)
    clock[frames[fresh]] = levels[fresh]
    return frames


def at_levels(path_sigmas: np.ndarray, states: Tensor, sigmas: np.ndarray) -> np.ndarray:
    """States (F, N, 2) at noise levels `sigmas` (F,), by linear interpolation in σ between the recorded `states`, whose
    noise levels `path_sigmas` fall."""
    rising, last = path_sigmas[::-1], len(path_sigmas) - 1
    upper = np.clip(np.searchsorted(rising, sigmas, side="left"), 1, last)
    low, high = rising[upper - 1], rising[upper]
    weight = np.clip((sigmas - low) / np.maximum(high - low, 1e-300), 0.0, 1.0)
    recorded = states.numpy()
    w = weight.astype(np.float32)[:, None, None]
    return recorded[last - upper + 1] * (1 - w) + recorded[last - upper] * w

"""A strict saddle in d dimensions: the energy falls along ±x and rises in d − 1 directions.

E = ½x² − (1 + λ) log cosh x + ½|y|²: the Hessian at 0 is diag(−λ, 1, …, 1), and the two minima are at ±x*,
x* = (1 + λ) tanh x*. At large |x| it is a parabola of curvature 1, so that steps below 2 do not diverge.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor


def slope(x: np.ndarray, curvature: float) -> np.ndarray:
    """∂E/∂x, shaped like x."""
    return x - (1 + curvature) * np.tanh(x)


def energy(x: Tensor, curvature: float) -> Tensor:
    """E of chains (n, d), (n,)."""
    first = x[:, 0].abs()
    log_cosh = first + torch.log1p(torch.exp(-2 * first)) - float(np.log(2))
    return 0.5 * x.square().sum(1) - (1 + curvature) * log_cosh


def gradient(x: Tensor, curvature: float) -> Tensor:
    """∇E of chains, shaped like x."""
    out = x.clone()
    out[:, 0] -= (1 + curvature) * torch.tanh(x[:, 0])
    return out


@cache
def minimum(curvature: float) -> float:
    """x* > 0."""
    return float(brentq(lambda x: float(slope(np.array(x), curvature)), 1e-3, 2 + curvature, xtol=1e-14))


def escape_distance(curvature: float) -> float:
    """The distance from the ridge at which a chain has escaped: half of the way to the minimum."""
    return 0.5 * minimum(curvature)

"""The phase map: χ at the fixed point of q, over (σ_w, σ_b), and its critical line χ = 1."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np

from demos.networks.depth.config import DepthConfig
from demos.networks.theory import ACTIVATIONS, Activation
from demos.networks.theory.mean_field import initial_variances

SIGMA_W, SIGMA_B = (0.25, 3.0), (0.0, 1.0)
NODES, ROUNDS, SIZE = 161, 60, 41
MOST = 1e4  # q above which it is taken to grow without limit
REACH = 7.0  # range of the quadrature in standard deviations: the weight beyond is 3e-12


def applies(config: DepthConfig) -> bool:
    """Whether the map applies: it does not for networks with normalization or skips."""
    return config.normalization == config.skip == "none"


def place(config: DepthConfig) -> tuple[float, float]:
    """(σ_w, σ_b) of a config."""
    weight, bias = initial_variances(config.init, config.width, config.width, config.gain)
    return sqrt(weight), sqrt(bias)


@lru_cache(maxsize=16)
def phase_map(name: str) -> np.ndarray:
    """log10 χ (SIZE, SIZE), rows ascending in σ_b; the fixed point q by iteration from 1."""
    activation = ACTIVATIONS[name]
    w, b = np.meshgrid(np.linspace(*SIGMA_W, SIZE) ** 2, np.linspace(*SIGMA_B, SIZE) ** 2)
    if activation.kink is not None:
        return np.log10(w * (1 + activation.kink**2) / 2)
    q = np.ones_like(w)
    for _ in range(ROUNDS):
        square, slope = _averages(activation, q)
        q = np.minimum(w * square + b, MOST)
    return np.log10(w * _averages(activation, q)[1])


def _averages(activation: Activation, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    z = np.linspace(-REACH, REACH, NODES)
    weights = np.exp(-z * z / 2)
    weights /= weights.sum()
    # two tables over log q are enough: the averages are smooth functions of it
    table = np.concatenate(([0.0], np.logspace(-8, 4, 97)))
    values = np.sqrt(table)[:, None] * z
    square = (activation.value(values) ** 2) @ weights
    slope = (activation.slope(values) ** 2) @ weights
    return np.interp(q, table, square), np.interp(q, table, slope)

"""Checks of measured profiles against mean-field theory, with the fluctuations of a finite width."""

from __future__ import annotations

from math import log, sqrt

from demos.contract import Check
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.measure import Measured
from demos.networks.theory import Prediction

SOURCE = "mean-field theory, layer by layer"
DECAY = "log₁₀ of |∂ℒ/∂z|, first layer over last"
HALF = "log₁₀ of |∂ℒ/∂z|, middle layer over last"
FORWARD = "log₁₀ of the size of z, last layer"


def slack(config: DepthConfig, spread: float) -> float:
    """The error of the theory in log10 of a norm.

    The mean of a logarithm is below the logarithm of the mean by half the variance: at most ln 10·s². Each layer adds
    terms of order 1/n, two for a norm over n units, and batch norm removes 2 of the batch's dimensions.
    """
    terms = 2 / config.width + (2 / config.batch if config.normalization == "batch" else 0.0)
    return log(10) * spread**2 + (config.depth - 1) * terms / (2 * log(10))


def checks_of(config: DepthConfig, measured: Measured, prediction: Prediction, label: str = "") -> list[Check]:
    """Rows about one kind of network, means over its networks: the decay, half of it, the size of the last layer."""
    relative = measured.gradient - measured.gradient[:, -1:]
    middle, networks = config.depth // 2, config.networks
    rows = []
    for name, values, truth, spread, note in (
        (DECAY, relative[:, 0], prediction.gradient[0], prediction.spread[0], "below 0 where gradients vanish"),
        (HALF, relative[:, middle], prediction.gradient[middle], prediction.spread[middle], f"layer {middle + 1}"),
        (FORWARD, measured.forward[:, -1], prediction.forward[-1], prediction.forward_spread[-1], "root mean square"),
    ):
        rows.append(
            Check(
                name,
                float(values.mean()),
                float(truth),
                uncertainty=float(spread) / sqrt(networks),
                floor=slack(config, float(spread)),
                source=SOURCE,
                note=note,
                incomparable="" if prediction.valid else prediction.caveat.rstrip("."),
            ).labelled(label)
        )
    return rows

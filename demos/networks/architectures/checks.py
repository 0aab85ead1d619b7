"""Profiles of two architectures beside mean-field theory, with the spread that a finite width must have."""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from demos.contract import Check
from demos.networks.architectures.config import LABELS, ArchitecturesConfig
from demos.networks.architectures.law import Law
from demos.networks.architectures.measure import HIDDEN, Measured

DECAY = "log₁₀ of |∂ℒ/∂h|, first layer over last"
FORWARD = "log₁₀ of the size of h, last layer"
ALIKE = "cosine between two tokens, last layer"
LAST = "log₁₀ of |∂ℒ/∂W| of the last matrix"
SOURCE = "mean-field theory, layer by layer"


def checks_of(config: ArchitecturesConfig, variant: str, measured: Measured, law: Law) -> list[Check]:
    """Rows about one variant, means over its networks."""
    found = (transformer if config.kind == "transformer" else cnn)(config, variant, measured, law)
    return [row.labelled(LABELS[variant]) for row in found]


def slack(config: ArchitecturesConfig, spread: float, layers: int) -> float:
    """The mean of a logarithm is below the logarithm of the mean, by half the variance: at most ln 10·s². Each layer
    adds terms of order 1/n."""
    units = config.width if config.kind == "transformer" else 9 * config.width / 4  # numbers that a layer sums
    return log(10) * spread**2 + layers / (units * log(10))


def decay(config: ArchitecturesConfig, measured: Measured, law: Law) -> Check:
    spread, dead = float(law.spread[0]), int((~np.isfinite(measured.profile[:, 0])).sum())
    return Check(
        DECAY,
        float(measured.profile[:, 0].mean()),
        float(law.gradient[0]),
        uncertainty=spread / sqrt(config.networks),
        floor=slack(config, spread, len(law.gradient) - 1),
        source=SOURCE,
        note="below 0 where gradients vanish",
        incomparable=f"{dead} of {config.networks} networks are dead: in some layer no unit answers" if dead else "",
    )


def cnn(config: ArchitecturesConfig, variant: str, measured: Measured, law: Law) -> list[Check]:
    rows = [decay(config, measured, law)]
    # the size of a stream without skips scatters as its gradient does; with them by a 1/L of it, and the first layer
    first = sqrt(5 / (config.width / 4)) / (2 * log(10))
    spread = float(law.spread[0]) + first
    rows.append(
        Check(
            FORWARD,
            float(measured.forward[:, -1].mean()),
            float(law.forward[-1]),
            uncertainty=spread / sqrt(config.networks),
            floor=slack(config, spread, config.blocks),
            source=SOURCE,
            note="root mean square",
        )
    )
    return rows


def transformer(config: ArchitecturesConfig, variant: str, measured: Measured, law: Law) -> list[Check]:
    n, r = config.width, float(law.alike[-1])
    of_size = sqrt((2 + 5 / HIDDEN) / n) / (2 * log(10))  # of the sum over tokens, and of the ReLU layer's size
    return [
        decay(config, measured, law),
        Check(
            LAST,
            float(measured.last.mean()),
            law.last,
            uncertainty=of_size / sqrt(config.networks),
            floor=slack(config, of_size, 2 * config.blocks if variant == "pre" else 2),
            source=SOURCE,
            note="Xiong et al.: it falls like 1/√L in pre-norm, and does not in post-norm",
        ),
        Check(
            ALIKE,
            float(measured.alike[:, -1].mean()),
            r,
            # of a covariance that scatters by √(4/n), as two square matrices do
            uncertainty=r * (1 - r) * sqrt(4 / n) / sqrt(config.networks),
            floor=2 * (1 - r) / sqrt(n) + 2 / n**1.5,
            source=SOURCE,
            note="1: the tokens can no longer be told apart",
        ),
    ]

"""Checks of the profiles of two architectures against mean-field theory, with the fluctuations of a finite width."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
from scipy.special import ndtri

from demos.contract import Check
from demos.networks.architectures.config import LABELS, ArchitecturesConfig
from demos.networks.architectures.law import Law
from demos.networks.architectures.measure import HIDDEN, Measured

DECAY = "log₁₀ of |∂ℒ/∂h|, first layer over last"
FORWARD = "log₁₀ of the size of h, last layer"
ALIKE = "cosine between two tokens, last layer"
LAST = "log₁₀ of |∂ℒ/∂W| of the last matrix"
GRADIENT, SIZE, COSINE = "|∂ℒ/∂h|", "size of h", "cosine"
EVERY = "at every layer, share of what is allowed"
SHORT = 2.5  # numerator of the correction SHORT/n; see `off_gradient`
EMPTY = 0.15  # tolerance for images: at empty pixels the first layer is only its bias, which is not Gaussian
CHANCE = 6.3e-5  # the probability of 4 standard errors
ROUNDING = 1e-9
SOURCE = "mean-field theory, layer by layer"


def checks_of(config: ArchitecturesConfig, variant: str, measured: Measured, law: Law) -> list[Check]:
    """Rows about one variant, means over its networks."""
    found = (transformer if config.kind == "transformer" else cnn)(config, variant, measured, law)
    return [row.labelled(LABELS[variant]) for row in found]


def lowered(spread: np.ndarray | float) -> np.ndarray:
    """½ ln 10·s², the expected difference between the logarithm of the mean and the mean of the logarithm.

    For CNNs of 4 to 16 channels and 4 to 30 layers it was measured to be between 0, where only the theoretical s is
    large, and ln 10·s²."""
    return log(10) * np.asarray(spread) ** 2 / 2


def off_gradient(config: ArchitecturesConfig, variant: str, law: Law) -> tuple[np.ndarray, np.ndarray]:
    """(S,) each: the known finite-width correction of the theoretical log10 |∂L/∂h|, and its uncertainty.

    Measured for transformers of width 16 to 64 with 3 to 40 blocks: at most 2.3/n, for post-norm with a large s up to
    ½ ln 10·s² more."""
    below = lowered(law.spread)
    if config.kind == "transformer":
        return np.zeros(len(below)), below + SHORT / config.width
    floor = below.copy()
    floor[0] += EMPTY if variant == "plain" else EMPTY / config.blocks
    return -below, floor


def decay(config: ArchitecturesConfig, variant: str, measured: Measured, law: Law) -> Check:
    shift, floor = off_gradient(config, variant, law)
    return Check(
        DECAY,
        float(measured.profile[:, 0].mean()),
        float(law.gradient[0] + shift[0]),
        uncertainty=float(law.spread[0]) / sqrt(config.networks),
        floor=float(floor[0]),
        source=SOURCE,
        note="below 0 where gradients vanish",
        incomparable=dead(config, measured),
    )


def dead(config: ArchitecturesConfig, measured: Measured) -> str:
    count = int((~np.isfinite(measured.profile)).any(1).sum())
    return f"{count} of {config.networks} networks are dead: in some layer no unit answers" if count else ""


def everywhere(name: str, config: ArchitecturesConfig, seen, wanted, spread, floor, incomparable: str = "") -> Check:
    """The row of the largest deviation over layers of the mean of `seen` (K, S) over networks from `wanted`, in units
    of the tolerance of each layer, which is exceeded in any of S layers in one of 16,000 correct runs."""
    often = float(-ndtri(CHANCE / 2 / len(wanted)))
    allowed = often * np.asarray(spread) / sqrt(config.networks) + floor
    with np.errstate(invalid="ignore"):
        apart = np.abs(seen.mean(0) - wanted) / (allowed + ROUNDING)
    return Check(
        f"{name} {EVERY}",
        float(apart.max()),
        0.0,
        floor=1.0,
        source=SOURCE,
        note="1: the largest difference that is still one of chance and of finite width",
        incomparable=incomparable,
    )


def cnn(config: ArchitecturesConfig, variant: str, measured: Measured, law: Law) -> list[Check]:
    # without skips, forward sizes fluctuate like gradients; with skips by 1/L of that, plus the first layer
    spread = law.spread[::-1] + sqrt(5 / (config.width / 4)) / (2 * log(10))
    wanted, (shift, floor) = law.forward - lowered(spread), off_gradient(config, variant, law)
    return [
        decay(config, variant, measured, law),
        Check(
            FORWARD,
            float(measured.forward[:, -1].mean()),
            float(wanted[-1]),
            uncertainty=float(spread[-1]) / sqrt(config.networks),
            floor=float(lowered(spread[-1])),
            source=SOURCE,
            note="root mean square",
        ),
        everywhere(GRADIENT, config, measured.profile, law.gradient + shift, law.spread, floor, dead(config, measured)),
        everywhere(SIZE, config, measured.forward, wanted, spread, lowered(spread)),
    ]


def transformer(config: ArchitecturesConfig, variant: str, measured: Measured, law: Law) -> list[Check]:
    n, one = config.width, 1 / (2 * log(10))  # factor from the relative error of a square to log10 of its root
    of_last = sqrt((2 + 5 / HIDDEN) / n) * one  # fluctuation of the sum over tokens, and of the ReLU layer's size
    of_size = np.full(len(law.forward), one / sqrt(n) if variant == "pre" else 0.0)
    of_size[0] = 0.0
    first = one * sqrt(2 / (config.batch * config.tokens * n))  # fluctuation of the input's size
    of_size = np.hypot(of_size, first * (np.arange(len(of_size)) == 0) if variant == "post" else first)
    size_floor = np.where(np.arange(len(of_size)) == 0, 0.0, 0.8 / n if variant == "pre" else 0.0)
    of_alike, alike_floor = of_cosines(config, law.alike)
    return [
        decay(config, variant, measured, law),
        Check(
            LAST,
            float(measured.last.mean()),
            law.last,
            uncertainty=of_last / sqrt(config.networks),
            floor=1.2 / n,  # the largest measured deviation was 1.0/n
            source=SOURCE,
            note="Xiong et al.: it falls like 1/√L in pre-norm, and does not in post-norm",
        ),
        Check(
            ALIKE,
            float(measured.alike[:, -1].mean()),
            float(law.alike[-1]),
            uncertainty=float(of_alike[-1]) / sqrt(config.networks),
            floor=float(alike_floor[-1]),
            source=SOURCE,
            note="1: the tokens can no longer be told apart",
        ),
        everywhere(GRADIENT, config, measured.profile, law.gradient, law.spread, off_gradient(config, variant, law)[1]),
        everywhere(SIZE, config, measured.forward, law.forward, of_size, size_floor),
        everywhere(COSINE, config, measured.alike, law.alike, of_alike, alike_floor),
    ]


def of_cosines(config: ArchitecturesConfig, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S,) each: the standard deviation over networks of the mean cosine, and its bias below the theoretical r.

    Measured on networks of width 16 to 64, 3 to 40 blocks, 2 to 32 tokens: two square matrices give the covariance a
    relative fluctuation of √(4/n), of which 0.8 remains; in late layers it is larger; the pairs of inputs fluctuate by
    1/√(numbers). The bias is up to 2.4/n, and 4√(1 − r)/n in late layers.
    """
    n, T = config.width, config.tokens
    left = np.maximum(1 - r, 0.0)
    pairs = left / (n * config.batch * T * (T - 1) / 2)
    spread = np.sqrt((1.6 * r * left) ** 2 / n + (3.5 * r) ** 2 * left / n**2 + pairs)
    return spread, np.minimum(2.5, 4 * np.sqrt(left)) / n

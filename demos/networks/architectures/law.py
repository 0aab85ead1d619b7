"""Mean-field theory of the two architectures at initialization, layer by layer.

CNN. The mean over all pixels obeys the perceptron's recursions (Xiao et al. 2018, arXiv:1806.05393): χ = σ_w²/2 for
ReLU, 1 + χ/L with skips.

Transformer, with uniform attention (Xiong et al. 2020; Noci et al. 2022, arXiv:2206.03126). Of the stream keep the
variance q and the covariance p of two tokens of a sequence, r = p/q; of the gradient the same, D and C. With
m = (1 + (T − 1) r)/T and κ(r) = (√(1 − r²) + r (π − arccos r))/π, κ' = (π − arccos r)/π:

    f_A: variance and covariance m;       backward: D and C both become (D + (T − 1) C)/T
    f_F: variance 1, covariance κ(r);     backward: D stays D, C becomes κ'(r) C

pre-norm adds them to q, p, and, divided by q, to D, C. Post-norm has q = 1, and divides all by 1 + variance after.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, log, pi, sqrt

import numpy as np

from demos.networks.architectures.config import ArchitecturesConfig
from demos.networks.architectures.measure import HIDDEN
from demos.networks.theory.activations import ACTIVATIONS
from demos.networks.theory.mean_field import Layer, initial_variances, propagate


@dataclass(frozen=True)
class Law:
    """Theoretical values, (S,) each like the rows of `Measured`: gradient relative to the last layer, and its standard
    deviation over networks; forward; alike. last: log10 of |∂L/∂W| of the last matrix, nan where it is not known."""

    gradient: np.ndarray
    spread: np.ndarray
    forward: np.ndarray
    alike: np.ndarray
    last: float


def law_of(config: ArchitecturesConfig, variant: str, second_moment: float = 1.0) -> Law:
    """The theory for a variant. second_moment: the mean square of the network's inputs."""
    return transformer(config, variant) if config.kind == "transformer" else cnn(config, variant, second_moment)


def cnn(config: ArchitecturesConfig, variant: str, second_moment: float) -> Law:
    channels, L = config.width // 4, config.blocks
    first = Layer(channels, channels, *initial_variances(config.init, 9, channels))
    layer = Layer(channels, channels, *initial_variances(config.init, 9 * channels, channels))
    scale = 1 / sqrt(L) if variant == "skips" else 0.0
    names = tuple(map(str, range(L)))
    found = propagate([first] + [layer] * (L - 1), [ACTIVATIONS["relu"]] * L, ["none"] * L, scale, second_moment, names)
    return Law(found.gradient, found.spread, found.forward, np.full(L, np.nan), np.nan)


def transformer(config: ArchitecturesConfig, variant: str) -> Law:
    T, n, pre = config.tokens, config.width, variant == "pre"
    q, r = 1.0, 0.0
    variances, alike, steps = [q], [r], []
    for sublayer in ("attention", "feed-forward") * config.blocks:
        m, k = (1 + (T - 1) * r) / T, kappa(r)
        added, shared = (m, m) if sublayer == "attention" else (1.0, k)
        steps.append((sublayer, q, r, added))
        p, q = q * r + shared, q + added
        r = p / q
        if not pre:
            q = 1.0
        variances.append(q)
        alike.append(r)
    D, C = (1.0 / q, 0.0) if pre else (1.0, 0.0)
    last = D if pre else D / (1 + steps[-1][3])
    gradient, noise = [D], [0.0]
    for sublayer, before, r, added in reversed(steps):
        if not pre:
            D, C = D / (1 + added), C / (1 + added)
        more = (D + (T - 1) * C) / T if sublayer == "attention" else D
        common = more if sublayer == "attention" else C * (1 - acos(min(1.0, r)) / pi)
        share = more / before / (D + more / before)
        # relative variances: two square matrices 2/n each, a ReLU layer 5/4n and 2/n; and the product with the stream
        kick = 4 / n if sublayer == "attention" else 5 / (HIDDEN * n) + 2 / n
        noise.append(noise[-1] + share**2 * kick + 4 * share * (1 - share) / n)
        D, C = D + more / before, C + common / before
        gradient.append(D)
    logs = 0.5 * np.log10(np.array(gradient[::-1]))
    size = 0.5 * float(np.log10(config.batch * T * n * HIDDEN * n * last))
    return Law(
        logs - logs[-1],
        0.5 * np.sqrt(noise[::-1]) / log(10),
        0.5 * np.log10(variances),
        np.array(alike),
        size,
    )


def kappa(r: float) -> float:
    """Covariance of ReLU layers' outputs, 1 for r = 1 (Cho & Saul 2009)."""
    r = min(1.0, r)
    return (sqrt(1 - r * r) + r * (pi - acos(r))) / pi

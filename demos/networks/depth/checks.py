"""Measured profiles beside mean-field theory, at the width that the networks have."""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from demos.contract import Check
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.measure import Measured
from demos.networks.theory import ACTIVATIONS, FiniteWidth, Prediction, finite_width
from demos.networks.theory.mean_field import Layer, initial_variances

SOURCE = "mean-field theory, layer by layer, and what a width of n adds to it"
WIDE = "mean-field theory of this batch, layer by layer; of what the width adds to batch norm theory is silent"
DECAY = "log₁₀ of |∂ℒ/∂z|, first layer over last"
HALF = "log₁₀ of |∂ℒ/∂z|, middle layer over last"
FORWARD = "log₁₀ of the size of z, last layer"
GRADIENTS, SIZES, ANY = "log₁₀ of |∂ℒ/∂z|, layer over last", "log₁₀ of the size of z", "any layer and network"
ROUNDING = 1e-9
FAR = 7.0  # standard deviations of the worst of hundreds; logarithms of sizes have longer tails than normal ones
LOOSE = 0.5  # decades that theory may leave out, or a tenth of what it predicts: beyond, almost any number would agree


def finite_of(config: DepthConfig) -> FiniteWidth | None:
    """What the width adds; None for batch norm, of which nothing is known."""
    if config.normalization == "batch":
        return None
    layer = Layer(config.width, config.width, *initial_variances(config.init, config.width, config.width, config.gain))
    scale = {"none": 0.0, "one": 1.0, "root": 1 / sqrt(config.depth)}[config.skip]
    return finite_width(
        [layer] * config.depth,
        ACTIVATIONS[config.activation],
        config.normalization,
        scale,
        config.init == "orthogonal",
        config.batch,
    )


def slack(config: DepthConfig, spread: float) -> float:
    """Of batch norm: all that theory leaves out, in log10 of a norm.

    The scatter of single inputs, of which a batch has less; the mean of a logarithm, below the logarithm of the mean by
    half the variance; and in each layer terms of order 1/n, two of them for a norm over n units, and 2 over the batch.
    """
    terms = 2 / config.width + 2 / config.batch
    own = 4 * spread / sqrt(config.networks) + log(10) * spread**2
    return own + (config.depth - 1) * terms / (2 * log(10))


def checks_of(
    config: DepthConfig, measured: Measured, prediction: Prediction, finite: FiniteWidth | None, label: str = ""
) -> list[Check]:
    """Rows about one kind of network, means over its networks: the decay, half of it, the size of the last layer.

    A mean of logarithms lies below the logarithm of the mean by a bias that is known, and is subtracted.
    """
    relative = measured.gradient - measured.gradient[:, -1:]
    middle, networks = config.depth // 2, config.networks
    rows = []
    for name, values, part, layer, note in (
        (DECAY, relative[:, 0], "gradient", 0, "below 0 where gradients vanish"),
        (HALF, relative[:, middle], "gradient", middle, f"layer {middle + 1}"),
        (FORWARD, measured.forward[:, -1], "forward", -1, "root mean square"),
    ):
        truth = float(getattr(prediction, part)[layer])
        error, floor = 0.0, ROUNDING
        if finite is None:
            spread = prediction.spread if part == "gradient" else prediction.forward_spread
            floor = slack(config, float(spread[layer]))
        else:
            truth += float(getattr(finite, f"{part}_shift")[layer])
            error = float(getattr(finite, f"{part}_spread")[layer]) / sqrt(networks)
            floor += finite.second
        rows.append(
            Check(
                name,
                float(values.mean()),
                truth,
                uncertainty=error,
                floor=floor,
                source=WIDE if finite is None else SOURCE,
                note=note,
                incomparable=_why_not(prediction, finite.second if finite else 0.0, truth),
            ).labelled(label)
        )
    if finite is not None:
        rows += [row.labelled(label) for row in every_layer(measured, prediction, finite, rows[0].incomparable)]
    return rows


def every_layer(measured: Measured, prediction: Prediction, finite: FiniteWidth, trouble: str) -> list[Check]:
    """Every network at every layer that is drawn, the farthest from theory for its spread."""
    found = []
    for name, values, part in (
        (f"{GRADIENTS}, {ANY}", measured.gradient - measured.gradient[:, -1:], "gradient"),
        (f"{SIZES}, {ANY}", measured.forward, "forward"),
    ):
        theory = getattr(prediction, part) + getattr(finite, f"{part}_shift")
        spread, floor = getattr(finite, f"{part}_spread"), ROUNDING + finite.second
        off = np.nan_to_num(np.abs(values - theory), nan=np.inf) / (FAR * spread + floor)
        network, layer = np.unravel_index(int(off.argmax()), off.shape)
        found.append(
            Check(
                name,
                float(values[network, layer]),
                float(theory[layer]),
                uncertainty=float(spread[layer]),
                floor=floor,
                source=SOURCE,
                note=f"network {network + 1} at layer {layer + 1}, the worst of {off.size}",
                sigmas=FAR,
                incomparable=trouble,
            )
        )
    return found


def _why_not(prediction: Prediction, second: float, truth: float) -> str:
    """Why these networks cannot be compared with theory; "" if they can."""
    if not prediction.valid:
        return prediction.caveat.rstrip(".")
    if second > max(LOOSE, abs(truth) / 10):
        return f"for so many layers these are too narrow: theory leaves out about {second:.1g} decades"
    return ""

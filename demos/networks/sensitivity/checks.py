"""Predicted beside measured importance, and the identities that both must keep."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from demos.contract import Check
from demos.networks.sensitivity.importance import Importance, along_the_way, by_inputs, by_weights
from demos.networks.sensitivity.network import Network

LAST, FIRST = "Δℒ on removing a unit, last layer, mean", "Δℒ on removing a unit, first layer, mean"
PARABOLA, CONSERVED, INPUTS = "second order against removal, last layer", "Σ θ·g in against out", "mean |∂f/∂x|"
ROUNDING, NODES = 1e-10, 200


def checks_of(network: Network, weights: Tensor, found: Importance) -> list[Check]:
    """Of the network at the end of training."""
    walked, bound = along_the_way(network, weights, NODES)
    into, out = by_weights(network, weights)
    autograd, by_hand = by_inputs(network, weights)
    scale = max(float(np.abs(found.removed).max()), 1e-12)
    slopes, exact = (float(np.linalg.norm(each, axis=1).mean()) for each in (autograd, by_hand))
    rows = []
    for layer, name in ((1, LAST), (0, FIRST)):
        rows.append(
            Check(
                name,
                float(found.removed[layer].mean()),
                float(walked[layer].mean()),
                # midpoints are exact along a parabola; where a unit of the next layer turns on or off, they are not
                floor=scale * ROUNDING + (0.0 if layer else float(bound[0].mean())),
                source="−∫ ∂ℒ/∂m dm, the gradient along the way out",
                note=f"the gradient alone predicts {found.first[layer].mean():.3g}",
            )
        )
    rows += [
        Check(
            f"{PARABOLA}, largest difference",
            float(np.abs(found.second[1] - found.removed[1]).max()),
            0.0,
            floor=ROUNDING * scale,
            source="the loss is a parabola in an output's share",
        ),
        Check(
            f"{CONSERVED}, largest difference",
            float(np.abs(into - out).max()),
            0.0,
            floor=ROUNDING * max(float(np.abs(into).max()), 1e-3),
            source="max(0, mz) = m max(0, z), Euler's theorem",
        ),
        Check(
            INPUTS, slopes, exact, floor=ROUNDING * max(1.0, exact), source="product of the matrices of active units"
        ),
        Check(
            "Taylor's importance against Σ θ·g, largest difference",
            float(np.abs(found.first + into).max()),
            0.0,
            floor=ROUNDING * max(float(np.abs(into).max()), 1e-3),
            source="∂ℒ/∂m = Σ θ ∂ℒ/∂θ",
        ),
    ]
    return rows

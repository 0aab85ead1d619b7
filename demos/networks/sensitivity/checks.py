"""Checks of predicted against measured importance, and of exact identities."""

from __future__ import annotations

import numpy as np
from torch import Tensor, from_numpy

from demos.common.progress import checkpoint
from demos.contract import Check
from demos.networks.sensitivity.importance import Importance, along_the_way, by_inputs, by_weights
from demos.networks.sensitivity.network import Network

LAST, FIRST = "Δℒ on removing a unit, last layer, mean", "Δℒ on removing a unit, first layer, mean"
PARABOLA, CONSERVED, INPUTS = "second order against removal, last layer", "Σ θ·g in against out", "mean |∂f/∂x|"
TRAINING = "each frame against descent from the last"
ROUNDING, NODES = 1e-10, 200
DRIFT = 1e-10  # accumulated rounding of the steps between two frames


def checks_of(network: Network, states: Tensor, steps: np.ndarray, frames: list[Importance]) -> list[Check]:
    """The rows. states (F, 1, P) and importance of all frames, after `steps` (F,); most are about the last frame."""
    weights, found = states[-1], frames[-1]
    walked, bound = along_the_way(network, weights, NODES)
    into, out = by_weights(network, weights)
    autograd, by_hand = by_inputs(network, weights)
    scale = max(float(np.abs(found.removed).max()), 1e-12)
    slopes, exact = (float(np.linalg.norm(each, axis=1).mean()) for each in (autograd, by_hand))
    largest = max(max(float(np.abs(each.removed).max()) for each in frames), 1e-12)
    rows = []
    for layer, name in ((1, LAST), (0, FIRST)):
        rows.append(
            Check(
                name,
                float(found.removed[layer].mean()),
                float(walked[layer].mean()),
                # midpoints are exact for a parabola, but not where a unit of the next layer turns on or off
                floor=scale * ROUNDING + (0.0 if layer else float(bound[0].mean())),
                source="−∫ ∂ℒ/∂m dm, the gradient along the way out",
                note=f"the gradient alone predicts {found.first[layer].mean():.3g}",
            )
        )
    rows += [
        training(network, states[:, 0].numpy(), steps),
        Check(
            f"{PARABOLA}, largest difference",
            float(np.max([np.abs(each.second[1] - each.removed[1]).max() for each in frames])),
            0.0,
            floor=ROUNDING * largest,
            source="the loss is a parabola in an output's share",
            note="over all frames",
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


def training(network: Network, states: np.ndarray, steps: np.ndarray) -> Check:
    """The row of each frame (F, P) against gradient descent by independent code from the frame before it."""
    apart = [float(np.abs(states[0] - network.start().numpy()[0]).max())]
    for index, count in enumerate(np.diff(steps).astype(int)):
        weights = states[index]
        for _ in range(count):
            checkpoint()
            weights = weights - network.config.lr * gradient_by_hand(network, weights)
        apart.append(float(np.abs(weights - states[index + 1]).max() / max(1.0, np.abs(weights).max())))
    return Check(
        f"{TRAINING}, largest relative difference",
        float(np.max(apart)),
        0.0,
        floor=DRIFT,
        source="gradient descent by hand from the frame before",
        note="over all weights and frames",
    )


def gradient_by_hand(network: Network, weights: np.ndarray) -> np.ndarray:
    """(P,): backpropagation written out."""
    W1, b1, W2, b2, W3, b3 = (part[0].numpy() for part in network.split(from_numpy(weights[None])))
    x, y = network.x.numpy(), network.y.numpy()
    z1 = x @ W1.T + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2.T + b2
    h2 = np.maximum(z2, 0)
    by_f = ((h2 @ W3.T)[:, 0] + b3 - y)[:, None] / len(y)
    by_z2 = by_f * W3 * (z2 > 0)
    by_z1 = by_z2 @ W2 * (z1 > 0)
    parts = by_z1.T @ x, by_z1.sum(0), by_z2.T @ h1, by_z2.sum(0), by_f.T @ h2, by_f.sum(0)
    return np.concatenate([part.ravel() for part in parts])

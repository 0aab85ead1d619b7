"""The networks once more, in NumPy and float64: what they say, and the loss, from a vector of all weights."""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.networks.tasks.config import TasksConfig
from demos.networks.tasks.data import LENGTH

EPSILON = 1e-5  # of torch's layer norm
Weights = dict[str, np.ndarray]


def split(names: list[str], shapes: list[tuple[int, ...]], vector: np.ndarray) -> Weights:
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    pieces = np.split(vector.astype(np.float64), cuts)
    return {name: piece.reshape(shape) for name, piece, shape in zip(names, pieces, shapes, strict=True)}


def logits(config: TasksConfig, variant: str, own: Weights, x: np.ndarray) -> np.ndarray:
    """(N, places, classes)"""
    return (transformer if config.kind == "transformer" else cnn)(config, variant, own, x)


def loss(config: TasksConfig, variant: str, own: Weights, x: np.ndarray, y: np.ndarray) -> float:
    """Mean cross-entropy."""
    found = logits(config, variant, own, x)
    top = found.max(-1, keepdims=True)
    whole = np.log(np.exp(found - top).sum(-1)) + top[..., 0]
    return float((whole - np.take_along_axis(found, y[..., None], -1)[..., 0]).mean())


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def affine(own: Weights, name: str, h: np.ndarray) -> np.ndarray:
    return h @ own[f"{name}.weight"].T + own[f"{name}.bias"]


def norm(own: Weights, name: str, h: np.ndarray) -> np.ndarray:
    h = h - h.mean(-1, keepdims=True)
    return h / np.sqrt((h * h).mean(-1, keepdims=True) + EPSILON) * own[f"{name}.weight"] + own[f"{name}.bias"]


def transformer(config: TasksConfig, variant: str, own: Weights, x: np.ndarray) -> np.ndarray:
    n, last = config.width, 2 * config.blocks
    h = own["0.token.weight"][x] + own["0.place.weight"]
    for part in range(1, last + 1):
        seen = norm(own, f"{part}.norm", h) if variant == "pre" else h
        if part % 2:
            q, k, v = np.split(affine(own, f"{part}.inner.mixed", seen), 3, -1)
            branch = affine(own, f"{part}.inner.out", softmax(q @ k.transpose(0, 2, 1) / sqrt(n)) @ v)
        else:
            branch = affine(own, f"{part}.inner.2", np.maximum(affine(own, f"{part}.inner.0", seen), 0))
        h = h + branch if variant == "pre" else norm(own, f"{part}.norm", h + branch)
    h = norm(own, f"{last + 1}", h) if variant == "pre" else h
    return affine(own, f"{last + (2 if variant == 'pre' else 1)}.linear", h[:, LENGTH:])


def cnn(config: TasksConfig, variant: str, own: Weights, x: np.ndarray) -> np.ndarray:
    scale, L = 1 / sqrt(config.blocks), config.blocks
    h = convolved(own, "0", x)
    for layer in range(1, L):
        branch = convolved(own, f"{layer}.inner", np.maximum(h, 0))
        h = h + scale * branch if variant == "skips" else branch
    return affine(own, f"{L + 1}", np.maximum(h, 0).mean((2, 3)))[:, None]


def convolved(own: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """3 × 3, edges of zeros; x (N, c, H, W)."""
    height, width = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    patches = np.stack([padded[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)], 2)
    weight = own[f"{name}.weight"]
    flat = patches.reshape(len(x), -1, height * width)
    found = weight.reshape(len(weight), -1) @ flat + own[f"{name}.bias"][:, None]
    return found.reshape(len(x), -1, height, width)

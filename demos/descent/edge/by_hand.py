"""The same network without autograd: loss and gradient written out in NumPy, steps made again, the whole Hessian.

All functions take several parameter vectors at once, (K, D).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from demos.common.progress import checkpoint
from demos.descent.edge.network import EVERY, shapes

DIFFERENCE = 1e-5  # of a parameter, for the Hessian
BLOCK = 128  # parameter vectors at once


def gradients(weights: np.ndarray, x: np.ndarray, y: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Losses (K,) and gradients (K, D) by the chain rule."""
    parts, at = [], 0
    for shape in shapes(width):
        size = int(np.prod(shape))
        parts.append(weights[:, at : at + size].reshape(-1, *shape))
        at += size
    a, b, c, d, e, f = parts
    turned = lambda matrix: matrix.swapaxes(1, 2)
    first = np.tanh(x @ turned(a) + b[:, None])  # (K, n, width)
    second = np.tanh(first @ turned(c) + d[:, None])
    error = second @ turned(e) + f[:, None] - y
    back = error / len(x)
    to_second = back @ e * (1 - second**2)
    to_first = to_second @ c * (1 - first**2)
    pieces = (
        *(turned(to_first) @ x, to_first.sum(1)),
        *(turned(to_second) @ first, to_second.sum(1)),
        *(turned(back) @ second, back.sum(1)),
    )
    return 0.5 * np.square(error).mean((1, 2)), np.concatenate([p.reshape(len(weights), -1) for p in pieces], 1)


def repeated(weights: np.ndarray, x: np.ndarray, y: np.ndarray, width: int, lr: float) -> tuple[np.ndarray, np.ndarray]:
    """From each recorded frame but the last, the EVERY steps to the next one: where they lead, (F − 1, D), and the
    losses on the way, (F − 1, EVERY + 1)."""
    now, losses = weights[:-1].copy(), []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(EVERY):
            checkpoint()
            value, slope = gradients(now, x, y, width)
            losses.append(value)
            now -= lr * slope
        losses.append(gradients(now, x, y, width)[0])
    return now, np.stack(losses, 1)


def largest_eigenvalue(weights: np.ndarray, x: np.ndarray, y: np.ndarray, width: int) -> float:
    """Of the whole Hessian at weights (D,), by central differences of the gradient in every parameter."""
    size = len(weights)
    hessian = np.empty((size, size))
    for low in range(0, size, BLOCK):
        checkpoint()
        rows = np.arange(low, min(low + BLOCK, size))
        step = np.zeros((len(rows), size))
        step[np.arange(len(rows)), rows] = DIFFERENCE
        up, down = (gradients(weights + sign * step, x, y, width)[1] for sign in (1, -1))
        hessian[rows] = (up - down) / (2 * DIFFERENCE)
    symmetric = 0.5 * (hessian + hessian.T)
    checkpoint()
    return float(eigh(symmetric, eigvals_only=True, subset_by_index=(size - 1, size - 1))[0])

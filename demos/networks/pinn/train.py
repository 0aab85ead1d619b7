"""Training by Adam, two networks at once: the boundary's weight λ is fixed in the first and balanced in the second.

Balancing is learning rate annealing (Wang, Teng & Perdikaris, SIAM J. Sci. Comput. 43 (2021) A3055, algorithm 1): every
EVERY steps λ ← (1 − α) λ + α λ̂ with λ̂ = max |∇L_r| / mean |λ∇L_b|. The authors' code takes the gradient of the loss
with its weight, as here; "unweighted" takes it without λ. "norms" is λ̂ = |∇L_r| / |∇L_b|, as in gradient-norm
balancing (Wang, Sankaran, Wang & Perdikaris 2023, arXiv:2308.08468, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.common.progress import Progress
from demos.networks.pinn.config import PinnConfig
from demos.networks.pinn.network import INSIDE, Losses, Network

EVERY, SHARE = 10, 0.1  # steps between two balances; α
FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8  # Adam's β₁, β₂ and ε
FRAMES = 120
HEAVIEST = 1e12  # largest λ̂: beyond it the values at the ends are 0 up to rounding
WINDOW = 10  # number of steps at the start and at the end that are recorded with Adam's state before them


@dataclass(frozen=True)
class Memory:
    """The state before a step: its number, weights (2, P), Adam's averages (shaped alike), and λ (2,)."""

    step: int
    weights: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class Training:
    """residual, boundary, |∇L_r|, |∇L_b|, λ, and the relative error of u (rms): (S + 1, 2), fixed and balanced, at
    every step. at (F,): the recorded steps, ascending; weights (F, 2, P) there. windows: the states before and after
    the first, and the last, WINDOW steps.
    """

    residual: np.ndarray
    boundary: np.ndarray
    by_residual: np.ndarray
    by_boundary: np.ndarray
    weight: np.ndarray
    error: np.ndarray
    at: np.ndarray
    weights: np.ndarray
    windows: tuple[tuple[Memory, np.ndarray], ...]


def balanced(rule: str, found: Losses, weight: np.ndarray) -> np.ndarray:
    """λ̂ of all networks."""
    r, b = np.abs(found.by_residual), np.abs(found.by_boundary)
    if rule == "norms":
        over, under = np.linalg.norm(r, axis=1), np.linalg.norm(b, axis=1)
    else:
        over, under = r.max(1), b.mean(1) * (weight if rule == "weighted" else 1.0)
    return np.minimum(over / np.maximum(under, 1e-300), HEAVIEST)


def train(config: PinnConfig, progress: Progress | None = None) -> Training:
    network = Network(config)
    weights = np.repeat(network.start()[None], 2, 0)
    mean, square, weight = np.zeros_like(weights), np.zeros_like(weights), np.array([config.weight, 1.0])
    exact = np.sin(config.frequency * np.pi * network.x[:INSIDE])
    numbers = np.empty((6, config.steps + 1, 2))
    at = np.unique(np.rint(np.linspace(0, config.steps, FRAMES)).astype(int))
    frames, begun, ended = [], {}, {}
    for step in range(config.steps + 1):
        if step in (0, config.steps - WINDOW):
            begun[step] = Memory(step, weights, mean, square, weight)
        if step in (WINDOW, config.steps):
            ended[step] = weights
        found = network.losses(weights)
        if step % EVERY == 0:
            weight = weight.copy()
            weight[1] += SHARE * (balanced(config.rule, found, weight)[1] - weight[1])
            if progress is not None:
                progress(step / config.steps)
        error = np.sqrt(2 * ((found.u[:, :INSIDE] - exact) ** 2).mean(1))
        norms = (np.linalg.norm(each, axis=1) for each in (found.by_residual, found.by_boundary))
        numbers[:, step] = (found.residual, found.boundary, *norms, weight, error)
        if step == at[len(frames)]:
            frames.append(weights)
        gradient = found.by_residual + weight[:, None] * found.by_boundary
        mean = FIRST * mean + (1 - FIRST) * gradient
        square = SECOND * square + (1 - SECOND) * gradient**2
        unbiased = mean / (1 - FIRST ** (step + 1)), square / (1 - SECOND ** (step + 1))
        weights = weights - config.lr * unbiased[0] / (np.sqrt(unbiased[1]) + EPSILON)
    windows = tuple((memory, ended[memory.step + WINDOW]) for memory in begun.values())
    return Training(*numbers, at=at, weights=np.stack(frames), windows=windows)

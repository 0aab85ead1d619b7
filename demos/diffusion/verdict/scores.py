"""A second, independent implementation of the exact denoiser in NumPy, for checks that share no code with the run.

Every function takes points (n, 2) and a noise level, and returns D = E[x₀ | x₀ + σε = x], (n, 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from scipy.special import log_ndtr

from demos.common.progress import checkpoint
from demos.diffusion.distributions import Boxes, Distribution, GaussianMixture
from demos.diffusion.setup import Setup

Denoiser = Callable[[np.ndarray, float], np.ndarray]
BLOCK = 2**18  # responsibilities computed at once
BENT_AT, BENT_WIDTH = 3.0, 0.5  # the bump of a perturbed score (`models.Perturbed`): its σ/σ_data, its width in ln σ


def denoiser_of(setup: Setup, labels: np.ndarray | None) -> Denoiser:
    """The denoiser that the samplers of a setup use: exact or of the network, perturbed and guided as configured.

    labels (n,): the classes asked for, or None.
    """
    config, unit = setup.config, setup.data.sigma_data
    every = _unconditional(setup)
    bent = lambda x, sigma, found: found + config.score_error / unit * _bend(x, sigma, unit)
    if labels is None or config.guidance == 0:
        return lambda x, sigma: bent(x, sigma, every(x, sigma, None))
    weight = config.guidance

    def guided(x: np.ndarray, sigma: float) -> np.ndarray:
        of_class = every(x, sigma, labels)
        if weight == 1:
            return bent(x, sigma, of_class)
        of_all = every(x, sigma, None)
        return bent(x, sigma, of_all + weight * (of_class - of_all))

    return guided


def _bend(x: np.ndarray, sigma: float, unit: float) -> np.ndarray:
    height = sigma**2 * math.exp(-((math.log(sigma / unit / BENT_AT) / BENT_WIDTH) ** 2) / 2)
    return height * np.stack([np.sin(x[:, 1] / unit), np.cos(x[:, 0] / unit)], axis=1)


def _unconditional(setup: Setup) -> Callable[[np.ndarray, float, np.ndarray | None], np.ndarray]:
    """The denoiser (x, σ, labels or None) -> D without guidance, of the data or of the network."""
    if setup.config.score == "exact":
        return lambda x, sigma, labels: exact_denoiser(setup.data.distribution, x, sigma, labels)
    from demos.diffusion.learned import learned_model  # a network is loaded only when it is needed

    network = learned_model(setup.config, setup.data)

    def learned(x: np.ndarray, sigma: float, labels: np.ndarray | None) -> np.ndarray:
        asked = None if labels is None else torch.from_numpy(labels)
        with torch.no_grad():
            return network.denoiser(torch.from_numpy(x).float(), sigma, asked).double().numpy()

    return learned


def exact_denoiser(
    distribution: Distribution, x: np.ndarray, sigma: float, labels: np.ndarray | None = None
) -> np.ndarray:
    """D (n, 2) of an exact distribution at points x (n, 2), with labels (n,) or None. Raises TypeError for another kind
    of distribution than those of `demos.diffusion.distributions`."""
    match distribution:
        case GaussianMixture():
            return _of_mixture(distribution, x, sigma, labels)
        case Boxes():
            return _of_boxes(distribution, x, sigma, labels)
    raise TypeError(f"no denoiser is known for a distribution of type {type(distribution).__name__}.")


def _of_mixture(mixture: GaussianMixture, x: np.ndarray, sigma: float, labels: np.ndarray | None) -> np.ndarray:
    """Σₖ rₖ(x) (μₖ + Cₖ(Cₖ + σ²)⁻¹(x − μₖ)), r the posterior weights of the components."""
    means, weights, classes = mixture.means.numpy(), mixture.weights.numpy(), mixture.labels.numpy()
    spread = mixture.covariances.numpy()
    if spread.ndim == 1:
        spread = spread[:, None, None] * np.eye(2)
    total = spread + sigma**2 * np.eye(2)
    inverse = np.linalg.inv(total)
    gain = spread @ inverse
    constant = np.log(weights) - 0.5 * np.log(np.linalg.det(total))
    parts, size = [], max(16, BLOCK // len(weights))
    single = lambda values: values.astype(np.float32)
    for at in range(0, len(x), size):
        checkpoint()
        part = x[at : at + size]
        dx, dy = (single(part[:, i, None]) - single(means[None, :, i]) for i in (0, 1))
        square = single(inverse[:, 0, 0]) * dx * dx + single(inverse[:, 1, 1]) * dy * dy
        if inverse[:, 0, 1].any():
            square += single(2 * inverse[:, 0, 1]) * dx * dy
        logits = single(constant) - 0.5 * square
        if labels is not None:
            logits[classes[None, :] != labels[at : at + size, None]] = -np.inf
        # in float64 the shares sum to 1: near σ = 0 a difference D − x is divided by σ²
        share = np.exp(logits - logits.max(1, keepdims=True)).astype(np.float64)
        share /= share.sum(1, keepdims=True)
        own = [means[:, i] - gain[:, i, 0] * means[:, 0] - gain[:, i, 1] * means[:, 1] for i in (0, 1)]
        columns = np.stack([own[0], own[1], *(gain[:, i, j] for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)))], axis=1)
        mixed = share @ columns
        parts.append(
            np.stack(
                [
                    mixed[:, 0] + mixed[:, 2] * part[:, 0] + mixed[:, 3] * part[:, 1],
                    mixed[:, 1] + mixed[:, 4] * part[:, 0] + mixed[:, 5] * part[:, 1],
                ],
                axis=1,
            )
        )
    return np.concatenate(parts)


def _of_boxes(boxes: Boxes, x: np.ndarray, sigma: float, labels: np.ndarray | None) -> np.ndarray:
    """Each side of each square is a truncated normal: its mean, weighted by the share of N(x, σ²) that lies in it."""
    corners, logits, means = boxes.corners.numpy(), 0.0, []
    for axis in (0, 1):
        starts, which = np.unique(corners[:, axis], return_inverse=True)
        low = (starts[None] - x[:, axis, None]) / sigma
        high = low + boxes.side / sigma
        flip = low + high > 0  # mirrored to where log Φ is accurate in the tail
        low, high = np.where(flip, -high, low), np.where(flip, -low, high)
        upper, lower = log_ndtr(high), log_ndtr(low)
        share = upper + np.log(-np.expm1(lower - upper))
        density = lambda z, of=share: np.exp(-0.5 * z * z - 0.5 * math.log(2 * math.pi) - of)
        inner = (density(low) - density(high)) * np.where(flip, -1.0, 1.0)
        logits = logits + share[:, which]
        means.append((x[:, axis, None] + sigma * inner)[:, which])
    if labels is not None:
        logits = np.where(np.arange(len(corners))[None] == labels[:, None], logits, -np.inf)
    share = np.exp(logits - logits.max(1, keepdims=True))
    share /= share.sum(1, keepdims=True)
    return np.stack([(share * mean).sum(1) for mean in means], axis=1)

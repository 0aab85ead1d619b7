"""The linear VAE of Lucas, Tucker, Grosse & Norouzi (NeurIPS 2019, arXiv:1911.02469), on data of covariance S.

Decoder x = W z + σ ε, encoder q(z|x) = N(V x, diag D). The mean of −ELBO over the data depends only on S:

    ½ Σ (D_i − 1 − log D_i + (V S Vᵀ)_ii)  +  [tr S − 2 tr(W V S) + tr(V S Vᵀ WᵀW) + Σ D_i |w_i|²]/2σ²  +  d/2 log 2πσ²
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.common.random_streams import generator
from demos.gradient_flow import GradientFlow, Trajectory, solve
from demos.networks.vae.config import DIMENSION, VaeConfig

SMALL = 1e-3  # standard deviation of the initial weights
EARLY = 0.02  # the early growth is measured at this time and at twice this time
FRAMES = 120
RTOL, ATOL = 1e-6, 1e-9  # tolerances of the solver


@dataclass(frozen=True)
class Weights:
    """W (N, d, k), V (N, k, d), log_d (N, k) and log σ² (N,), of N networks."""

    W: Tensor
    V: Tensor
    log_d: Tensor
    log_noise: Tensor

    def joined(self) -> Tensor:
        """(N, 2dk + k + 1), one vector per network for the solver."""
        return torch.cat([part.reshape(len(self.W), -1) for part in (self.W, self.V, self.log_d, self.log_noise)], 1)


def split(config: VaeConfig, x: Tensor) -> Weights:
    d, k = DIMENSION, config.latents
    W, V, log_d, log_noise = x.split([d * k, k * d, k, 1], 1)
    return Weights(W.reshape(-1, d, k), V.reshape(-1, k, d), log_d, log_noise[:, 0])


def divergence(config: VaeConfig, at: Weights) -> Tensor:
    """(N, k): KL(q(z_i|x) ‖ N(0, 1)) of each latent, mean over the data."""
    spread = (at.V.square() * covariance(config)).sum(-1)
    return (at.log_d.exp() - 1 - at.log_d + spread) / 2


def negative_elbo(config: VaeConfig, at: Weights) -> Tensor:
    """(N,)"""
    S = covariance(config)
    noise, seen = at.log_noise.exp(), at.V * S  # V S
    square = at.W.mT @ at.W
    error = S.sum() - 2 * (at.W * seen.mT).sum((1, 2)) + ((seen @ at.V.mT) * square).sum((1, 2))
    error = error + (at.log_d.exp() * square.diagonal(dim1=1, dim2=2)).sum(1)
    return divergence(config, at).sum(1) + error / (2 * noise) + DIMENSION / 2 * (log(2 * pi) + at.log_noise)


def downhill(config: VaeConfig, x: Tensor) -> Tensor:
    """The gradient of `negative_elbo` by all weights, like x, written out: seven times as fast as autograd."""
    at, S = split(config, x), covariance(config)
    noise, D = at.log_noise.exp()[:, None, None], at.log_d.exp()
    seen = at.V * S  # V S
    inner, square = seen @ at.V.mT, at.W.mT @ at.W  # V S Vᵀ, WᵀW
    W = (at.W @ inner + at.W * D[:, None] - seen.mT) / noise
    V = seen + (square @ seen - at.W.mT * S) / noise
    lengths = square.diagonal(dim1=1, dim2=2)
    log_d = (D - 1 + D * lengths / noise[..., 0]) / 2
    log_noise = torch.zeros_like(at.log_noise)
    if config.learned:
        error = S.sum() - 2 * (at.W * seen.mT).sum((1, 2)) + (inner * square).sum((1, 2)) + (D * lengths).sum(1)
        log_noise = DIMENSION / 2 - error / (2 * at.log_noise.exp())
    return Weights(W, V, log_d, log_noise).joined()


def covariance(config: VaeConfig) -> Tensor:
    """(d,): S is diagonal, in the basis of its eigenvectors; the flow is the same in any other."""
    return torch.from_numpy(config.eigenvalues)


def start(config: VaeConfig) -> Weights:
    """Small weights, and D = 1: all latents dead. Aligned: latent i along eigenvector i."""
    d, k = DIMENSION, config.latents
    if config.start == "aligned":
        W = SMALL * torch.eye(d, k, dtype=torch.float64)[None]
        V = W.mT.clone()
    else:
        random = generator(config.seed, "weights of the linear VAE")
        W, V = (SMALL * torch.from_numpy(random.standard_normal(shape)) for shape in ((1, d, k), (1, k, d)))
    zeros = torch.zeros(1, k, dtype=torch.float64)
    return Weights(W, V, zeros, torch.full((1,), log(config.noise), dtype=torch.float64))


def train(config: VaeConfig, progress: Progress | None = None) -> Trajectory:
    """Gradient flow of −ELBO, by BDF: it is stiff; frames 1 and 2 are those of EARLY."""
    # the energy is not given, because the solver would compute Hessians of it by autograd
    flow = GradientFlow(gradient=lambda x: downhill(config, x))
    times = np.concatenate(([0.0, EARLY, 2 * EARLY], np.geomspace(2 * EARLY, config.time, FRAMES)[1:]))
    return solve(
        flow, start(config).joined(), times, "bdf", record=list(times), progress=progress, rtol=RTOL, atol=ATOL
    )

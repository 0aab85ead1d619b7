"""Random networks run forward and backward: sizes of activations and gradients after every layer.

cnn          z_1 = conv(x), z_{l+1} = conv(relu(z_l)), or z_l + conv(relu(z_l))/√L: 3 × 3, circular
transformer  f_A = W_O W_V mean over tokens, f_F = W_2 relu(W_1 ·), one after the other; pre-norm h + f(LN h) with a
             last LN (Xiong et al. 2020, arXiv:2002.04745), post-norm LN(h + f(h)) (Vaswani et al. 2017)

Attention is uniform over tokens, because its query weights are 0, as in Xiong et al.'s analysis. The loss is a random
linear function of the output.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint
from demos.common.random_streams import generator, torch_generator
from demos.networks.architectures.config import ArchitecturesConfig
from demos.networks.bench.shapes import images

HIDDEN = 4  # width of the feed-forward layer over that of the stream
EPSILON = 1e-30


@dataclass(frozen=True)
class Measured:
    """Measurements of K networks after each of S layers. gradient, forward (K, S): log10 of |∂L/∂h_s|, and of the root
    mean square of h_s. alike (K, S): mean cosine between two tokens of a sequence (nan for images). last (K,): log10
    of |∂L/∂W| of the last matrix."""

    gradient: np.ndarray
    forward: np.ndarray
    alike: np.ndarray
    last: np.ndarray

    @property
    def profile(self) -> np.ndarray:
        """(K, S): the gradient relative to the last layer."""
        return self.gradient - self.gradient[:, -1:]


def measure(config: ArchitecturesConfig, variant: str, progress: Progress | None = None) -> Measured:
    """All networks of a variant; both variants have the same weights and inputs."""
    one = transformer if config.kind == "transformer" else cnn
    rows = []
    for index in range(config.networks):
        rows.append(one(config, variant, index))
        if progress is not None:
            progress((index + 1) / config.networks)
    return Measured(*(np.array(part) for part in zip(*rows, strict=True)))


def cnn(config: ArchitecturesConfig, variant: str, index: int) -> tuple[np.ndarray, ...]:
    random = torch_generator(config.seed, f"cnn {index}")
    channels = config.width // 4
    x = torch.from_numpy(images_of(config, index))[..., None]
    scale = 1 / sqrt(config.blocks) if variant == "skips" else 0.0
    stream, matrix = x, None
    kept: list[Tensor] = []
    with torch.enable_grad():
        for layer in range(config.blocks):
            checkpoint()
            seen = patches(torch.relu(stream) if layer else stream)
            matrix, bias = convolution(config.init, seen.shape[-1], channels, random)
            if layer == config.blocks - 1:
                matrix.requires_grad_()
            branch = seen @ matrix + bias
            stream = stream + scale * branch if layer and scale else branch
            stream.requires_grad_() if layer == 0 else None
            kept.append(stream)
        loss = (stream * torch.randn(stream.shape, generator=random, dtype=torch.float64)).sum()
        *found, last = torch.autograd.grad(loss, [*kept, matrix])
    alike = np.full(len(kept), np.nan)
    return norms(found), sizes(kept), alike, norms([last])[0]


def images_of(config: ArchitecturesConfig, index: int) -> np.ndarray:
    """The input images of one network, (B, SIDE, SIDE)."""
    return images(config.batch, generator(config.seed, f"images {index}"))


def patches(x: Tensor) -> Tensor:
    """(B, H, W, c) -> (B, H, W, 9c): each pixel with its eight neighbours, with periodic edges."""
    return torch.cat([x.roll((i, j), (1, 2)) for i in (-1, 0, 1) for j in (-1, 0, 1)], -1)


def convolution(init: str, fan_in: int, fan_out: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """(fan_in, fan_out) and (fan_out,): torch's nn.Conv2d, or He's weights and no biases."""
    if init == "he":
        matrix = torch.randn(fan_in, fan_out, generator=random, dtype=torch.float64) * sqrt(2 / fan_in)
        return matrix, torch.zeros(fan_out, dtype=torch.float64)
    both = (2 * torch.rand(fan_in + 1, fan_out, generator=random, dtype=torch.float64) - 1) / sqrt(fan_in)
    return both[:-1], both[-1]


def transformer(config: ArchitecturesConfig, variant: str, index: int) -> tuple[np.ndarray, ...]:
    random = torch_generator(config.seed, f"transformer {index}")
    n, normal = config.width, lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64)
    stream = normal(config.batch, config.tokens, n).requires_grad_()
    kept, last = [stream], normal(0)
    with torch.enable_grad():
        for block in range(config.blocks):
            checkpoint()
            value, out = normal(n, n) / sqrt(n), normal(n, n) / sqrt(n)
            into, last = normal(n, HIDDEN * n) * sqrt(2 / n), normal(HIDDEN * n, n) / sqrt(HIDDEN * n)
            if block == config.blocks - 1:
                last.requires_grad_()
            for sublayer in (
                lambda h, value=value, out=out: attention(h, value, out),
                lambda h, into=into, last=last: torch.relu(h @ into) @ last,
            ):
                if variant == "pre":
                    stream = stream + sublayer(layer_norm(stream))
                else:
                    stream = layer_norm(stream + sublayer(stream))
                kept.append(stream)
        output = layer_norm(stream) if variant == "pre" else stream
        loss = (output * normal(*output.shape)).sum()
        *found, weight = torch.autograd.grad(loss, [*kept, last])
    alike = np.array([cosine(h.detach()) for h in kept])
    return norms(found), sizes(kept), alike, norms([weight])[0]


def attention(h: Tensor, value: Tensor, out: Tensor) -> Tensor:
    """Attention with queries of 0: every token gets the mean over all tokens, times W_V W_O."""
    return (h.mean(1, keepdim=True) @ value @ out).expand_as(h)


def layer_norm(h: Tensor) -> Tensor:
    h = h - h.mean(-1, keepdim=True)
    return h / (h.square().mean(-1, keepdim=True) + EPSILON).sqrt()


def cosine(h: Tensor) -> float:
    """The cosine between two different tokens of a sequence, averaged over pairs and sequences; h (B, T, n)."""
    h = h / h.norm(dim=-1, keepdim=True)
    tokens = h.shape[1]
    return float((h.sum(1).square().sum(-1) - tokens).mean()) / (tokens * (tokens - 1))


def norms(tensors: list[Tensor]) -> np.ndarray:
    """log10 of the norm of each tensor, scaled first because squares of numbers below 1e-154 would be 0."""
    largest = np.array([max(float(t.abs().max()), 1e-300) for t in tensors])
    scaled = [float((t / size).norm()) for t, size in zip(tensors, largest, strict=True)]
    with np.errstate(divide="ignore"):
        return np.log10(largest) + np.log10(scaled)


def sizes(tensors: list[Tensor]) -> np.ndarray:
    return norms([t.detach() for t in tensors]) - 0.5 * np.log10([t.numel() for t in tensors])

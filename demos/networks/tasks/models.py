"""The two architectures, each in two variants."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor, nn

from demos.common.random_streams import torch_generator
from demos.networks.bench.shapes import SHAPES
from demos.networks.tasks.config import TasksConfig
from demos.networks.tasks.data import LENGTH, SYMBOLS
from demos.nn.bare import blank

Linear, Conv2d, Embedded = blank(nn.Linear), blank(nn.Conv2d), blank(nn.Embedding)
WIDER = 2  # hidden units of a feed-forward layer, over the width


class Residual(nn.Module):
    """h + scale·f(relu(h)), or f(relu(h)) where scale is 0."""

    def __init__(self, inner: nn.Module, scale: float) -> None:
        super().__init__()
        self.phi, self.inner, self.scale = nn.ReLU(), inner, scale

    def forward(self, h: Tensor) -> Tensor:
        branch = self.inner(self.phi(h))
        return h + self.scale * branch if self.scale else branch


class Pool(nn.Module):
    """Mean over all places of relu(h)."""

    def forward(self, h: Tensor) -> Tensor:
        return h.relu().mean((2, 3))[:, None]


def cnn(config: TasksConfig, variant: str) -> nn.Sequential:
    """3 × 3 convolutions of `width`/4 channels with edges of zeros, a mean over all places, a linear readout."""
    channels, L = config.width // 4, config.blocks
    convolution = lambda fan_in: Conv2d(fan_in, channels, 3, padding=1)
    scale = 1 / sqrt(L) if variant == "skips" else 0.0
    blocks = [Residual(convolution(channels), scale) for _ in range(L - 1)]
    return nn.Sequential(convolution(1), *blocks, Pool(), Linear(channels, len(SHAPES)))


class Attention(nn.Module):
    """One head: softmax(QKᵀ/√n) V, and a linear map."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.mixed, self.out = Linear(n, 3 * n), Linear(n, n)

    def forward(self, h: Tensor) -> Tensor:
        q, k, v = self.mixed(h).chunk(3, -1)
        weights = (q @ k.transpose(1, 2) / sqrt(h.shape[-1])).softmax(-1)
        return self.out(weights @ v)


class Sublayer(nn.Module):
    """Pre-norm h + f(LN h) (Xiong et al. 2020), post-norm LN(h + f(h)) (Vaswani et al. 2017)."""

    def __init__(self, inner: nn.Module, n: int, pre: bool) -> None:
        super().__init__()
        self.inner, self.norm, self.pre = inner, nn.LayerNorm(n), pre

    def forward(self, h: Tensor) -> Tensor:
        return h + self.inner(self.norm(h)) if self.pre else self.norm(h + self.inner(h))


class Embedding(nn.Module):
    """Token + place, both learned."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.token, self.place = Embedded(SYMBOLS + 1, n), Embedded(2 * LENGTH, n)

    def forward(self, x: Tensor) -> Tensor:
        return self.token(x) + self.place.weight


class Readout(nn.Module):
    """Logits at the blanks."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.linear = Linear(n, SYMBOLS)

    def forward(self, h: Tensor) -> Tensor:
        return self.linear(h[:, LENGTH:])


def transformer(config: TasksConfig, variant: str) -> nn.Sequential:
    n, pre = config.width, variant == "pre"
    parts: list[nn.Module] = [Embedding(n)]
    for _ in range(config.blocks):
        feed = nn.Sequential(Linear(n, WIDER * n), nn.ReLU(), Linear(WIDER * n, n))
        parts += [Sublayer(Attention(n), n, pre), Sublayer(feed, n, pre)]
    return nn.Sequential(*parts, *([nn.LayerNorm(n)] if pre else []), Readout(n))


@torch.no_grad()
def build(config: TasksConfig, variant: str) -> nn.Sequential:
    """Weights as torch begins: uniform over ±1/√fan_in for linear maps and convolutions, standard normal embeddings;
    both variants get the same numbers. Logits are (N, places, classes)."""
    model = (transformer if config.kind == "transformer" else cnn)(config, variant)
    random = torch_generator(config.seed, "weights")
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            module.weight.copy_(torch.randn(module.weight.shape, generator=random))
        elif isinstance(module, nn.Linear | nn.Conv2d):
            fan_in = module.weight[0].numel()
            for tensor in (module.weight, module.bias):
                tensor.copy_((2 * torch.rand(tensor.shape, generator=random) - 1) / sqrt(fan_in))
            if config.init == "he" and isinstance(module, nn.Conv2d):
                module.weight.mul_(sqrt(6))
    return model

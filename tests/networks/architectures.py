"""Ten small networks of different kinds, each with its data: what a monitor has to work on, without an alarm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from tests.networks.cases import Residual, he, perceptron


class Convolutions(nn.Module):
    """Batch norm, in-place ReLU and in-place addition: module backward hooks raise RuntimeError on this."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, padding=1)
        self.norm1, self.norm2 = nn.BatchNorm2d(8), nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.out = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = self.relu(self.norm1(self.first(x)))
        h = self.relu(self.norm2(self.second(h)).add_(h))
        return self.out(h.mean((2, 3)))


class Recurrent(nn.Module):
    """LSTM or GRU, whose outputs are tuples; classifies by the last state."""

    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.cell, self.out = kind(2, 16, batch_first=True), nn.Linear(16, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.cell(x)[0][:, -1])


class Tokens(nn.Module):
    """Embedding, a transformer encoder, and an output that shares the embedding's weights."""

    def __init__(self, tied: bool) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 16)
        nn.init.normal_(self.embedding.weight, std=0.25)
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.out = nn.Linear(16, 11, bias=False)
        if tied:
            self.out.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.out(self.encoder(self.embedding(tokens))).flatten(0, 1)


class Checkpointed(nn.Module):
    """Its middle is computed again in backward."""

    def __init__(self, reentrant: bool) -> None:
        super().__init__()
        self.first, self.out = nn.Linear(2, 32), nn.Linear(32, 2)
        self.middle = nn.Sequential(nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
        self.reentrant = reentrant

    def forward(self, x: Tensor) -> Tensor:
        return self.out(checkpoint(self.middle, self.first(x), use_reentrant=self.reentrant))


class Waves(nn.Module):
    """A complex weight: the real part of W·x, squared."""

    def __init__(self) -> None:
        super().__init__()
        self.mixing = nn.Linear(2, 32, dtype=torch.complex64)
        self.out = nn.Linear(32, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.mixing(x.to(torch.complex64)).abs())


@dataclass(frozen=True)
class Architecture:
    """batch(generator) -> inputs, classes."""

    name: str
    build: Callable[[], nn.Module]
    batch: Callable[[torch.Generator], tuple[Tensor, Tensor]]
    optimizer: Callable[..., torch.optim.Optimizer] = lambda parameters: torch.optim.Adam(parameters, lr=3e-3)


def plane(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Points of two classes, left and right of a parabola."""
    x = torch.randn(64, 2, generator=generator)
    return x, (x[:, 0] > x[:, 1] ** 2 - 1).long()


def half_precision(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    x, y = plane(generator)
    return x.bfloat16(), y


def images(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Bars, upright or lying, with noise."""
    y = torch.randint(0, 2, (32,), generator=generator)
    x = 0.3 * torch.randn(32, 1, 8, 8, generator=generator)
    rows = torch.randint(0, 8, (32,), generator=generator)
    for image, row, upright in zip(x[:, 0], rows, y, strict=True):
        (image[:, row] if upright else image[row]).add_(1.0)
    return x, y


def series(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Whether a walk ends where x > 0."""
    x = torch.randn(32, 8, 2, generator=generator) / 2
    return x, (x[:, :, 0].sum(1) > 0).long()


def tokens(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Copy."""
    x = torch.randint(0, 11, (16, 8), generator=generator)
    return x, x.flatten()


def _linear_attention_free() -> nn.Module:
    blocks = [
        Residual(nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 32)), 1.0)
        for _ in range(3)
    ]
    return nn.Sequential(nn.Linear(2, 32), *blocks, nn.LayerNorm(32), nn.Linear(32, 2))


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True)


ARCHITECTURES = (
    Architecture("convolutions", Convolutions, images, sgd),
    Architecture("LSTM", lambda: Recurrent(nn.LSTM), series),
    Architecture("GRU", lambda: Recurrent(nn.GRU), series),
    Architecture("transformer", lambda: Tokens(tied=False), tokens),
    Architecture("tied weights", lambda: Tokens(tied=True), tokens),
    Architecture("residual", _linear_attention_free, plane),
    Architecture("checkpoint", lambda: Checkpointed(reentrant=False), plane),
    Architecture("reentrant checkpoint", lambda: Checkpointed(reentrant=True), plane),
    Architecture("complex", Waves, plane),
    Architecture("bfloat16", lambda: perceptron(nn.SiLU, depth=3, width=32).bfloat16(), half_precision, sgd),
)


MLP = Architecture("MLP", lambda: perceptron(nn.ReLU, he, depth=3, width=16), plane)


def train(model: nn.Module, optimizer, batch, steps: int, seed: int = 1, clip: float = 0.0, after=None) -> list[Tensor]:
    """The plain loop; losses. after(loss): called at the end of each step."""
    generator, losses = torch.Generator().manual_seed(seed), []
    for _ in range(steps):
        x, y = batch(generator)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x).float(), y)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.detach())
        if after is not None:
            after(loss)
    return losses


def built(architecture: Architecture, seed: int = 0) -> tuple[nn.Module, torch.optim.Optimizer]:
    """The model with weights from a seed, and its optimizer."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = architecture.build()
    return model, architecture.optimizer(model.parameters())

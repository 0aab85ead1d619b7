"""The training: a step of the discriminator, then one of the generator, both by Adam, watched by the monitor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from demos.common.progress import Progress, checkpoint
from demos.networks.monitor import GradientFlowMonitor, Report
from demos.networks.ring.config import RingConfig
from demos.networks.ring.players import Draws, draws, players
from demos.nn.bare import bare

SHOWN = 400  # points
FRAMES = 100  # about
LOOKS, GRID, VIEW = 24, 40, 1.8  # of the discriminator: how often, places a side, half the width of the plane
WINDOWS = 5  # stretches between two frames that are kept with what Adam remembers before them
SECOND, EPSILON = 0.9, 1e-8  # Adam's β₂ and ε
NAMES = ("generator", "discriminator")


@dataclass(frozen=True)
class Memory:
    """Of one player before a step (`count` have been made): weights, Adam's m and v, (P,) each."""

    count: int
    weights: np.ndarray
    mean: np.ndarray
    square: np.ndarray


@dataclass(frozen=True)
class Trained:
    """S steps, F frames; both players in the order of NAMES.

    at (F,): steps made by each frame, both ends included. weights: of both players, (F, P). points (F, SHOWN, 2).
    norms (S, 2): |g| of both at each step. losses (S, 2). looks (K,): frames of the looks; fields (K, GRID, GRID):
    σ(D) there, None if the discriminator sees several points at once. windows: (frame, what both remember there).
    """

    at: np.ndarray
    weights: tuple[np.ndarray, np.ndarray]
    points: np.ndarray
    norms: np.ndarray
    losses: np.ndarray
    looks: np.ndarray
    fields: np.ndarray | None
    windows: tuple[tuple[int, tuple[Memory, Memory]], ...]
    drawn: Draws
    report: Report

    @property
    def ratio(self) -> np.ndarray:
        """(S,): the generator's gradient over the discriminator's."""
        return self.norms[:, 0] / np.maximum(self.norms[:, 1], 1e-300)


def discriminator_loss(config: RingConfig, model: nn.ModuleDict, true: Tensor, noise: Tensor) -> Tensor:
    """−log σ(D(true)) − log(1 − σ(D(made))), in the mean, and γ/2 |∂D/∂true|²."""
    with torch.no_grad():
        made = model["generator"](noise)
    true, made = (part.reshape(-1, 2 * config.pack) for part in (true, made))
    if not config.gamma:
        of_true, of_made = model["discriminator"](torch.cat((true, made))).chunk(2)
        return softplus(-of_true).mean() + softplus(of_made).mean()
    true.requires_grad_()
    of_true, of_made = model["discriminator"](true), model["discriminator"](made)
    (slope,) = torch.autograd.grad(of_true.sum(), true, create_graph=True)
    penalty = config.gamma / 2 * slope.square().sum(1).mean()
    return softplus(-of_true).mean() + softplus(of_made).mean() + penalty


def generator_loss(config: RingConfig, model: nn.ModuleDict, noise: Tensor) -> Tensor:
    """−log σ(D), or log(1 − σ(D)), of what it makes."""
    of_made = model["discriminator"](model["generator"](noise).reshape(-1, 2 * config.pack))
    return softplus(-of_made).mean() if config.loss == "nonsaturating" else -softplus(of_made).mean()


def adam(config: RingConfig, model: nn.ModuleDict) -> list[torch.optim.Adam]:
    """Of generator and discriminator."""
    rates = (config.lr, config.ratio * config.lr)
    betas = (config.momentum, SECOND)
    return [
        bare(torch.optim.Adam)(model[name].parameters(), lr=lr, betas=betas, eps=EPSILON)
        for name, lr in zip(NAMES, rates, strict=True)
    ]


class Recorder:
    """What is kept of a training while it goes on."""

    def __init__(self, config: RingConfig, model: nn.ModuleDict, drawn: Draws) -> None:
        self.config, self.model, self.drawn = config, model, drawn
        count = min(FRAMES, config.steps + 1)
        self.at = np.unique(np.rint(np.linspace(0, config.steps, count)).astype(int))
        self.looks = np.unique(np.rint(np.linspace(0, len(self.at) - 1, LOOKS)).astype(int))
        self.kept = set(np.rint(np.linspace(0, len(self.at) - 2, WINDOWS)).astype(int).tolist())
        axis = torch.linspace(-VIEW, VIEW, GRID)
        self.places = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).reshape(-1, 2)
        self.weights: tuple[list, list] = ([], [])
        self.points: list[np.ndarray] = []
        self.fields: list[np.ndarray] = []
        self.windows: list[tuple[int, tuple[Memory, Memory]]] = []

    @torch.no_grad()
    def frame(self, optimizers: list[torch.optim.Adam]) -> None:
        number = len(self.points)
        for kept, name in zip(self.weights, NAMES, strict=True):
            kept.append(flat(self.model[name].parameters()))
        self.points.append(self.model["generator"](self.drawn.shown).numpy())
        if self.config.pack == 1 and number in self.looks:
            self.fields.append(self.model["discriminator"](self.places).sigmoid().reshape(GRID, GRID).numpy())
        if number in self.kept:
            self.windows.append((number, tuple(map(self._memory, NAMES, optimizers))))  # type: ignore[arg-type]

    def _memory(self, name: str, optimizer: torch.optim.Adam) -> Memory:
        weights = list(self.model[name].parameters())
        states = [optimizer.state[p] for p in weights]
        zero = [torch.zeros_like(p) for p in weights]
        if not states[0]:
            return Memory(0, flat(weights), flat(zero), flat(zero))
        means, squares = ([state[part] for state in states] for part in ("exp_avg", "exp_avg_sq"))
        return Memory(int(states[0]["step"]), flat(weights), flat(means), flat(squares))


def flat(tensors) -> np.ndarray:
    """All numbers in one row, float64."""
    return np.concatenate([t.detach().double().numpy().ravel() for t in tensors])


def train(config: RingConfig, progress: Progress | None = None) -> Trained:
    """One GAN; the same config gives the same numbers."""
    model, drawn = players(config), draws(config, SHOWN)
    optimizers = adam(config, model)
    recorder = Recorder(config, model, drawn)
    norms, losses = np.empty((config.steps, 2)), np.empty((config.steps, 2))
    every = max(1, config.steps // 30)
    groups = [list(model[name].parameters()) for name in NAMES]
    with torch.enable_grad(), GradientFlowMonitor(model, optimizers, every, batch_size=config.batch) as monitor:
        for step in range(config.steps):
            if step == recorder.at[len(recorder.points)]:
                recorder.frame(optimizers)
            for player in (1, 0):
                if player:
                    loss = discriminator_loss(config, model, drawn.true[step], drawn.for_d[step])
                else:
                    loss = generator_loss(config, model, drawn.for_g[step])
                # a player's own gradient alone: of the other's no step is made
                for p, g in zip(groups[player], torch.autograd.grad(loss, groups[player]), strict=True):
                    p.grad = g
                norms[step, player] = float(torch.nn.utils.get_total_norm([p.grad for p in groups[player]]))
                losses[step, player] = loss.item()
                optimizers[player].step()
            if progress is not None and step % 5 == 0:
                progress(step / config.steps)
            else:
                checkpoint()
        recorder.frame(optimizers)
    return Trained(
        recorder.at,
        tuple(map(np.array, recorder.weights)),  # type: ignore[arg-type]
        np.array(recorder.points),
        norms,
        losses,
        recorder.looks,
        np.array(recorder.fields) if recorder.fields else None,
        tuple(recorder.windows),
        drawn,
        monitor.report(),
    )

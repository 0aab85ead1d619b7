"""The training under `GradientFlowMonitor`, with the recordings that the checks need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from demos.common.progress import Progress, checkpoint
from demos.common.random_streams import torch_generator
from demos.networks.monitor import GradientFlowMonitor, Report, Run, diagnose
from demos.networks.training.config import EXAMPLES, TrainingConfig
from demos.networks.training.data import VIEW, Data, data_of
from demos.networks.training.function import IndependentFunction
from demos.networks.training.identities import Identities
from demos.networks.training.muon import Directions, look
from demos.networks.training.network import build
from demos.networks.training.optimizers import Formula, moved, optimizer_of

ROWS = 30  # measured steps of a run, about
LOOKS = 16  # evaluations ("looks") of the network's function, about
GRID = 32  # points a side of the grid of an evaluation
LINE = 121
TEST_LOOK = 500  # test examples at each evaluation


@dataclass
class Trained:
    """The recordings of one training; S measured steps, F = S + 1 frames: before each of them, and the end.

    steps (F,); losses (T,) of the batches; looks: frames (K,) of the looks; fields (K, H, W), the probability
    of class 1, or values (K, LINE) of the function; accuracy (K,) on fresh examples (for a function: root mean
    square error); independent: the same looks by other code; due (S, M): |Δθ| of layers with matrices by the
    optimizer's own formula; apart (S,): |Δθ − formula| / |Δθ|, nan where nothing moves; started: second moment
    of the first batch's numbers; stopped: the step at which the loss was not finite, None if it always was;
    spread: standard deviation of the outputs over examples, at first; frozen (M,): |θ| of what the optimizer
    does not move in each linear layer; directions: of Muon's steps, at the start, in the middle and at the end.
    """

    run: Run
    steps: np.ndarray
    losses: np.ndarray
    looks: np.ndarray
    fields: np.ndarray
    accuracy: np.ndarray
    independent: IndependentFunction
    due: np.ndarray
    apart: np.ndarray
    identities: Identities
    second_moment: float
    spread: float
    frozen: np.ndarray
    directions: list[Directions]
    stopped: int | None = None
    data: Data = field(repr=False, default=None)  # type: ignore[assignment]

    @cached_property
    def report(self) -> Report:
        """The monitor's findings."""
        return diagnose(self.run)


def matrices(run: Run) -> list[int]:
    """The indices of the linear layers, in their order."""
    return [i for i, layer in enumerate(run.layers) if layer.kind == "Linear"]


def grid_of(config: TrainingConfig) -> Tensor:
    """The points (·, 1 or 2) at which the function is evaluated, row by row from below."""
    view = VIEW[config.data]
    if not config.classes:
        return torch.linspace(-view, view, LINE)[:, None]
    axis = torch.linspace(-view, view, GRID)
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).reshape(-1, 2)


def batches(config: TrainingConfig) -> Iterator[Tensor]:
    """Index vectors of the batches: without replacement, in a new order for each epoch."""
    generator = torch_generator(config.seed, "batches")
    per_epoch = EXAMPLES // config.batch
    while True:
        order = torch.randperm(EXAMPLES, generator=generator)
        yield from (order[i * config.batch : (i + 1) * config.batch] for i in range(per_epoch))


def data_loss(config: TrainingConfig, output: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy of two classes, or half the mean squared error."""
    return nn.functional.cross_entropy(output, y) if config.classes else (output - y).square().mean() / 2


def penalty(config: TrainingConfig, parameters: list[nn.Parameter]) -> Tensor | None:
    """½ λ₂ |θ|² + λ₁ Σ |θᵢ|."""
    found = None
    if config.l2:
        found = config.l2 / 2 * torch.stack([p.square().sum() for p in parameters]).sum()
    if config.l1:
        absolute = config.l1 * torch.stack([p.abs().sum() for p in parameters]).sum()
        found = absolute if found is None else found + absolute
    return found


def _frozen(linear: nn.Linear) -> float:
    return 0.0 if linear.bias.requires_grad else float(linear.bias.detach().double().norm())


class FunctionRecorder:
    """Evaluates the function during training, without changing the network."""

    def __init__(self, config: TrainingConfig, model: nn.Module, data: Data) -> None:
        self.config, self.model, self.data = config, model, data
        self.places = torch.cat((grid_of(config), data.test_x[:TEST_LOOK]))
        self.independent = IndependentFunction(config, self.places[:-TEST_LOOK])
        self.at: list[int] = []
        self.fields: list[np.ndarray] = []
        self.accuracy: list[float] = []

    @torch.no_grad()
    def look(self, frame: int) -> None:
        checkpoint()
        self.model.eval()
        output = self.model(self.places)
        self.model.train()
        grid, tests = output[:-TEST_LOOK], output[-TEST_LOOK:]
        y = self.data.test_y[:TEST_LOOK]
        self.at.append(frame)
        self.independent.look(self.model)
        if self.config.classes:
            self.fields.append(grid.softmax(1)[:, 1].reshape(GRID, GRID).numpy())
            self.accuracy.append(float((tests.argmax(1) == y).float().mean()))
        else:
            self.fields.append(grid[:, 0].numpy())
            self.accuracy.append(float((tests - y).square().mean().sqrt()))


def train(config: TrainingConfig, progress: Progress | None = None) -> Trained:
    """One network, trained; the same config gives the same numbers."""
    data, model = data_of(config), build(config)
    parameters = moved(config, model)
    optimizer = optimizer_of(config, parameters)
    formula, identities, recorder = (
        Formula(config, parameters),
        Identities(config, model),
        FunctionRecorder(config, model, data),
    )
    every = max(1, config.steps // ROWS)
    frames = len(range(0, config.steps, every)) + 1
    look_every = max(1, frames // LOOKS)
    losses, due, apart, steps, directions, stopped = [], [], [], [], [], None
    looked = {0, every * (frames // 2), every * (frames - 2)} if config.optimizer == "muon" else set()
    draw = batches(config)
    first = next(draw)
    second_moment = float(data.x[first].square().mean())
    with torch.no_grad():
        spread = float(model(data.x[first]).std(0).mean()) if config.normalization != "batch" else 1.0
    draw = batches(config)
    with (
        torch.enable_grad(),
        GradientFlowMonitor(model, optimizer, every=every, batch_size=config.batch) as monitor,
    ):
        for step in range(config.steps):
            measured = step % every == 0
            if measured:
                if len(steps) % look_every == 0:
                    recorder.look(len(steps))
                steps.append(step)
            index = next(draw)
            identities.watching = measured
            loss = data_loss(config, model(data.x[index]), data.y[index])
            added = penalty(config, parameters)
            whole = loss if added is None else loss + added
            optimizer.zero_grad()
            whole.backward()
            if measured:
                identities.look()
            if config.clip:
                nn.utils.clip_grad_norm_(parameters, config.clip)
            g = torch.cat([p.grad.flatten() for p in parameters])  # type: ignore[union-attr]
            theta = torch.cat([p.detach().flatten() for p in parameters]) if measured else g
            wanted = formula.step(g, theta)
            optimizer.step()
            losses.append(loss.item())
            monitor.log(losses[-1])
            if measured:
                with torch.no_grad():
                    delta = torch.cat([p.detach().flatten() for p in parameters]) - theta
                    size = float(delta.norm())
                    off = float((delta - wanted).norm()) / size if size > 0 else np.nan
                    directions += look(config, formula, delta, step) if step in looked else []
                due.append(formula.sizes(wanted))
                apart.append(off)
            if not np.isfinite(losses[-1]):
                stopped = step
                break
            if progress is not None and step % 5 == 0:
                progress(step / config.steps)
            else:
                checkpoint()
        recorder.look(len(steps))
    recorder.independent.judge(model, data.test_x[:TEST_LOOK], data.test_y[:TEST_LOOK])
    steps.append(len(losses))
    return Trained(
        monitor.run,
        np.array(steps),
        np.array(losses),
        np.array(recorder.at),
        np.array(recorder.fields),
        np.array(recorder.accuracy),
        recorder.independent,
        np.array(due),
        np.array(apart),
        identities,
        second_moment,
        spread,
        np.array([_frozen(module) for module in model.modules() if isinstance(module, nn.Linear)]),
        directions,
        stopped,
        data,
    )

"""The training of one variant, watched by `GradientFlowMonitor`, with what the checks need beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from demos.common.progress import Progress, checkpoint
from demos.networks.monitor import GradientFlowMonitor, Report, Run
from demos.networks.tasks.config import TasksConfig
from demos.networks.tasks.data import Task, batch_of, orders, task_of
from demos.networks.tasks.models import build
from demos.nn.bare import bare

ROWS, LOOKS = 32, 11  # measured steps, looks at what the network says; about
UNIT, RESOLVED = 2.0**-24, 1e-3  # what rounding a weight adds to a step; of a step that is seen through it
MOMENTUM, BETAS, EPSILON = 0.9, (0.9, 0.999), 1e-8


@dataclass(frozen=True)
class Look:
    """At one measured step: its row, weights (P,) before it, the gradient of its batch (P,) and its loss; apart: of the
    step, |made − due| over |due|, nan where rounding swallows it; said (C, C): the mean probability of class j where i
    is right, over fresh examples; right: the share of these that get the largest logit where it is due."""

    row: int
    step: int
    weights: np.ndarray
    gradient: np.ndarray
    loss: float
    apart: float
    said: np.ndarray
    right: float


@dataclass(frozen=True)
class Trained:
    """run, report: the monitor's. steps (F,): those that were measured, and the end. losses (S,). looks: at some of the
    measured steps, and at the end (whose gradient, loss and apart are nan). names, shapes: of the parameters. lengths
    (S, M): |∂ℒ/∂θ| of the `matrices` at the measured steps, from the gradients alone."""

    run: Run
    report: Report
    steps: np.ndarray
    losses: np.ndarray
    looks: list[Look]
    names: list[str]
    shapes: list[tuple[int, ...]]
    lengths: np.ndarray
    task: Task
    order: np.ndarray

    @property
    def matrices(self) -> list[int]:
        """Rows of the layers with matrices, but embeddings: of these few rows are used."""
        return [i for i, layer in enumerate(self.run.layers) if layer.matrix and layer.kind != "Embedding"]

    def profile(self) -> np.ndarray:
        """(S, M): log10 |∂ℒ/∂θ| of these layers."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log10(self.run.series["gradient"][:, self.matrices])


class Formula:
    """The optimizer's equations on one vector of all parameters."""

    def __init__(self, config: TasksConfig) -> None:
        self.config, self.count = config, 0
        self.m: Tensor = torch.zeros(1)
        self.v: Tensor = torch.zeros(1)

    def step(self, g: Tensor, lr: float) -> Tensor:
        """Δθ (P,)."""
        self.count += 1
        if self.config.optimizer == "momentum":
            self.m = MOMENTUM * self.m + g
            return -lr * self.m
        first, second = BETAS
        self.m = first * self.m + (1 - first) * g
        self.v = second * self.v + (1 - second) * g * g
        return -lr * (self.m / (1 - first**self.count)) / ((self.v / (1 - second**self.count)).sqrt() + EPSILON)


def optimizer_of(config: TasksConfig, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    if config.optimizer == "momentum":
        return bare(torch.optim.SGD)(parameters, lr=config.lr, momentum=MOMENTUM)
    return bare(torch.optim.Adam)(parameters, lr=config.lr, betas=BETAS, eps=EPSILON, fused=True)


def rate(config: TasksConfig, step: int) -> float:
    """Rises evenly through the warm-up."""
    return config.lr * min(1.0, (step + 1) / (config.warmup + 1))


@torch.no_grad()
def says(model: nn.Module, task: Task) -> tuple[np.ndarray, float]:
    logits, due = model(task.fresh_x).flatten(0, 1), task.fresh_y.flatten()
    chances = logits.softmax(1)
    said = torch.stack([chances[due == right].mean(0) for right in range(task.classes)])
    return said.numpy(), float((logits.argmax(1) == due).float().mean())


def flat(tensors) -> Tensor:
    return torch.cat([t.detach().flatten() for t in tensors])


def norms(model: nn.Module) -> list[float]:
    """|∂ℒ/∂θ| of the layers with a matrix, a bias with its weight; not of embeddings."""
    layers = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    return [float(torch.stack([p.grad.double().square().sum() for p in m.parameters()]).sum().sqrt()) for m in layers]


def train(config: TasksConfig, variant: str, progress: Progress | None = None) -> Trained:
    """One variant; the same config gives the same numbers."""
    task, order, model = task_of(config), orders(config), build(config, variant)
    parameters = list(model.parameters())
    optimizer, formula = optimizer_of(config, parameters), Formula(config)
    every = max(1, config.steps // ROWS)
    rows = len(range(0, config.steps, every))
    chosen = {every * int(row) for row in np.rint(np.linspace(0, rows - 1, LOOKS))}
    losses, looks, lengths, steps = [], [], [], list(range(0, config.steps, every))
    watched = {"gradients", "updates"}
    with (
        torch.enable_grad(),
        GradientFlowMonitor(model, optimizer, every, instruments=watched, batch_size=config.batch) as monitor,
    ):
        for step in range(config.steps):
            x, y = batch_of(config, task, step, order)
            for group in optimizer.param_groups:
                group["lr"] = rate(config, step)
            loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
            optimizer.zero_grad()
            loss.backward()
            losses.append(loss.item())
            g = flat(p.grad for p in parameters)
            due = formula.step(g, rate(config, step))
            if step % every == 0:
                lengths.append(norms(model))
            before = flat(parameters) if step in chosen else g
            optimizer.step()
            monitor.log(losses[-1])
            if step in chosen:
                size = float(due.norm())
                off = float((flat(parameters) - before - due).norm()) / max(size, 1e-30)
                off = off if off == off or not np.isfinite(size) else np.inf  # a step of nan where a number is due
                off = off if UNIT * float(before.norm()) < RESOLVED * size else np.nan
                with torch.no_grad():  # what it says is of the weights before the step, as the loss is
                    after = flat(parameters)
                    nn.utils.vector_to_parameters(before, parameters)
                    said, right = says(model, task)
                    nn.utils.vector_to_parameters(after, parameters)
                looks.append(Look(step // every, step, before.numpy(), g.numpy(), losses[-1], off, said, right))
            if not np.isfinite(losses[-1]):
                break
            if progress is not None and step % 4 == 0:
                progress(step / config.steps)
            else:
                checkpoint()
    steps = [step for step in steps if step < len(losses)] + [len(losses)]
    said, right = says(model, task)
    end = flat(parameters).numpy()
    looks.append(Look(len(steps) - 1, len(losses), end, np.full_like(end, np.nan), np.nan, np.nan, said, right))
    return Trained(
        monitor.run,
        monitor.report(),
        np.array(steps),
        np.array(losses),
        looks,
        [name for name, _ in model.named_parameters()],
        [tuple(p.shape) for p in parameters],
        np.array(lengths),
        task,
        order,
    )

"""The toy tasks: copy a sequence of tokens behind a blank for each; tell four shapes apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.random_streams import generator
from demos.networks.bench.shapes import SHAPES, images
from demos.networks.tasks.config import TasksConfig

SYMBOLS, LENGTH = 6, 5  # tokens to copy: how many kinds, how many
BLANK = SYMBOLS
IMAGES, FRESH = 512, 128


@dataclass(frozen=True)
class Task:
    """x (N, ·), y (N, ·): tokens (N, 2 LENGTH) and what is due at the blanks (N, LENGTH), or images (N, 1, SIDE, SIDE)
    and shapes (N, 1). fresh_x, fresh_y: the same, never trained on."""

    x: Tensor
    y: Tensor
    fresh_x: Tensor
    fresh_y: Tensor

    @property
    def classes(self) -> int:
        return SYMBOLS if self.x.ndim == 2 else len(SHAPES)


def task_of(config: TasksConfig) -> Task:
    random = generator(config.seed, config.kind)
    make = sequences if config.kind == "transformer" else pictures
    count = config.batch * config.steps if config.kind == "transformer" else IMAGES
    return Task(*make(count, random), *make(FRESH, random))


def sequences(count: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    y = random.integers(SYMBOLS, size=(count, LENGTH))
    x = np.concatenate((y, np.full_like(y, BLANK)), 1)
    return torch.from_numpy(x), torch.from_numpy(y)


def pictures(count: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    x = images(count, random).astype(np.float32)[:, None]
    y = np.arange(count) % len(SHAPES)
    return torch.from_numpy(x), torch.from_numpy(y)[:, None]


def batch_of(config: TasksConfig, task: Task, step: int, order: np.ndarray) -> tuple[Tensor, Tensor]:
    """order (epochs, IMAGES): images are drawn without replacement; every sequence is new."""
    size = config.batch
    if config.kind == "transformer":
        return task.x[step * size : (step + 1) * size], task.y[step * size : (step + 1) * size]
    each = IMAGES // size
    index = torch.from_numpy(order[step // each, (step % each) * size : (step % each + 1) * size])
    return task.x[index], task.y[index]


def orders(config: TasksConfig) -> np.ndarray:
    epochs = config.steps // (IMAGES // config.batch) + 1
    random = generator(config.seed, "order of images")
    return np.array([random.permutation(IMAGES) for _ in range(epochs)])

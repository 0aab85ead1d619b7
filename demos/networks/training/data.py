"""The data: two classes in the plane, or a function of one variable; training examples and test examples."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
import torch
from torch import Tensor

from demos.common.random_streams import generator
from demos.networks.training.config import EXAMPLES, TESTS, TrainingConfig

VIEW = {"xor": 4.0, "moons": 3.0, "spirals": 3.2, "line": 1.1}  # half the width of the plane that is shown
BLUR = 0.15  # standard deviation of the noise of moons, spirals and of the line's values
TURNS = 1.25  # turns of a spiral


@dataclass(frozen=True)
class Data:
    """x (N, 1 or 2); y: (N,) whole numbers for classes, (N, 1) for a function; and the same for the test examples,
    without flipped labels or noisy values."""

    x: Tensor
    y: Tensor
    test_x: Tensor
    test_y: Tensor


def data_of(config: TrainingConfig) -> Data:
    """float32. Half of the examples are of each class."""
    rng = generator(config.seed, "examples")
    x, y = _drawn(config.data, EXAMPLES, rng, blurred=True)
    test_x, test_y = _drawn(config.data, TESTS, generator(config.seed, "tests"), blurred=config.data != "line")
    if config.classes and config.flipped:
        wrong = rng.permutation(EXAMPLES)[: round(config.flipped * EXAMPLES)]
        y[wrong] = 1 - y[wrong]
    kind = torch.int64 if config.classes else torch.float32
    values = [torch.as_tensor(part, dtype=torch.float32) for part in (x, test_x)]
    labels = [torch.as_tensor(part).to(kind) for part in (y, test_y)]
    return Data(values[0], labels[0], values[1], labels[1])


def truth(x: np.ndarray) -> np.ndarray:
    """The 1-D function: the Chebyshev polynomial T₄."""
    return 8 * x**4 - 8 * x**2 + 1


def _drawn(kind: str, count: int, rng: np.random.Generator, blurred: bool) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(count) % 2
    blur = BLUR * rng.standard_normal((count, 2)) if blurred else np.zeros((count, 2))
    t = rng.random(count)
    match kind:
        case "xor":
            x = 2 * np.abs(rng.standard_normal((count, 2)))
            x[:, 0] *= np.where(rng.random(count) < 0.5, 1, -1)
            x[:, 1] *= np.where(y == 1, 1, -1) * np.sign(x[:, 0])
            return x, y
        case "moons":
            angle = pi * t
            upper = np.stack((np.cos(angle) - 0.5, np.sin(angle) - 0.25), -1)
            return 1.5 * np.where(y[:, None] == 0, upper, -upper) + blur, y
        case "spirals":
            angle = 2 * pi * TURNS * np.sqrt(t)
            arm = angle[:, None] / (pi * TURNS) * 1.4 * np.stack((np.cos(angle), np.sin(angle)), -1)
            return np.where(y[:, None] == 0, arm, -arm) + 0.5 * blur, y
    x = 2 * t[:, None] - 1
    return x, truth(x) + blur[:, :1]

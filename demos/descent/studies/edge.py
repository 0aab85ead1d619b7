"""Edge of stability: in full-batch gradient descent of a small tanh network, sharpness × rate / 2 rises to 1.

Cohen, Kaur, Li, Kolter & Talwalkar, ICLR 2021: a 1–32–32–1 network, 20 points of the Chebyshev polynomial T₄,
and half the mean square error as the loss.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.contract import Chart, Study
from demos.descent.config import DescentConfig
from demos.gradient_flow import GradientFlow, solve

WIDTH, POINTS, STEPS, EVERY = 32, 20, 2_500, 25
POWER_ROUNDS = 5
RATES = (0.2, 0.3, 0.4)
SHAPES = ((WIDTH, 1), (WIDTH,), (WIDTH, WIDTH), (WIDTH,), (1, WIDTH), (1,))


def data() -> tuple[Tensor, Tensor]:
    x = torch.linspace(-1, 1, POINTS, dtype=torch.float32)[:, None]
    return x, 8 * x**4 - 8 * x**2 + 1


def start(seed: int) -> Tensor:
    """Initial parameters (1, D), distributed as in PyTorch's `nn.Linear`: uniform within ±1/√inputs."""
    generator = torch.Generator().manual_seed(seed)
    pieces, inputs = [], 1
    for shape in SHAPES:
        inputs = shape[1] if len(shape) == 2 else inputs
        bound = 1 / math.sqrt(inputs)
        pieces.append((2 * torch.rand(shape, generator=generator) - 1).flatten() * bound)
    return torch.cat(pieces)[None]


def loss(flat: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Half the mean square error of the network with parameters flat (D,) on the data x, y."""
    sizes = [math.prod(shape) for shape in SHAPES]
    a, b, c, d, e, f = (part.reshape(shape) for part, shape in zip(flat.split(sizes), SHAPES, strict=True))
    hidden = torch.tanh(torch.tanh(x @ a.T + b) @ c.T + d)
    return 0.5 * (hidden @ e.T + f - y).square().mean()


def train(rate: float, seed: int, progress: Progress | None = None) -> pd.DataFrame:
    """One run, with columns step, sharpness (× rate / 2) and loss, every EVERY steps."""
    x, y = data()

    def gradient(theta: Tensor, t: float = 0.0) -> Tensor:
        with torch.enable_grad():
            flat = theta[0].detach().requires_grad_()
            return torch.autograd.grad(loss(flat, x, y), flat)[0][None]

    vector = torch.randn(start(seed).shape[1], generator=torch.Generator().manual_seed(1))

    def observe(theta: Tensor, t: float) -> Tensor:
        """Sharpness by a few warm-started power iterations on Hessian–vector products, and the loss."""
        nonlocal vector
        with torch.enable_grad():
            flat = theta[0].detach().requires_grad_()
            value = loss(flat, x, y)
            (slope,) = torch.autograd.grad(value, flat, create_graph=True)
            for _ in range(POWER_ROUNDS):
                unit = vector / vector.norm()
                (vector,) = torch.autograd.grad(slope @ unit, flat, retain_graph=True)
            return torch.stack([unit @ vector, value.detach()])

    path = solve(
        GradientFlow(lambda theta: loss(theta[0], x, y)[None], gradient),
        start(seed),
        torch.arange(STEPS + 1, dtype=torch.float64) * rate,
        "euler",
        record=STEPS // EVERY + 1,
        observe=observe,
        progress=progress,
    )
    sharpness, losses = path.observed.numpy().T  # type: ignore[union-attr]
    steps = np.arange(len(sharpness)) * EVERY
    return pd.DataFrame({"step": steps, "sharpness": sharpness * rate / 2, "loss": losses})


def edge_of_stability(config: DescentConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns step, sharpness, loss, median, series: one run for each rate; median: that of the sharpness in the last
    quarter."""
    parts = []
    for i, rate in enumerate(RATES):
        run = train(rate, 0, None if progress is None else partial(_part, progress, i, len(RATES)))
        run["series"] = f"rate {rate:g}"
        run["median"] = float(run["sharpness"][-len(run) // 4 :].median())
        parts.append(run)
    one = pd.DataFrame({"step": [0, STEPS], "sharpness": 1.0, "series": "exact limit of a parabola: 1"})
    return pd.concat([*parts, one], ignore_index=True)


def _part(progress: Progress, i: int, count: int, done: float) -> bool | None:
    return progress((i + done) / count)


EDGE = Study(
    "edge",
    "Edge of stability",
    "A tanh network (1–32–32–1) learns 20 points of T₄ by full-batch gradient descent. The largest curvature × "
    "rate / 2 rises "
    "to 1, where a parabola would be left, and stays there; the loss goes on falling, no longer at every step.",
    edge_of_stability,
    (
        Chart("edge", "Sharpness × rate / 2", "step", "sharpness", "step", "sharpness × rate / 2",
              "Rises to 1 and stays, at every rate: a flow would let it go on rising."),
        Chart("edge", "Training loss", "step", "loss", "step", "loss", "It falls all the same, with bursts.",
        log_y=True),
    ),
    on=(),
)  # fmt: skip

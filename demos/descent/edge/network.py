"""The network, its loss, and its descent with the sharpness at every recorded step, by autograd in double precision.

Cohen, Kaur, Li, Kolter & Talwalkar, ICLR 2021 (arXiv:2103.00065): a tanh network with two hidden layers, 20 points of a
Chebyshev polynomial, and half the mean square error as the loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from demos.common.progress import Progress, part
from demos.common.random_streams import generator
from demos.descent.edge.config import EXAMPLES, EdgeConfig
from demos.gradient_flow import GradientFlow, solve

EVERY = 25  # steps between two frames: odd, because the weights swing with period 2 at the edge
LANCZOS = 8  # vectors of an iteration; they begin with the last frame's, so that few are needed
ACCURACY = 1e-5  # relative, of the sharpness
EXPLODED = 1e6  # size of a weight beyond which a Hessian says nothing


def shapes(width: int) -> tuple[tuple[int, ...], ...]:
    """Of weights and biases, first layer to last."""
    return (width, 1), (width,), (width, width), (width,), (1, width), (1,)


def data(degree: int) -> tuple[np.ndarray, np.ndarray]:
    """x and the polynomial's values y, both (n, 1)."""
    x = np.linspace(-1, 1, EXAMPLES)[:, None]
    return x, np.cos(degree * np.arccos(x))


def start(config: EdgeConfig) -> np.ndarray:
    """Initial parameters (D,), distributed as in PyTorch's `nn.Linear`: uniform within ±1/√inputs."""
    random, pieces, inputs = generator(config.seed, "weights"), [], 1
    for shape in shapes(config.width):
        inputs = shape[1] if len(shape) == 2 else inputs
        pieces.append(random.uniform(-1, 1, shape).ravel() / math.sqrt(inputs))
    return np.concatenate(pieces)


def outputs(flat: Tensor, x: Tensor, width: int) -> Tensor:
    """(n, 1): the network with parameters flat (D,)."""
    each = shapes(width)
    parts = flat.split([math.prod(shape) for shape in each])
    a, b, c, d, e, f = (part.reshape(shape) for part, shape in zip(parts, each, strict=True))
    return torch.tanh(torch.tanh(x @ a.T + b) @ c.T + d) @ e.T + f


def loss(flat: Tensor, x: Tensor, y: Tensor, width: int) -> Tensor:
    """Half the mean square error."""
    return 0.5 * (outputs(flat, x, width) - y).square().mean()


@dataclass(frozen=True)
class Trained:
    """The descent at its recorded steps (F,). weights (F, D); sharpness (F,): the largest eigenvalue of the Hessian;
    losses (F,); functions (F, n): the network's values at the examples. Not finite where the descent has diverged."""

    steps: np.ndarray
    weights: np.ndarray
    sharpness: np.ndarray
    losses: np.ndarray
    functions: np.ndarray


def train(config: EdgeConfig, progress: Progress | None = None) -> Trained:
    """Gradient descent from `start`, recorded every EVERY steps."""
    x, y = map(torch.from_numpy, data(config.degree))

    def gradient(theta: Tensor) -> Tensor:
        with torch.enable_grad():
            flat = theta[0].detach().requires_grad_()
            return torch.autograd.grad(loss(flat, x, y, config.width), flat)[0][None]

    frames = config.steps // EVERY + 1
    path = solve(
        GradientFlow(lambda theta: loss(theta[0], x, y, config.width)[None], gradient),
        torch.from_numpy(start(config))[None],
        torch.arange((frames - 1) * EVERY + 1, dtype=torch.float64) * config.lr,
        "euler",
        record=frames,
        progress=part(progress, 0, 2),
    )
    weights = path.states[:, 0]
    functions = torch.stack([outputs(flat, x, config.width)[:, 0] for flat in weights])
    return Trained(
        EVERY * np.arange(len(weights)),
        weights.numpy(),
        sharpnesses(weights, x, y, config.width, part(progress, 1, 2)),
        (0.5 * (functions - y[:, 0]).square().mean(1)).numpy(),
        functions.numpy(),
    )


def sharpnesses(weights: Tensor, x: Tensor, y: Tensor, width: int, progress: Progress | None = None) -> np.ndarray:
    """(F,): the largest eigenvalue of the Hessian at weights (F, D); nan where they are not finite or have exploded."""
    found, before = np.full(len(weights), np.nan), np.ones(weights.shape[1])
    for frame, flat in enumerate(weights):
        if progress is not None:
            progress(frame / len(weights))
        if bool(flat.isfinite().all()) and float(flat.abs().max()) < EXPLODED:
            found[frame], before = sharpest(flat, x, y, width, before)
    return found


def sharpest(flat: Tensor, x: Tensor, y: Tensor, width: int, first: np.ndarray) -> tuple[float, np.ndarray]:
    """The largest eigenvalue of the Hessian and its eigenvector (D,), by Lanczos iteration on Hessian–vector products
    from the vector `first`."""
    with torch.enable_grad():
        at = flat.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss(at, x, y, width), at, create_graph=True)

        def product(vector: np.ndarray) -> np.ndarray:
            (found,) = torch.autograd.grad(slope @ torch.from_numpy(vector.ravel()), at, retain_graph=True)
            return found.numpy()

        operator = LinearOperator((len(flat), len(flat)), matvec=product, dtype=np.float64)
        # The gradient is added because a vector that the Hessian leaves alone would stay by itself.
        begin = first / np.linalg.norm(first) + 0.01 * slope.detach().numpy()
        values, vectors = eigsh(operator, 1, which="LA", v0=begin, ncv=LANCZOS, tol=ACCURACY)
    return float(values[0]), vectors[:, 0]

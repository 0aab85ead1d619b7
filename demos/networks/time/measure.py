"""Random recurrent networks run forward, and the gradient of a random function of their last state run backward."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint
from demos.common.random_streams import torch_generator
from demos.networks.time.cells import STEPS, State
from demos.networks.time.config import BLOCKS, TimeConfig


@dataclass(frozen=True)
class Network:
    """K random networks of one cell with their inputs: weights (K, blocks, n, n), inputs (T, K, blocks, B, n), start
    (K, B, n), and last (K, B, n), the gradient by the last carry: loss = Σ `last` · carry_T."""

    weights: Tensor
    inputs: Tensor
    start: Tensor
    last: Tensor


@dataclass(frozen=True)
class Measured:
    """gradients (T, K, B, n): ∂L/∂carry_t after each step t = 1 … T. gates (T, K, B, n): the retained share of the
    carry in each step, the slope of φ for an RNN. states (T, parts, K, B, n): before each step."""

    gradients: np.ndarray
    gates: np.ndarray
    states: np.ndarray

    @property
    def profile(self) -> np.ndarray:
        """(T, K): log10 of |∂L/∂carry_t| over all sequences, relative to the last step."""
        logs = log_norm(self.gradients.reshape(*self.gradients.shape[:2], -1))
        return logs - logs[-1]


def log_norm(values: np.ndarray) -> np.ndarray:
    """log10 of the norms over the last axis; squares of numbers below 1e-154 would be 0."""
    largest = np.abs(values).max(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.nan_to_num(values / largest)
        return np.log10(largest[..., 0]) + np.log10(np.sqrt((scaled**2).sum(-1)))


def draw(config: TimeConfig, cell: str) -> Network:
    """Draw the networks; inputs and starts are the same for every cell of a config. The matrices U of the inputs are
    σ_u times orthogonal ones, so that the inputs of units and steps are independent."""
    n, K, B, T, blocks = config.width, config.networks, config.sequences, config.steps, BLOCKS[cell]
    normal = lambda name, *shape: torch.randn(*shape, generator=torch_generator(config.seed, name), dtype=torch.float64)
    matrices = normal("recurrent weights", 4, K, n, n)[:blocks].transpose(0, 1)
    if config.recurrence == "orthogonal":
        weights = config.gain * orthogonal(matrices)
    else:
        weights = matrices * (config.gain / sqrt(n))
    into = config.drive * orthogonal(normal("input weights", 4, K, n, n)[:blocks].transpose(0, 1))
    x = normal("inputs", T, K, B, n)
    return Network(weights, _seen(x, into), normal("start", K, B, n), normal("last gradient", K, B, n))


def _seen(x: Tensor, into: Tensor) -> Tensor:
    """U x of each block, (T, K, blocks, B, n), from x (T, K, B, n) and U (K, blocks, n, n). There is one product per
    network, because broadcasting would copy every U for every step, a hundred megabytes."""
    T, K, B, n = x.shape
    products = x.transpose(0, 1).reshape(K, T * B, n) @ into.flatten(1, 2).mT
    return products.reshape(K, T, B, -1, n).permute(1, 0, 3, 2, 4).contiguous()


def orthogonal(matrices: Tensor) -> Tensor:
    """Haar: Q of the QR decomposition, with the signs of R's diagonal (Mezzadri 2007)."""
    q, r = torch.linalg.qr(matrices)
    return q * r.diagonal(dim1=-2, dim2=-1).sign()[..., None, :]


def measure(config: TimeConfig, cell: str, network: Network, progress: Progress | None = None) -> Measured:
    """Forward through all steps, and back by autograd."""
    step, carries, gates, states = STEPS[cell], [], [], []
    state: State = (network.start, network.start) if cell == "lstm" else (network.start,)
    with torch.enable_grad():
        for t in range(config.steps):
            if progress is not None:
                progress(0.7 * t / config.steps)
            states.append(torch.stack([part.detach() for part in state]))
            state, gate = step(state, network.weights, network.inputs[t], config.bias)
            carries.append(state[-1].clone())  # a separate node: excludes the gradient through h of the same step
            state = (*state[:-1], carries[-1].requires_grad_() if t == 0 else carries[-1])
            gates.append(gate)
        checkpoint()
        gradients = torch.autograd.grad((carries[-1] * network.last).sum(), carries)
    if progress is not None:
        progress(1.0)
    return Measured(*(torch.stack(list(part)).numpy() for part in (gradients, gates, states)))

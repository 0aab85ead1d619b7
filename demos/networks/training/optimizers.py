"""The optimizers, and what each one's own formula says that its step must be.

A formula is computed here from the gradients alone, by its paper's equations on one long vector: it shares no code
with the optimizer that it judges.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos.networks.training.config import TrainingConfig

MOMENTUM, DECAY = 0.9, 0.01
BETAS = (0.9, 0.999)
MUON_MOMENTUM, MUON_STEPS = 0.95, 5
MUON_LARGEST = 1.2024  # the quintic's largest value on [0, 1]: no singular value of a step is larger
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan et al. 2024: the quintic's coefficients


class Lars(torch.optim.Optimizer):
    """Layer-wise adaptive rates (You et al. 2017, arXiv:1708.03888), without momentum: Δθ = −lr |θ|/|g| · g for each
    tensor, so that each moves by lr times its own size. A tensor that is 0 has no size, and stays."""

    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None and (size := p.grad.norm()) > 0:
                    p -= group["lr"] * (p.norm() / size) * p.grad


def moved(config: TrainingConfig, model: nn.Module) -> list[nn.Parameter]:
    """What the optimizer moves; the rest is frozen. Muon is defined for matrices only."""
    for p in model.parameters():
        p.requires_grad_(config.optimizer not in ("muon", "lars") or p.ndim == 2)
    return [p for p in model.parameters() if p.requires_grad]


def optimizer_of(config: TrainingConfig, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """torch's, with their usual settings."""
    lr, optim = config.lr, torch.optim
    match config.optimizer:
        case "sgd":
            return optim.SGD(parameters, lr=lr)
        case "momentum":
            return optim.SGD(parameters, lr=lr, momentum=MOMENTUM)
        case "adam":
            return optim.Adam(parameters, lr=lr, betas=BETAS, eps=config.epsilon)
        case "adamw":
            return optim.AdamW(parameters, lr=lr, betas=BETAS, eps=config.epsilon, weight_decay=DECAY)
        case "muon":
            return optim.Muon(parameters, lr=lr, weight_decay=0.0, momentum=MUON_MOMENTUM)
    return Lars(parameters, lr)


class Formula:
    """Follows the gradients of all steps; `step(g, theta)` is the Δθ that the optimizer's equations give."""

    def __init__(self, config: TrainingConfig, parameters: list[nn.Parameter]) -> None:
        self.config, self.shapes = config, [tuple(p.shape) for p in parameters]
        # a bias stands right after its weight; the gains of norms, which come later, are layers of their own
        self.own = [i > 0 and len(self.shapes[i - 1]) > 1 for i in range(len(self.shapes))]
        self.count = 0
        self.m: Tensor = torch.zeros(1)
        self.v: Tensor = torch.zeros(1)
        self.ahead: list[Tensor] = []  # Muon: the gradients with their momentum, of which the step has the directions

    def step(self, g: Tensor, theta: Tensor) -> Tensor:
        """Vectors (P,) -> (P,)."""
        self.count += 1
        config, lr = self.config, self.config.lr
        match config.optimizer:
            case "sgd":
                return -lr * g
            case "momentum":
                self.m = MOMENTUM * self.m + g
                return -lr * self.m
            case "adam" | "adamw":
                self.m = BETAS[0] * self.m + (1 - BETAS[0]) * g
                self.v = BETAS[1] * self.v + (1 - BETAS[1]) * g * g
                mean, square = self.m / (1 - BETAS[0] ** self.count), self.v / (1 - BETAS[1] ** self.count)
                decay = DECAY * theta if config.optimizer == "adamw" else 0.0
                return -lr * (decay + mean / (square.sqrt() + config.epsilon))
            case "lars":
                parts = zip(self._split(g), self._split(theta), strict=True)
                return torch.cat([-lr * (t.norm() / one.norm().clamp(min=1e-45)) * one for one, t in parts])
        self.m = torch.lerp(self.m.expand_as(g), g, 1 - MUON_MOMENTUM)
        ahead = torch.lerp(g, self.m, MUON_MOMENTUM)  # Nesterov's
        self.ahead = self.matrices(ahead)
        return torch.cat([-lr * sqrt(max(1, len(x) / len(x.T))) * _orthogonalized(x) for x in self.ahead])

    def matrices(self, vector: Tensor) -> list[Tensor]:
        """A vector (P,) in the shapes of the parameters."""
        return [part.reshape(shape) for part, shape in zip(self._split(vector), self.shapes, strict=True)]

    def sizes(self, delta: Tensor) -> np.ndarray:
        """|Δθ| (M,) of the layers: a weight, and the bias that follows it."""
        squares = [float(part.double().square().sum()) for part in self._split(delta)]
        layers = np.cumsum([len(shape) > 1 for shape in self.shapes]) - 1
        keep = [len(shape) > 1 or self.own[i] for i, shape in enumerate(self.shapes)]
        return np.sqrt(np.bincount(layers[keep], np.array(squares)[keep]))

    def _split(self, vector: Tensor) -> list[Tensor]:
        return list(vector.split([int(np.prod(shape)) for shape in self.shapes]))


def _orthogonalized(matrix: Tensor) -> Tensor:
    """Newton and Schulz's iteration as the paper writes it: X / |X|, then five times X ← aX + (bA + cA²)X, A = XXᵀ.

    In bfloat16 and with sums fused as Muon fuses them: rounding fills the directions in which the gradient has nothing,
    and five steps raise that up to 3.4445⁵ = 485-fold. In another order of operations the same formula gives steps
    that are 3 to 5 % longer or shorter; in this order what rounds is the same.
    """
    a, b, c = NEWTON_SCHULZ
    x = matrix.bfloat16()
    x = x.T if matrix.shape[0] > matrix.shape[1] else x
    x = x / x.norm().clamp(min=1e-7)  # torch.optim.Muon's eps
    for _ in range(MUON_STEPS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return (x.T if matrix.shape[0] > matrix.shape[1] else x).float().flatten()

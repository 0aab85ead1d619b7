"""The optimizers, and for each an independent formula of its step.

A formula is computed from the gradients alone, by the equations of its paper on one long vector, and shares no code
with the optimizer.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos.networks.training.config import TrainingConfig
from demos.nn.bare import bare

MOMENTUM, DECAY = 0.9, 0.01
BETAS = (0.9, 0.999)
MUON_MOMENTUM, MUON_STEPS = 0.95, 5
MUON_LARGEST = 1.2024  # the quintic's largest value on [0, 1]: no singular value of a step is larger
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan et al. 2024: the quintic's coefficients


class Lars(torch.optim.Optimizer):
    """Layer-wise adaptive rates (You et al. 2017, arXiv:1708.03888), without momentum: Δθ = −lr |θ|/|g| · g for each
    tensor, so that each moves by lr times its own size. A tensor that is 0 does not move."""

    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None and (size := p.grad.norm()) > 0:
                    p -= group["lr"] * (p.norm() / size) * p.grad


def moved(config: TrainingConfig, model: nn.Module) -> list[nn.Parameter]:
    """The parameters that the optimizer updates; the rest is frozen. Muon is defined for matrices only."""
    for p in model.parameters():
        p.requires_grad_(config.optimizer not in ("muon", "lars") or p.ndim == 2)
    return [p for p in model.parameters() if p.requires_grad]


def optimizer_of(config: TrainingConfig, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimizer of a config, with its usual settings."""
    lr, optim = config.lr, torch.optim
    match config.optimizer:
        case "sgd":
            return bare(optim.SGD)(parameters, lr=lr)
        case "momentum":
            return bare(optim.SGD)(parameters, lr=lr, momentum=MOMENTUM)
        case "adam":
            return bare(optim.Adam)(parameters, lr=lr, betas=BETAS, eps=config.epsilon)
        case "adamw":
            return bare(optim.AdamW)(parameters, lr=lr, betas=BETAS, eps=config.epsilon, weight_decay=DECAY)
        case "muon":
            return bare(optim.Muon)(parameters, lr=lr, weight_decay=0.0, momentum=MUON_MOMENTUM)
    return bare(Lars)(parameters, lr)


class Formula:
    """The equations of an optimizer with their state; `step(g, theta)` returns Δθ and must be called at every step."""

    def __init__(self, config: TrainingConfig, parameters: list[nn.Parameter]) -> None:
        self.config, self.shapes = config, [tuple(p.shape) for p in parameters]
        # a bias comes right after its weight; the gains of norms, which come later, are separate layers
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
    """The Newton–Schulz iteration of the paper: X / |X|, then five times X ← aX + (bA + cA²)X, A = XXᵀ.

    It is in bfloat16 and in Muon's order of operations, because rounding errors in directions in which the gradient
    vanishes are amplified up to 3.4445⁵ = 485-fold: another order gives steps that are 3 to 5 % longer or shorter.
    """
    a, b, c = NEWTON_SCHULZ
    x = matrix.bfloat16()
    x = x.T if matrix.shape[0] > matrix.shape[1] else x
    x = x / x.norm().clamp(min=1e-7)  # torch.optim.Muon's eps
    for _ in range(MUON_STEPS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return (x.T if matrix.shape[0] > matrix.shape[1] else x).float().flatten()

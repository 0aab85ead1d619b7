"""Adam on all weights as one vector, with their running average. (Importing torch.optim takes two seconds.)"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

DECAYS, EPSILON = (0.9, 0.99), 1e-8


class AveragedAdam:
    """Kingma & Ba, ICLR 2015, arXiv:1412.6980, algorithm 1. In the average, step i has a weight proportional to
    i^averaging (Karras et al. 2024, arXiv:2312.02696, eq. 125), so that early steps lose their weight in a training of
    any length.

    weights: name -> leaf tensor that requires grad. averages: name -> its average, a view that each step updates.
    """

    def __init__(self, initial: Mapping[str, Tensor], averaging: float) -> None:
        self.averaging, self.steps = averaging, 0
        self._values = torch.cat([tensor.flatten() for tensor in initial.values()])
        self._average = self._values.clone()
        self._gradient, self._mean, self._square = (torch.zeros_like(self._values) for _ in range(3))
        leaves = _views(self._values, initial)
        self.weights = {name: leaf.detach().requires_grad_() for name, leaf in leaves.items()}
        self.averages = _views(self._average, initial)
        for name, gradient in _views(self._gradient, initial).items():
            self.weights[name].grad = gradient  # backward() adds to it in place

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take one step with the accumulated gradient, and set that gradient to zero. rate: the learning rate."""
        self.steps += 1
        (first, second), gradient = DECAYS, self._gradient
        self._mean.lerp_(gradient, 1 - first)
        self._square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        root = (self._square / (1 - second**self.steps)).sqrt_().add_(EPSILON)
        self._values.addcdiv_(self._mean, root, value=-rate / (1 - first**self.steps))
        self._average.lerp_(self._values, 1 - (1 - 1 / self.steps) ** (self.averaging + 1))
        gradient.zero_()


def _views(vector: Tensor, like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    parts = vector.split([tensor.numel() for tensor in like.values()])
    return {name: part.view(tensor.shape) for (name, tensor), part in zip(like.items(), parts, strict=True)}

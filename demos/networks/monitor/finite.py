"""Finds the first value that is not finite: its layer, its step, and whether it arose forward or backward.

Testing everything at every step would be expensive. The outputs of layers are kept until the step ends (small ones
themselves, large ones by their sum), and a few sums show whether a search is needed: nan and infinity propagate to the
network's output in the forward pass, and to the gradients of the first layers in the backward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from demos.networks.monitor.layers import Watched, first_tensor, wraps_functorch
from demos.networks.monitor.measures import is_finite, numbers, wide

SMALL = 65_536  # most numbers of an output that is kept; of a larger one only the sum is
MOST = 10_000  # most outputs that are kept


@dataclass(frozen=True)
class NonFinite:
    """where: input, weight, activation, gradient, loss or update; step: the step number of its optimizer."""

    layer: str
    step: int
    where: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a file."""
        return asdict(self)


class FiniteWatch:
    """Keeps the outputs of the current step; sets `found` once something is not finite."""

    def __init__(self, layers: Sequence[Watched]) -> None:
        self._layers = layers
        self._outputs: list[tuple[Watched, Tensor]] = []
        self._input: Tensor | None = None
        self.found: NonFinite | None = None

    def saw(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """Record one call of a layer with parameters."""
        if self.found is not None or len(self._outputs) >= MOST:
            return
        if not self._outputs:
            given = first_tensor(inputs)
            usable = given is not None and (given.is_floating_point() or given.is_complex())
            self._input = self._kept(given) if usable else None
        self._outputs.append((layer, self._kept(out)))

    def saw_quickly(self, layer: Watched, out: Tensor) -> bool:
        """A fast version of `saw` for the usual case: a small output with a gradient, not the first of a step. Returns
        whether it applied."""
        outputs = self._outputs
        usual = outputs and out.requires_grad and out.numel() <= SMALL and len(outputs) < MOST
        if usual and not wraps_functorch(out):
            outputs.append((layer, out.detach()))
            return True
        return False

    @staticmethod
    def _kept(tensor: Tensor) -> Tensor:
        return tensor.detach() if tensor.numel() <= SMALL else wide(tensor).sum()

    def forget(self) -> None:
        """Drop the outputs of the finished step."""
        self._outputs.clear()
        self._input = None

    @property
    def called(self) -> bool:
        """Whether a layer has been called since the last step."""
        return bool(self._outputs)

    @torch.no_grad()
    def look(self, step: int, suspected: bool = False, weights_are_old: bool = True) -> None:
        """Test, between backward and the optimizer's step, the network's output and the gradients of the first layers;
        if these are not finite, or something is `suspected`, all layers. weights_are_old: whether the optimizer has not
        yet changed the weights."""
        if self.found is not None:
            return
        outputs = self._outputs
        first, last = (outputs[0][0], outputs[-1][0]) if outputs else (self._layers[0], self._layers[-1])
        watched = [p.grad for layer in (first, last) for p in layer.parameters if p.grad is not None]
        watched += [outputs[-1][1]] if outputs else []
        if not suspected and all(isfinite(value) for value in numbers([wide(tensor).sum() for tensor in watched])):
            return
        order = [layer for layer, _ in outputs] or list(self._layers)
        self.found = self._forward(step, weights_are_old) or self._backward(step, order)

    def _forward(self, step: int, weights_are_old: bool) -> NonFinite | None:
        for position, (layer, out) in enumerate(self._outputs):
            if is_finite(out):
                continue
            where = "activation"
            if position == 0 and self._input is not None and not is_finite(self._input):
                where = "input"
            elif weights_are_old and not all(is_finite(p) for p in layer.parameters):
                where = "weight"
            return NonFinite(layer.name, step, where)
        return None

    def _backward(self, step: int, order: Sequence[Watched]) -> NonFinite | None:
        """The last called layer whose gradient is not finite, which is the first one in the backward pass."""
        for layer in reversed(order):
            if any(p.grad is not None and not is_finite(p.grad) for p in layer.parameters):
                return NonFinite(layer.name, step, "gradient")
        return None

    def look_at_loss(self, step: int, loss: float) -> None:
        """Test a logged loss."""
        if self.found is None and not isfinite(loss):
            self.look(step, suspected=True)
            self.found = self.found or NonFinite("the loss", step, "loss")

    def look_at_update(self, step: int, layers: Sequence[Watched]) -> None:
        """Test the weights after an optimizer's step, which may overflow although gradients are finite."""
        if self.found is not None:
            return
        for layer in layers:
            if not all(is_finite(p) for p in layer.parameters):
                self.found = NonFinite(layer.name, step, "update")
                return

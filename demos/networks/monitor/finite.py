"""Finds the first value that is not finite: its layer, its step, and whether it arose forward or backward.

Testing everything at every step would be expensive. A few norms show whether a search is needed: nan and infinity
propagate to the network's output in the forward pass, and to the gradients of the first layers in the backward pass.
The search needs the outputs of all layers: in steps whose layers are hooked these are kept until the step ends (small
ones themselves, large ones by their sum), in others the call of the model is repeated, see `calls`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from demos.networks.monitor.calls import Calls
from demos.networks.monitor.layers import Watched, first_tensor
from demos.networks.monitor.measures import TOGETHER, are_finite, is_finite, kept

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

    def __init__(self, layers: Sequence[Watched], calls: Calls) -> None:
        self._layers, self._calls = layers, calls
        self._outputs: list[tuple[Watched, Tensor]] = []
        self._input: Tensor | None = None
        parameters = [p for layer in layers for p in layer.parameters]
        self._ends_of = parameters[0], parameters[-1]
        self.found: NonFinite | None = None

    def saw(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """Record one call of a layer with parameters; out: its output, detached."""
        outputs = self._outputs
        if self.found is not None or len(outputs) >= MOST:
            return
        if not outputs:
            given = first_tensor(inputs)
            usable = given is not None and (given.is_floating_point() or given.is_complex())
            self._input = kept(given) if usable else None
        outputs.append((layer, out if out.numel() <= TOGETHER else kept(out)))

    def forget(self) -> None:
        """Drop the outputs of the finished step."""
        self._outputs.clear()
        self._input = None
        self._calls.forget()

    @property
    def hooked(self) -> bool:
        """Whether outputs of layers have been seen since the last step."""
        return bool(self._outputs)

    @property
    def called(self) -> bool:
        """Whether the model or a layer has been called since the last step."""
        return bool(self._outputs) or self._calls.output is not None

    @torch.no_grad()
    def look(self, step: int, suspected: bool = False, weights_are_old: bool = True, tested: bool = False) -> None:
        """Test, between backward and the optimizer's step, the network's output and (unless these are `tested`) a
        gradient of the first layer and of the last one; if these are not finite, or something is `suspected`, all
        layers. weights_are_old: whether the optimizer has not yet changed the weights."""
        if self.found is not None:
            return
        outputs = self._outputs
        output = outputs[-1][1] if outputs else self._calls.output
        watched = [output] if output is not None else []
        if not tested:
            watched += self._ends()
        if not suspected and are_finite(watched):
            return
        if not outputs and weights_are_old:
            self._repeat()
            if not outputs and output is not None and not is_finite(output):
                self.found = self._unrepeated(step)
                return
        order = [layer for layer, _ in outputs] or list(self._layers)
        self.found = self._forward(step, weights_are_old) or self._backward(step, order)

    def is_sound(self, tested: bool) -> bool:
        """A fast test: True if the output of the network and (unless these are `tested`) a gradient at each end are
        known, and finite; False where `look` has to decide."""
        outputs = self._outputs
        output = outputs[-1][1] if outputs else self._calls.output
        if output is None or output.dtype is not torch.float32:
            return False
        total = output.sum().item()
        if not tested:
            first, last = self._ends_of[0].grad, self._ends_of[1].grad
            if outputs or first is None or last is None or not (first.dtype is last.dtype is torch.float32):
                return False
            total += first.sum().item() + last.sum().item()
        return isfinite(total)

    def _ends(self) -> list[Tensor]:
        """A gradient of the first called layer that has one, and of the last."""
        layers = [layer for layer, _ in self._outputs] if self._outputs else self._layers
        found = []
        for order in (layers, reversed(layers)):
            gradients = (p.grad for layer in order for p in layer.parameters)
            found += [next((g for g in gradients if g is not None), None)]
        return [g for g in found if g is not None]

    def _repeat(self) -> None:
        for layer, out, given in self._calls.repeat():
            if not self._outputs:
                self._input = given
            self._outputs.append((layer, out))

    def _unrepeated(self, step: int) -> NonFinite:
        """What is known without outputs of layers: weights, inputs, and that the model's output is not finite."""
        for layer in self._layers:
            if not all(is_finite(p) for p in layer.parameters):
                return NonFinite(layer.name, step, "weight")
        return NonFinite("the model", step, "activation" if self._calls.has_finite_inputs else "input")

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

"""The first value that is not finite: in which layer, at which step, and whether going forward or back.

Looking at everything at every step would be dear. The outputs of layers are remembered until the step ends (small
ones as they are, large ones by their sum), and a few sums tell whether to look closer: nan and infinity spread to the
network's output on the way forward, and to the gradients of the first layers on the way back.
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

SMALL = 65_536  # numbers; a larger output is not kept alive
MOST = 10_000  # remembered outputs


@dataclass(frozen=True)
class NonFinite:
    """where: input, weight, activation, gradient, loss or update; step: that of its optimizer."""

    layer: str
    step: int
    where: str

    def as_dict(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


class FiniteWatch:
    """Remembers outputs of one step after the other, and `found`, once something is not finite."""

    def __init__(self, layers: Sequence[Watched]) -> None:
        self._layers = layers
        self._outputs: list[tuple[Watched, Tensor]] = []
        self._input: Tensor | None = None
        self.found: NonFinite | None = None

    def saw(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """One call of a layer with parameters."""
        if self.found is not None or len(self._outputs) >= MOST:
            return
        if not self._outputs:
            given = first_tensor(inputs)
            usable = given is not None and (given.is_floating_point() or given.is_complex())
            self._input = self._kept(given) if usable else None
        self._outputs.append((layer, self._kept(out)))

    def saw_quickly(self, layer: Watched, out: Tensor) -> bool:
        """The same in the usual case: not the first output of a step, small, one that a gradient will pass."""
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
        """The step is over."""
        self._outputs.clear()
        self._input = None

    @property
    def called(self) -> bool:
        """Whether a layer has been called since the last step."""
        return bool(self._outputs)

    @torch.no_grad()
    def look(self, step: int, suspected: bool = False, weights_are_old: bool = True) -> None:
        """Between backward and the optimizer's step: at the ends of the chain, and if something is not finite there, or
        is suspected elsewhere, at all of it. weights_are_old: whether the optimizer has not moved them yet."""
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
        """The last layer called whose gradient is not finite: the gradient comes from the loss."""
        for layer in reversed(order):
            if any(p.grad is not None and not is_finite(p.grad) for p in layer.parameters):
                return NonFinite(layer.name, step, "gradient")
        return None

    def look_at_loss(self, step: int, loss: float) -> None:
        """A loss that was logged."""
        if self.found is None and not isfinite(loss):
            self.look(step, suspected=True)
            self.found = self.found or NonFinite("the loss", step, "loss")

    def look_at_update(self, step: int, layers: Sequence[Watched]) -> None:
        """After an optimizer's step: finite gradients can still make weights that are not."""
        if self.found is not None:
            return
        for layer in layers:
            if not all(is_finite(p) for p in layer.parameters):
                self.found = NonFinite(layer.name, step, "update")
                return

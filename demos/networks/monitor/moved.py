"""Which layers an optimizer moves: looked up once, and again when it is given more parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from demos.networks.monitor.layers import Watched, owner_of, owners_of


@dataclass(frozen=True)
class Moved:
    """Layers of one optimizer, with all their parameters in one list; rows: the layers' indices; owners: that of each
    parameter's layer."""

    layers: list[Watched]
    rows: list[int]
    parameters: list[nn.Parameter]
    owners: list[int]

    @classmethod
    def of(cls, layers: Sequence[Watched]) -> Moved:
        """These layers, as far as they have parameters."""
        found = [layer for layer in layers if layer.parameters]
        pairs = [(layer.index, p) for layer in found for p in layer.parameters]
        return cls(found, [layer.index for layer in found], [p for _, p in pairs], [index for index, _ in pairs])

    def trainable(self) -> Moved:
        """The layers with a trainable parameter, itself if these are all."""
        found = [layer for layer in self.layers if layer.trainable]
        return self if len(found) == len(self.layers) else Moved.of(found)

    def gradients(self) -> tuple[list[int], list[Tensor]]:
        """The owners and gradients of the parameters that have one."""
        found = [p.grad for p in self.parameters]
        given = [g for g in found if g is not None]
        if len(given) == len(found):
            return self.owners, given
        return [index for index, g in zip(self.owners, found, strict=True) if g is not None], given


class Movers:
    """The layers of each optimizer, frozen ones too; all layers where no optimizer is known. Sets `optimizer` of layers
    whose parameters are given to one during training."""

    def __init__(self, layers: Sequence[Watched], optimizers: Sequence[Any]) -> None:
        self._layers, self._optimizers = layers, optimizers
        self._sizes: list[int] | None = None  # of the parameter groups
        self._moved: list[Moved] = []

    def of(self, index: int) -> Moved:
        """The same object as long as no parameter is given to an optimizer."""
        sizes = [len(group["params"]) for each in self._optimizers for group in each.param_groups]
        if sizes != self._sizes:
            self._sizes = sizes
            self._look()
        return self._moved[index]

    def _look(self) -> None:
        if not self._optimizers:
            self._moved = [Moved.of(self._layers)]
            return
        owners = owners_of(self._optimizers)
        for layer in self._layers:
            layer.optimizer = owner_of(list(layer.module.parameters(recurse=False)), owners)
        self._moved = [
            Moved.of([layer for layer in self._layers if layer.optimizer == index])
            for index in range(len(self._optimizers))
        ]

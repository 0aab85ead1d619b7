"""The measurements of one step: tensors are collected during the step and converted to numbers at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from math import isfinite, sqrt
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.networks.monitor.joined import Joined
from demos.networks.monitor.layers import Watched
from demos.networks.monitor.measures import (
    TOGETHER,
    joint_norms,
    norm,
    quick_norm,
)
from demos.networks.monitor.outputs import MOST, Outputs

SERIES = (
    "gradient",  # |∂L/∂θ| after backward
    "clipped",  # |∂L/∂θ| at the optimizer's step
    "weight",  # |θ| before the step
    "update",  # |Δθ|
    "mean",  # mean of the output's elements
    "variance",
    "activation_gradient",  # |∂L/∂output|
    "slope",  # mean φ' of an activation
    "silent",  # fraction of units that are 0 for every sample, in the last measured batches
    "cosine",  # between this step's gradient and the last one's
    "rate",  # learning rate of the layer's parameter group
)


class Step:
    """The measurements of one step; `values[name]` (layers,), nan where a number does not exist."""

    def __init__(
        self,
        layers: Sequence[Watched],
        instruments: frozenset[str],
        outputs: Outputs,
        scale: float = 1.0,
        hooked: bool = True,
    ) -> None:
        self.layers, self.instruments, self._scale, self._hooked = layers, instruments, scale, hooked
        self.values = dict(zip(SERIES, np.full((len(SERIES), len(layers)), np.nan), strict=True))
        # id of a parameter -> norm, version and memory address of its gradient after backward
        self._gradients: dict[int, tuple[Tensor | float, int, int]] = {}
        self.outputs = outputs
        outputs.begin()
        self.untouched = True  # whether gradients have not been changed since backward
        self.suspicious = False  # whether a norm of a gradient is not finite
        self._of_outputs: dict[int, list[Tensor]] = defaultdict(list)  # gradients, by layer; large ones by their norm
        self._size = 0  # of these
        self._wants_activations = "activations" in instruments
        self._wants_activation_gradients = "activation_gradients" in instruments
        self._weights: Joined | None = None  # the copies before the optimizer's step
        self.histograms: dict[int, tuple[int, np.ndarray]] = {}

    # While the model runs

    def saw(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """Record a module's output in the forward pass."""
        if self._wants_activations and out.numel():
            recomputed = torch._C._current_graph_task_id() != -1  # called again in backward by a checkpointed block
            if not (recomputed and layer in self.outputs):
                self.outputs.add(layer, inputs, out)
        if self._wants_activation_gradients and out.requires_grad:
            out.register_hook(partial(self._saw_gradient, layer.index))

    def _saw_gradient(self, index: int, gradient: Tensor) -> None:
        size = gradient.numel()
        small = size <= TOGETHER and self._size + size <= MOST
        self._size += size if small else 0
        self._of_outputs[index].append(gradient if small else norm(gradient))

    def saw_parameter(self, parameter: Tensor) -> None:
        """Record a parameter's accumulated gradient; with several micro-batches the last call counts."""
        gradient = parameter.grad
        if gradient is not None:
            self._gradients[id(parameter)] = quick_norm(gradient), gradient._version, _address(gradient)

    # Around the optimizer's step

    @torch.no_grad()
    def saw_clipped(self, layers: Sequence[Watched], joined: Joined, keep: bool) -> None:
        """Record the gradients at the optimizer's step; keep: whether `joined` is needed after it.

        Where backward was not hooked, they are also those of backward if they have not been changed since; otherwise
        the latter are not known.
        """
        own = {x.index: [p.grad for p in x.parameters if p.grad is not None] for x in layers}
        gradients = {index: group for index, group in own.items() if group}
        self.untouched = self._scale == 1.0 and self._are_untouched(layers, gradients)
        joined.copy(gradients, keep)
        if self._hooked:
            self._finish_gradients(layers)
        if self._hooked and self.untouched:
            self.values["clipped"][:] = self.values["gradient"]
        else:
            self._set("clipped", joined.norms())
            if not self._hooked and self.untouched:
                self.values["gradient"][:] = self.values["clipped"]
        self.suspicious = not isfinite(self.values["clipped"][list(gradients)].sum())
        if "histograms" in self.instruments:
            self.histograms |= joined.octaves()

    def _are_untouched(self, layers: Sequence[Watched], gradients: dict[int, list[Tensor]]) -> bool:
        if not self._hooked:
            return not any(gradient._version for group in gradients.values() for gradient in group)
        pairs = [(id(p), p.grad) for x in layers for p in x.parameters if p.grad is not None]
        return all(self._gradients.get(key, (0, 0, 0))[1:] == (g._version, _address(g)) for key, g in pairs)

    @torch.no_grad()
    def before(self, layers: Sequence[Watched], joined: Joined) -> None:
        """Record the weights before the optimizer's step."""
        if "updates" in self.instruments:
            self._weights = joined
            joined.copy({x.index: x.parameters for x in layers if x.parameters})
            self._set("weight", joined.norms())

    @torch.no_grad()
    def after(self, layers: Sequence[Watched]) -> None:
        """Record the weights after the optimizer's step."""
        if self._weights is not None:
            self._weights.subtract({x.index: x.parameters for x in layers if x.parameters})
            self._set("update", self._weights.norms())
            self._weights = None

    def _set(self, name: str, found: dict[int, float]) -> None:
        self.values[name][list(found)] = list(found.values())

    # At its end

    def finish(self, which: int) -> None:
        """Set `values` of the layers of optimizer `which`."""
        self.outputs.finish(self.values)
        if self._of_outputs:
            norms = joint_norms(list(self._of_outputs.values()))
            self._set("activation_gradient", dict(zip(self._of_outputs, norms, strict=True)))
            self.values["activation_gradient"] /= self._scale
        others = [layer.index for layer in self.layers if layer.optimizer not in (None, which)]
        if others:
            for values in self.values.values():
                values[others] = np.nan

    def _finish_gradients(self, layers: Sequence[Watched]) -> None:
        found = {key: float(value) for key, (value, _, _) in self._gradients.items()}
        for layer in layers:
            parts = [found[id(p)] for p in layer.parameters if id(p) in found]
            if not parts:
                continue
            self.values["gradient"][layer.index] = sqrt(sum(part * part for part in parts)) / self._scale


def _address(gradient: Tensor) -> int:
    """Where its numbers are; 0 for a sparse one, which has no such place."""
    return gradient.data_ptr() if gradient.layout is torch.strided else 0

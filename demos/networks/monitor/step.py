"""The measurements of one step: tensors are collected during the step and converted to numbers at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.networks.monitor.layers import Watched, first_tensor
from demos.networks.monitor.measures import (
    mean_and_variance,
    norm,
    numbers,
    octaves,
    quick_norm,
    quick_norms,
    vector,
    wide,
)
from demos.networks.monitor.slopes import mean_slope, silent_units

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
MEMORY = 3  # measured batches in which a unit must be silent to count as dead


class Step:
    """The measurements of one step; `values[name]` (layers,), nan where a number does not exist."""

    def __init__(
        self, layers: Sequence[Watched], instruments: frozenset[str], scale: float = 1.0, hooked: bool = True
    ) -> None:
        self.layers, self.instruments, self._scale, self._hooked = layers, instruments, scale, hooked
        self.values = dict(zip(SERIES, np.full((len(SERIES), len(layers)), np.nan), strict=True))
        self._sums: dict[tuple[str, int], list[Tensor]] = defaultdict(list)
        # id of a parameter -> norm, version and memory address of its gradient after backward
        self._gradients: dict[int, tuple[Tensor | float, int, int]] = {}
        self.vectors: dict[int, Tensor] = {}  # of gradients, by layer
        self.untouched = True  # whether gradients have not been changed since backward
        self._silent: dict[int, Tensor] = {}
        self._before: dict[int, Tensor] = {}
        self.histograms: dict[int, tuple[int, np.ndarray]] = {}
        self.second_moment = np.nan

    # While the model runs

    def saw(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """Record a module's output in the forward pass."""
        recomputed = torch._C._current_graph_task_id() != -1  # called again in backward by a checkpointed block
        index = layer.index
        if "activations" in self.instruments and not (recomputed and self._sums[("mean", index)]):
            x = wide(out)
            if x.numel():
                mean, variance = mean_and_variance(x)
                self._sums[("mean", index)].append(mean)
                self._sums[("variance", index)].append(variance)
            given = inputs[0] if inputs.__class__ is tuple and len(inputs) == 1 else inputs
            given = given if given.__class__ is Tensor else first_tensor(given)
            if layer.activation:
                slope = mean_slope(layer.module, wide(given) if given is not None else None, x)
                if slope is not None:
                    self._sums[("slope", index)].append(slope)
                silent = silent_units(layer.module, x)
                if silent is not None:
                    earlier = self._silent.get(index)
                    same = earlier is not None and earlier.shape == silent.shape
                    self._silent[index] = silent & earlier if same else silent
            elif np.isnan(self.second_moment) and given is not None and given.is_floating_point():
                self.second_moment = float(wide(given).square().mean())
        if "activation_gradients" in self.instruments and out.requires_grad:
            out.register_hook(lambda gradient: self._saw_gradient(index, gradient))

    def _saw_gradient(self, index: int, gradient: Tensor) -> None:
        self._sums[("activation_gradient", index)].append(norm(gradient))

    def saw_parameter(self, parameter: Tensor) -> None:
        """Record a parameter's accumulated gradient; with several micro-batches the last call counts."""
        gradient = parameter.grad
        if gradient is not None:
            self._gradients[id(parameter)] = quick_norm(gradient), gradient._version, gradient.data_ptr()

    # Around the optimizer's step

    @torch.no_grad()
    def saw_clipped(self, layers: Sequence[Watched]) -> None:
        """Record the gradients at the optimizer's step.

        Where backward was not hooked, they are also those of backward if they have not been changed since; otherwise
        the latter are not known.
        """
        own = {x.index: [p.grad for p in x.parameters if p.grad is not None] for x in layers}
        own = {index: gradients for index, gradients in own.items() if gradients}
        self.untouched = self._scale == 1.0 and all(self._is_untouched(p) for x in layers for p in x.parameters)
        if self.instruments & {"histograms", "directions"}:
            self.vectors = {index: vector(gradients) for index, gradients in own.items()}
        if self._hooked:
            self._finish_gradients(layers)
        if self._hooked and self.untouched:
            self.values["clipped"][:] = self.values["gradient"]
        else:
            self._fill("clipped", {index: [self.vectors[index]] if self.vectors else own[index] for index in own})
            if not self._hooked and self.untouched:
                self.values["gradient"][:] = self.values["clipped"]
        if "histograms" in self.instruments:
            self.histograms |= {index: octaves(gradient) for index, gradient in self.vectors.items()}

    def _is_untouched(self, parameter: Tensor) -> bool:
        gradient = parameter.grad
        if gradient is None:
            return True
        if not self._hooked:
            return gradient._version == 0
        return self._gradients.get(id(parameter), (0, 0, 0))[1:] == (gradient._version, gradient.data_ptr())

    @torch.no_grad()
    def before(self, layers: Sequence[Watched]) -> None:
        """Record the weights before the optimizer's step."""
        if "updates" in self.instruments:
            self._before = {x.index: _copy(x.parameters) for x in layers if x.parameters}
            self._fill("weight", {index: [old] for index, old in self._before.items()})

    @torch.no_grad()
    def after(self, layers: Sequence[Watched]) -> None:
        """Record the weights after the optimizer's step."""
        if self._before:
            moved = {x.index: [vector(x.parameters) - self._before[x.index]] for x in layers if x.parameters}
            self._fill("update", moved)
            self._before = {}

    def _fill(self, name: str, tensors: dict[int, list[Tensor]]) -> None:
        """Set `values[name]` to the joint norm of each layer's tensors."""
        norms = iter(quick_norms([tensor for own in tensors.values() for tensor in own]))
        for index, own in tensors.items():
            self.values[name][index] = sqrt(sum(next(norms) ** 2 for _ in own))

    # At its end

    def finish(self, layers: Sequence[Watched], which: int, memory: dict[int, list[Tensor]]) -> None:
        """Set `values` for these layers, those of optimizer `which`; memory: silent units of earlier batches."""
        keys = [(key, tensors) for key, tensors in self._sums.items() if tensors]
        found = iter(numbers([tensor for _, tensors in keys for tensor in tensors]))
        for (name, index), tensors in keys:
            parts = [next(found) for _ in tensors]
            if name == "activation_gradient":
                self.values[name][index] = sqrt(sum(part * part for part in parts)) / self._scale
            else:
                self.values[name][index] = sum(parts) / len(parts)
        for index, silent in self._silent.items():
            kept = [old for old in memory.get(index, []) if old.shape == silent.shape][-(MEMORY - 1) :] + [silent]
            memory[index] = kept
            self.values["silent"][index] = float(torch.stack(kept).all(0).float().mean())
        for layer in self.layers:
            if layer.optimizer not in (None, which):
                for values in self.values.values():
                    values[layer.index] = np.nan

    def _finish_gradients(self, layers: Sequence[Watched]) -> None:
        found = {key: float(value) for key, (value, _, _) in self._gradients.items()}
        for layer in layers:
            parts = [found[id(p)] for p in layer.parameters if id(p) in found]
            if not parts:
                continue
            self.values["gradient"][layer.index] = sqrt(sum(part * part for part in parts)) / self._scale


def _copy(parameters: Sequence[Tensor]) -> Tensor:
    found = vector(parameters)
    return found.clone() if len(parameters) == 1 else found  # joining several has already copied them

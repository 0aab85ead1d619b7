"""What is measured in one step: tensors are collected while it runs, and become numbers at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.networks.monitor.layers import Watched, first_tensor
from demos.networks.monitor.measures import mean_and_variance, norm, numbers, octaves, quick_norm, quick_norms, wide
from demos.networks.monitor.slopes import mean_slope, silent_units

SERIES = (
    "gradient",  # |∂L/∂θ| as backward left it
    "clipped",  # |∂L/∂θ| as the optimizer saw it
    "weight",  # |θ| before the step
    "update",  # |Δθ|
    "mean",  # of the output's numbers
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

    def __init__(self, layers: Sequence[Watched], instruments: frozenset[str], scale: float) -> None:
        self.layers, self.instruments, self._scale = layers, instruments, scale
        self.values = {name: np.full(len(layers), np.nan) for name in SERIES}
        self._sums: dict[tuple[str, int], list[Tensor]] = defaultdict(list)
        self._gradients: dict[int, Tensor] = {}  # id of a parameter: norm after backward
        self._silent: dict[int, Tensor] = {}
        self._before: dict[int, list[Tensor]] = {}
        self.histograms: dict[int, tuple[int, np.ndarray]] = {}
        self.second_moment = np.nan

    # While the model runs

    @torch.no_grad()
    def saw(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """A module's output, on the way forward."""
        recomputed = torch._C._current_graph_task_id() != -1  # by a checkpointed block, inside backward
        index = layer.index
        if "activations" in self.instruments and not (recomputed and self._sums[("mean", index)]):
            x = wide(out)
            if x.numel():
                mean, variance = mean_and_variance(x)
                self._sums[("mean", index)].append(mean)
                self._sums[("variance", index)].append(variance)
            given = first_tensor(inputs)
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
        with torch.no_grad():
            self._sums[("activation_gradient", index)].append(norm(gradient))

    @torch.no_grad()
    def saw_parameter(self, parameter: Tensor) -> None:
        """Its gradient has been accumulated; with several micro-batches the last call stands."""
        if parameter.grad is not None:
            self._gradients[id(parameter)] = quick_norm(parameter.grad)

    # Around the optimizer's step

    @torch.no_grad()
    def saw_clipped(self, layers: Sequence[Watched]) -> None:
        """Gradients as the optimizer gets them."""
        gradients = [[p.grad for p in layer.parameters if p.grad is not None] for layer in layers]
        self._fill("clipped", layers, gradients)
        if "histograms" in self.instruments:
            self.histograms |= {x.index: octaves(own) for x, own in zip(layers, gradients, strict=True) if own}

    @torch.no_grad()
    def before(self, layers: Sequence[Watched]) -> None:
        """Weights that the optimizer is about to move."""
        if "updates" in self.instruments:
            self._before = {x.index: [p.detach().clone() for p in x.parameters] for x in layers}
            self._fill("weight", layers, [self._before[x.index] for x in layers])

    @torch.no_grad()
    def after(self, layers: Sequence[Watched]) -> None:
        """Weights that it has moved."""
        if self._before:
            moved = [
                [p.detach() - old for p, old in zip(x.parameters, self._before[x.index], strict=True)] for x in layers
            ]
            self._fill("update", layers, moved)
            self._before = {}

    def _fill(self, name: str, layers: Sequence[Watched], tensors: Sequence[Sequence[Tensor]]) -> None:
        """Norms of the tensors of each layer together."""
        norms = iter(quick_norms([tensor for own in tensors for tensor in own]))
        for layer, own in zip(layers, tensors, strict=True):
            if own:
                self.values[name][layer.index] = np.sqrt(sum(next(norms) ** 2 for _ in own))

    # At its end

    def finish(self, layers: Sequence[Watched], which: int, memory: dict[int, list[Tensor]]) -> None:
        """Everything of these layers, those of optimizer `which`, into `values`; memory: earlier silent units."""
        self._finish_gradients(layers)
        keys = [(key, tensors) for key, tensors in self._sums.items() if tensors]
        found = iter(numbers([tensor for _, tensors in keys for tensor in tensors]))
        for (name, index), tensors in keys:
            parts = np.array([next(found) for _ in tensors])
            if name == "activation_gradient":
                self.values[name][index] = np.sqrt((parts**2).sum()) / self._scale
            else:
                self.values[name][index] = parts.mean()
        for index, silent in self._silent.items():
            kept = [old for old in memory.get(index, []) if old.shape == silent.shape][-(MEMORY - 1) :] + [silent]
            memory[index] = kept
            self.values["silent"][index] = float(torch.stack(kept).all(0).float().mean())
        for layer in self.layers:
            if layer.optimizer not in (None, which):
                for values in self.values.values():
                    values[layer.index] = np.nan

    def _finish_gradients(self, layers: Sequence[Watched]) -> None:
        found = dict(zip(self._gradients, numbers(list(self._gradients.values())), strict=True))
        for layer in layers:
            parts = [found[id(p)] for p in layer.parameters if id(p) in found]
            if not parts:
                continue
            self.values["gradient"][layer.index] = np.sqrt(sum(part**2 for part in parts)) / self._scale

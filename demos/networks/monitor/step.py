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
from demos.networks.monitor.measures import TOGETHER, joint_norms, norm, quick_norm
from demos.networks.monitor.moved import Moved
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


OF_OUTPUTS = ("mean", "variance", "slope", "silent", "activation_gradient")


class Step:
    """The measurements of one step after the other; `values[name]` (layers,), nan where a number does not exist, are
    views of `table` (series, layers)."""

    def __init__(self, layers: Sequence[Watched], instruments: frozenset[str], outputs: Outputs, several: bool) -> None:
        """several: whether there are several optimizers."""
        self.layers, self.instruments, self.outputs, self._several = layers, instruments, outputs, several
        self.table = np.full((len(SERIES), len(layers)), np.nan)
        self.values = dict(zip(SERIES, self.table, strict=True))
        self._scale, self._hooked = 1.0, True
        # id of a parameter -> norm, version and memory address of its gradient after backward
        self._gradients: dict[int, tuple[Tensor | float, int, int]] = {}
        self.wants_hooks = True  # whether backward has to be hooked, because gradients change after their first version
        self.suspicious = False  # whether a norm of a gradient is not finite
        self._of_outputs: dict[int, list[Tensor]] = defaultdict(list)  # gradients, by layer; large ones by their norm
        self._size = 0  # of these
        self._wants_activations = "activations" in instruments
        self._wants_activation_gradients = "activation_gradients" in instruments
        self._wants_updates = "updates" in instruments
        self._wants_histograms = "histograms" in instruments
        self._handed: dict[str, np.ndarray] = {}  # outputs of other optimizers' layers, by name
        self._weights: Joined | None = None  # the copies before the optimizer's step
        self._trained = Moved.of([])
        self.histograms: dict[int, tuple[int, np.ndarray]] = {}

    def begin(self, scale: float, hooked: bool, hooked_before: bool) -> None:
        """Begin a new step. scale: of the loss; hooked: whether `saw_parameter` is called during backward;
        hooked_before: whether it was until now, so that what one backward pass gave for several optimizers stands."""
        self._scale, self._hooked = scale, hooked
        self.suspicious, self._size, self._weights = False, 0, None
        self.table.fill(np.nan)
        if not hooked_before:
            self._gradients.clear()
        self._of_outputs.clear()
        self.histograms = {}
        if self._wants_activations:
            self.outputs.begin()

    # While the model runs

    def saw(self, layer: Watched, inputs: Any, out: Tensor, detached: Tensor) -> None:
        """Record a module's output in the forward pass."""
        if self._wants_activations and detached.numel():
            recomputed = torch._C._current_graph_task_id() != -1  # called again in backward by a checkpointed block
            if not (recomputed and layer in self.outputs):
                self.outputs.add(layer, inputs, detached)
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
    def saw_clipped(self, moved: Moved, joined: Joined, keep: bool) -> None:
        """Record the gradients at the optimizer's step. joined: gets a copy of them; keep: whether it is needed
        after the optimizer's step.

        Where backward was not hooked, they are also those of backward if they have not been changed since they were
        made; otherwise (clipped, or accumulated) the latter are not known.
        """
        owners, gradients = moved.gradients()
        changed = any([gradient._version for gradient in gradients])  # a list is faster than a generator
        untouched = self._scale == 1.0 and (self._are_untouched(moved) if self._hooked else not changed)
        self.wants_hooks = changed or not untouched
        clipped, gradient = self.values["clipped"], self.values["gradient"]
        joined.copy(owners, gradients, keep)
        if self._hooked:
            self._finish_gradients(moved.layers)
        if self._hooked and untouched:
            clipped[:] = gradient
        else:
            clipped[joined.rows] = joined.norms()
            if not self._hooked and untouched:
                gradient[:] = clipped
        self.suspicious = not isfinite(clipped[joined.rows].sum())
        if self._wants_histograms:
            self.histograms |= joined.octaves()

    def _are_untouched(self, moved: Moved) -> bool:
        pairs = [(id(p), p.grad) for p in moved.parameters if p.grad is not None]
        return all(self._gradients.get(key, (0, 0, 0))[1:] == (g._version, _address(g)) for key, g in pairs)

    def before(self, moved: Moved, joined: Joined) -> None:
        """Record the weights before the optimizer's step."""
        if self._wants_updates:
            self._weights, self._trained = joined, moved.trainable()  # frozen layers may be large, and do not move
            joined.copy(self._trained.owners, self._trained.parameters)
            self.values["weight"][joined.rows] = joined.norms()

    def after(self) -> bool:
        """Record the weights after the optimizer's step. Whether all that moved are finite."""
        joined, self._weights = self._weights, None
        if joined is None or not joined.subtract(self._trained.owners, self._trained.parameters):
            return True
        self.values["update"][joined.rows] = norms = joined.norms()
        return isfinite(sum(norms))

    # At its end

    def finish(self, which: int) -> None:
        """Set `values` of the layers of optimizer `which`."""
        if self._wants_activations:
            self.outputs.finish(self.values)
        if self._of_outputs:
            norms = joint_norms(list(self._of_outputs.values()))
            self.values["activation_gradient"][list(self._of_outputs)] = norms
            self.values["activation_gradient"] /= self._scale
            self._of_outputs.clear()  # now, because memory that is held makes the next steps slower
        if self._several:
            self._hand_on([layer.index for layer in self.layers if layer.optimizer not in (None, which)])

    def _hand_on(self, others: list[int]) -> None:
        """Leave the outputs of other optimizers' layers to their row: a generator may be called once for both the
        critic's step and its own, which comes later. (Its own outputs replace older ones.)"""
        handed, self._handed = self._handed, {}
        for name in OF_OUTPUTS:
            values = self.values[name]
            if name in handed:
                values[:] = np.where(np.isnan(values), handed[name], values)
            self._handed[name] = np.full_like(values, np.nan)
            self._handed[name][others] = values[others]
        self.table[:, others] = np.nan

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

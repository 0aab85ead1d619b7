"""The calls of a model in one step, which can be repeated on a copy to see the output of each layer.

A hook on every layer at every step would cost more than the gradients' norms. So layers are hooked in measured steps
only; in the others one hook a model keeps its arguments, and if a gradient is not finite the call is repeated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos.networks.monitor.hooks import Hooks, watch_outputs
from demos.networks.monitor.layers import Watched, first_tensor, is_plain, wraps_functorch
from demos.networks.monitor.measures import is_finite, kept, version

MOST = 2**24  # most elements of the arguments that are kept for a step, as of a loop that accumulates gradients


class Calls:
    """Records calls of `models`, each a module that the training loop calls itself."""

    def __init__(self, models: Sequence[nn.Module], layers: Sequence[Watched]) -> None:
        self._models, self._layers = models, layers
        self._calls: list[tuple[nn.Module, tuple[Any, ...], dict[str, Any], int, Any]] = []
        self._size = 0
        self.output: Tensor | None = None  # of the last call, or its sum

    def watch(self, hooks: Hooks, unhooked: set[nn.Module]) -> None:
        """Record from now on; see `watch_outputs` for `unhooked`."""
        for model in self._models:
            if model not in unhooked:  # the call of a lone transformer layer cannot be seen without cost
                hooks.add(lambda hook, model=model: model.register_forward_hook(hook, with_kwargs=True), self._saw)

    def _saw(self, model: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        out = output if output.__class__ is Tensor and is_plain(output) else first_tensor(output)
        if out is None or not out.requires_grad or not torch.is_grad_enabled() or wraps_functorch(out):
            return
        self.output = kept(out)
        first = inputs[0] if inputs and inputs[0].__class__ is Tensor else first_tensor(inputs or named)
        self._size += first.numel() if first is not None else 1
        if self._size <= MOST:
            device = "cpu" if out.is_cpu else out.device.type
            autocast = torch.is_autocast_enabled(device)
            dtype = torch.get_autocast_dtype(device) if autocast else None
            self._calls.append((model, inputs, named, _version(first), (device, autocast, dtype)))

    def forget(self) -> None:
        """Drop the calls of the finished step."""
        self._calls.clear()
        self._size, self.output = 0, None

    @property
    def has_finite_inputs(self) -> bool:
        """Whether the first argument of each call is finite, as far as it has not been overwritten."""
        given = [(first_tensor(inputs or named), version) for _, inputs, named, version, _ in self._calls]
        return all(x is None or _version(x) != version or is_finite(x) for x, version in given)

    def repeat(self) -> list[tuple[Watched, Tensor, Tensor | None]]:
        """Each call of a layer with parameters: its output and the first of its inputs, computed again by a copy of the
        model. Random layers (dropout) draw other numbers. Empty where that is impossible: the model cannot be copied,
        its inputs have been overwritten, or it fails."""
        try:
            return [seen for call in self._calls for seen in self._repeat(*call)]
        except Exception:  # whatever a stranger's model raises: the training goes on without this answer
            return []

    def _repeat(
        self, model: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], version: int, autocast: Any
    ) -> list[tuple[Watched, Tensor, Tensor | None]]:
        if _version(first_tensor(inputs or named)) != version:
            return []
        seen: list[tuple[Watched, Tensor, Tensor | None]] = []

        def saw(layer: Watched, _: nn.Module, given: Any, output: Any) -> None:
            out = first_tensor(output)
            if out is not None:
                seen.append((layer, out.clone(), first_tensor(given)))

        twins: dict[int, Any] = {}
        twin = deepcopy(model, twins)
        for module in twin.modules():
            module._forward_hooks.clear()  # others' hooks may write down what they see
        layers = [
            Watched(x.index, x.name, twins[id(x.module)], x.kind, x.parameters)
            for x in self._layers
            if id(x.module) in twins and x.parameters
        ]
        watch_outputs(Hooks(), layers, set(), saw)
        devices = {p.device.index for p in model.parameters() if p.is_cuda}
        device, enabled, dtype = autocast
        with torch.no_grad(), _random_streams_kept(devices), torch.autocast(device, dtype, enabled):
            twin(*inputs, **named)
        return seen


@contextmanager
def _random_streams_kept(devices: set[int | None]) -> Iterator[None]:
    """Leaves the global random streams as they were: of torch, also on these CUDA devices, of Python and of NumPy."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _version(tensor: Tensor | None) -> int:
    return 0 if tensor is None else version(tensor)

"""Hooks that can be copied and saved with the model, and removed together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import partial
from typing import Any

from torch.nn.modules.module import register_module_forward_hook

from demos.networks.monitor.layers import Watched


class Hook(partial):
    """Calls a function that returns None, because the return value of a forward hook would replace the module's output.

    A copy or a pickle of it does nothing and does not need this package, so that `copy.deepcopy(model)` and
    `torch.save(model, …)` work while the model is watched.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (nullcontext(), "__exit__")  # takes anything, returns None


class Hooks:
    """Handles of hooks, removed together."""

    def __init__(self) -> None:
        self._handles: list[Any] = []

    def add(self, register: Callable[..., Any], call: Callable[..., None], *first: Any) -> None:
        """Register a hook that calls call(*first, …). register: a torch method that takes a hook and returns a
        handle."""
        self._handles.append(register(Hook(call, *first)))

    def remove(self) -> None:
        """Remove all hooks; may be called again."""
        while self._handles:
            self._handles.pop().remove()

    def __len__(self) -> int:
        return len(self._handles)


def watch_outputs(hooks: Hooks, layers: Iterable[Watched], unhooked: set[Any], seen: Callable[..., None]) -> None:
    """Call seen(layer, module, inputs, output) after each call of a layer's module.

    Modules in `unhooked` get no hook of their own; one global hook on all modules of the process handles them. See
    `layers.has_fast_path`.
    """
    inside: dict[Any, Watched] = {}
    for layer in layers:
        if layer.module in unhooked:
            inside[layer.module] = layer
        else:
            hooks.add(layer.module.register_forward_hook, seen, layer)
    if inside:

        def look_up(module: Any, inputs: Any, output: Any) -> None:
            if (layer := inside.get(module)) is not None:
                seen(layer, module, inputs, output)

        hooks.add(register_module_forward_hook, look_up)

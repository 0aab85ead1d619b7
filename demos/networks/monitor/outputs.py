"""Mean, variance, mean slope and silent units of the outputs of layers in a step; small ones are measured together."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos.networks.monitor.layers import Watched, first_tensor
from demos.networks.monitor.measures import TOGETHER, means_and_variances, numbers, wide
from demos.networks.monitor.slopes import SLOPES, mean_slope, silent_units

MOST = 2**22  # most elements of outputs that are kept before they are measured, and of the memory for the next step
MEMORY = 3  # measured batches in which a unit must be silent to count as dead


class Kept:
    """Copies of outputs of one shape, in memory that is used again at the next step."""

    def __init__(self) -> None:
        self.layers: list[Watched] = []
        self._rows: list[Tensor] = []
        self._joined: Tensor | None = None

    @property
    def size(self) -> int:
        """The number of elements in its memory."""
        return sum(row.numel() for row in self._rows)

    def add(self, layer: Watched, x: Tensor) -> None:
        """Copy x, because the next module may overwrite it."""
        place = len(self.layers)
        self.layers.append(layer)
        if place < len(self._rows):
            self._rows[place].copy_(x)
        else:
            self._rows.append(x.clone())

    def outputs(self) -> Tensor:
        """(layers, …)."""
        if self._joined is None or len(self._joined) != len(self._rows):
            self._joined = torch.stack(self._rows)
            self._rows = list(self._joined.unbind())
        return self._joined[: len(self.layers)]


class Outputs:
    """The measurements of one step after the other. second_moment: mean square of the first input that was seen; nan
    before."""

    def __init__(self) -> None:
        self.second_moment = np.nan
        # by shape, type, device, and the class of modules with silent units
        self._kept: dict[tuple[Any, ...], Kept] = defaultdict(Kept)
        self._size = 0
        self._seen: set[int] = set()
        self._found: dict[tuple[str, int], list[Tensor | float]] = defaultdict(list)
        self._silent: dict[int, Tensor] = {}
        self._memory: dict[int, list[np.ndarray]] = {}  # silent units of earlier batches

    def begin(self) -> None:
        """Begin a new step."""
        self._seen.clear()
        self._found.clear()
        self._silent.clear()
        self._size = 0
        for same in self._kept.values():
            same.layers.clear()

    def __contains__(self, layer: Watched) -> bool:
        return layer.index in self._seen

    def add(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """Record an output with at least one element."""
        x = wide(out)
        self._seen.add(layer.index)
        kind = type(layer.module)
        if layer.activation:
            if kind is not nn.ReLU:  # whose slope needs no more than its output
                given = first_tensor(inputs)
                slope = mean_slope(layer.module, wide(given) if given is not None else None, x)
                if slope is not None:
                    self._found["slope", layer.index].append(slope)
        elif np.isnan(self.second_moment):
            given = first_tensor(inputs)
            if given is not None and given.is_floating_point():
                self.second_moment = float(wide(given).square().mean())
        shared = kind if layer.activation and SLOPES[kind].silent else None
        if (size := x.numel()) > TOGETHER:
            self._measure([layer], x[None], shared)
            return
        self._kept[x.shape, x.dtype, x.device, shared].add(layer, x)
        self._size += size
        if self._size > MOST:
            self._measure_kept()

    def _measure_kept(self) -> None:
        for (*_, kind), same in self._kept.items():
            if same.layers:
                self._measure(same.layers, same.outputs(), kind, spare=True)
                same.layers.clear()
        self._size = 0
        if sum(same.size for same in self._kept.values()) > MOST:  # of sequences, say, whose lengths vary
            self._kept.clear()

    def _measure(self, layers: list[Watched], outputs: Tensor, kind: type | None, spare: bool = False) -> None:
        """Measure outputs (layers, …). kind: the class of the modules if it has silent units; spare: whether they may
        be overwritten."""
        rows = outputs.reshape(len(outputs), -1)
        columns: dict[str, Any] = dict(zip(("mean", "variance"), means_and_variances(rows), strict=True))
        silent = silent_units(outputs) if kind is not None else None
        if kind is nn.ReLU:
            columns["slope"] = (rows.sign_() if spare else rows.sign()).mean(1)
        for name, column in columns.items():
            for layer, value in zip(layers, column.tolist() if rows.is_cpu else column, strict=True):
                self._found[name, layer.index].append(value)
        if silent is not None:
            for layer, units in zip(layers, silent, strict=True):
                earlier = self._silent.get(layer.index)
                same = earlier is not None and earlier.shape == units.shape
                self._silent[layer.index] = units & earlier if same else units

    def finish(self, values: dict[str, np.ndarray]) -> None:
        """Set the values of all layers seen; of several calls in a step the average."""
        self._measure_kept()
        found = iter(numbers([value for parts in self._found.values() for value in parts]))
        for (name, index), parts in self._found.items():
            values[name][index] = sum(next(found) for _ in parts) / len(parts)
        for index, units in self._silent.items():
            silent = units.cpu().numpy()
            earlier = [old for old in self._memory.get(index, []) if old.shape == silent.shape][-(MEMORY - 1) :]
            self._memory[index] = kept = [*earlier, silent]
            values["silent"][index] = np.logical_and.reduce(kept).mean()

"""Mean, variance, mean slope and silent units of the outputs of layers in a step; small ones are measured together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos.networks.monitor.layers import Watched, first_tensor
from demos.networks.monitor.measures import TOGETHER, means_and_variances, version, wide
from demos.networks.monitor.silence import SilentUnits
from demos.networks.monitor.slopes import SLOPES, mean_slope, silent_units

MOST = 2**22  # most elements of outputs that are kept before they are measured, and of the memory for the next step
NAMES = ("mean", "variance", "slope")


class Outputs:
    """The measurements of one step after the other. second_moment: mean square of the first input that was seen; nan
    before.

    The next module may overwrite an output. So it is copied at first; once a step has shown that nothing overwrites it,
    the output itself is kept until the step's end. (If it is overwritten then, it is not measured in this step.)
    """

    def __init__(self, layers: Sequence[Watched]) -> None:
        self.second_moment, self._unmoved = np.nan, True
        kinds = [type(layer.module) for layer in layers]
        # whether they have silent units; ReLU's slope needs no more than its output, that of others is computed at once
        self._rectified = [kind in SLOPES and SLOPES[kind].silent for kind in kinds]
        self._sloped = [kind in SLOPES and kind is not nn.ReLU for kind in kinds]
        self._silent = SilentUnits([index for index, silent in enumerate(self._rectified) if silent])
        self._seen: set[int] = set()
        self._repeated = False  # whether a layer was seen twice
        self._overwritten: set[int] = set()
        self._steady: set[int] = set()  # layers whose outputs stand until the step's end
        # index of the layer, what is measured, the output itself, its version
        self._waiting: list[tuple[int, Tensor, Tensor, int]] = []
        self._size = 0  # of what waits
        # position in NAMES, layers, values
        self._columns: list[tuple[int, list[int], list[float] | Tensor]] = []
        self._buffers: dict[tuple[Any, ...], Tensor] = {}

    def begin(self) -> None:
        """Begin a new step."""
        self._seen.clear()
        self._overwritten.clear()
        self._waiting.clear()
        self._columns.clear()
        self._silent.begin()
        self._size, self._repeated = 0, False

    def __contains__(self, layer: Watched) -> bool:
        return layer.index in self._seen

    def add(self, layer: Watched, inputs: Any, out: Tensor) -> None:
        """Record a detached output with at least one element."""
        x, index = wide(out), layer.index
        self._repeated = self._repeated or index in self._seen
        self._seen.add(index)
        if self._sloped[index]:
            given = first_tensor(inputs)
            slope = mean_slope(layer.module, wide(given) if given is not None else None, x)
            if slope is not None:
                self._columns.append((2, [index], slope[None]))
        elif self._unmoved and not layer.activation:
            given = first_tensor(inputs)
            if given is not None and given.is_floating_point():
                self.second_moment = float(wide(given).square().mean())
                self._unmoved = np.isnan(self.second_moment)
        size = x.numel()
        if size > TOGETHER:
            self._measure(*([], [index]) if self._rectified[index] else ([index], []), x[None])
            return
        steady = index in self._steady and not x.is_inference()
        self._waiting.append((index, x if steady or x is not out else x.clone(), out, version(out)))
        self._size += size
        if self._size > MOST:
            self._measure_waiting()

    def _measure_waiting(self) -> None:
        groups: dict[tuple[Any, ...], tuple[list[int], list[Tensor], list[int], list[Tensor]]] = {}
        for index, x, out, then in self._waiting:
            if version(out) != then:
                self._overwritten.add(index)
                if x is out:
                    continue
            key = x.shape, x.dtype, x.device
            if key not in groups:
                groups[key] = [], [], [], []
            rows, tensors = groups[key][2:] if self._rectified[index] else groups[key][:2]
            rows.append(index)
            tensors.append(x)
        for key, (plain, tensors, rectified, others) in groups.items():
            self._measure(plain, rectified, self._stacked(key, tensors + others), spare=True)
        self._waiting.clear()
        self._size = 0
        if sum(each.numel() for each in self._buffers.values()) > MOST:  # of sequences, say, whose lengths vary
            self._buffers.clear()

    def _stacked(self, key: tuple[Any, ...], tensors: list[Tensor]) -> Tensor:
        """(n, …), in memory that is used again at the next step."""
        buffer = self._buffers.get(key)
        if buffer is None or len(buffer) < len(tensors):
            self._buffers[key] = buffer = torch.stack(tensors)
            return buffer
        return torch.stack(tensors, out=buffer[: len(tensors)])

    def _measure(self, plain: list[int], rectified: list[int], outputs: Tensor, spare: bool = False) -> None:
        """Measure outputs (n, …) of the layers `plain`, and after them of those that can have silent units; spare:
        whether they may be overwritten."""
        flat = outputs.reshape(len(outputs), -1)
        for name, column in enumerate(means_and_variances(flat)):
            self._columns.append((name, plain + rectified, column))
        if not rectified:
            return
        outputs, flat = outputs[len(plain) :], flat[len(plain) :]
        if (silent := silent_units(outputs)) is not None:
            self._silent.add(rectified, silent)
        ones = [place for place, index in enumerate(rectified) if not self._sloped[index]]  # ReLU
        if len(ones) < len(rectified):
            flat, spare = flat[ones], True
        if ones:
            positive = flat.sign_() if spare else flat.sign()
            self._columns.append((2, [rectified[place] for place in ones], positive.mean(1)))

    def finish(self, values: dict[str, np.ndarray]) -> None:
        """Set the values of all layers seen; of several calls in a step the average."""
        self._measure_waiting()
        self._steady |= self._seen
        self._steady -= self._overwritten
        self._silent.finish(values["silent"])
        columns = zip(self._columns, self._numbers(), strict=True)
        if not self._repeated:
            for (name, rows, _), found in columns:
                values[NAMES[name]][rows] = found
            return
        totals, counts = (np.zeros((len(NAMES), len(values["mean"]))) for _ in range(2))
        for (name, rows, _), found in columns:
            np.add.at(totals[name], rows, found)
            np.add.at(counts[name], rows, 1)
        for name, total, count in zip(NAMES, totals, counts, strict=True):
            np.divide(total, count, out=values[name], where=count > 0)

    def _numbers(self) -> list[list[float]]:
        """The columns, with one transfer from each device."""
        found = [
            column if isinstance(column, list) else column.tolist() if column.is_cpu else column
            for *_, column in self._columns
        ]
        waiting = {place: column for place, column in enumerate(found) if isinstance(column, Tensor)}
        for device in {column.device for column in waiting.values()}:
            own = {place: column for place, column in waiting.items() if column.device == device}
            together = iter(torch.cat([column.double() for column in own.values()]).tolist())
            for place, column in own.items():
                found[place] = [next(together) for _ in column]
        return found

"""Keeps the frames of a path, or only what an observer makes of them."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.shapes import kind


class Recorder:
    """`record` frames, evenly spaced over the steps, both ends included; 0: the start and every step."""

    def __init__(self, times: list[float], record: int, exact_steps: bool, observe: Callable | None):
        last = len(times) - 1
        if exact_steps:  # a frame is the state after a step
            self._steps = np.unique(np.round(np.linspace(0, last, min(record, last + 1))).astype(int)).tolist()
            self._due = [times[i] for i in self._steps]
        elif record == 0:
            self._steps, self._due = None, times[:1]
        else:  # a frame may lie inside a step
            self._due = np.interp(np.linspace(0, last, record), np.arange(last + 1), times).tolist()
            self._due[0], self._due[-1] = times[0], times[-1]
            self._steps = None
        self._observe, self.every_step = observe, record == 0
        self.times: list[float] = []
        kept = len(self._due) if observe is None else 2
        self._states, self._momenta = _Frames(kept), _Frames(kept)
        self._seen = _Blocks()
        self._advance()

    def _advance(self) -> None:
        taken = len(self.times)
        open_ = taken < len(self._due)
        self.next_time = self._due[taken] if open_ else None
        self.next_step = self._steps[taken] if open_ and self._steps is not None else -1

    def take(self, t: float, x: Tensor, momenta: Tensor | None = None) -> None:
        """Record the frame that is due."""
        self.times.append(t)
        if self._observe is None or len(self.times) == 1:
            self._keep(x, momenta)
        if self._observe is not None:
            self._seen.append(self._noted(self._observe(x, t)))
        self._advance()

    def _noted(self, seen: Any) -> Tensor:
        """What was observed, as a tensor of its own; raises ValueError where it cannot be stacked."""
        if isinstance(seen, Real):
            return torch.tensor(float(seen), dtype=torch.float64)
        try:
            noted = torch.as_tensor(seen).detach()
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(f"observe gave {kind(seen)}; it must give a tensor, an array or a number.") from None
        first = self._seen.first
        if first is not None and (noted.shape != first.shape or noted.dtype != first.dtype):
            raise ValueError(f"observe gave {kind(noted)} after {kind(first)}; its shape and dtype must not change.")
        return noted

    def finish(self, t: float, x: Tensor, momenta: Tensor | None) -> None:
        """The last frame is the end, also where the run ended early."""
        if self.times[-1] != t:
            self.take(t, x, momenta)
        if self._observe is not None:
            self._keep(x, momenta)

    def _keep(self, x: Tensor, momenta: Tensor | None) -> None:
        self._states.append(x)
        if momenta is not None:
            self._momenta.append(momenta)

    @property
    def states(self) -> Tensor:
        return self._states.stacked()

    @property
    def momenta(self) -> Tensor | None:
        return self._momenta.stacked() if self._momenta.taken else None

    @property
    def observed(self) -> Tensor | None:
        return self._seen.stacked() if self._observe is not None else None


class _Blocks:
    """Copies of any number of tensors of one shape. A hundred thousand small tensors, each for itself, would keep the
    garbage collector busy for a tenth of a second at a time."""

    SIZE = 1024

    def __init__(self):
        self.first: Tensor | None = None
        self._blocks: list[Tensor] = []
        self._taken = 0

    def append(self, x: Tensor) -> None:
        place = self._taken % self.SIZE
        if self.first is None:
            self.first = x.clone()
        if place == 0:
            self._blocks.append(torch.empty((self.SIZE, *x.shape), dtype=x.dtype, device=x.device))
        self._blocks[-1][place] = x
        self._taken += 1

    def stacked(self) -> Tensor:
        """(F, ...)"""
        return torch.cat(self._blocks)[: self._taken]


class _Frames:
    """Copies of up to `most` tensors of one shape, side by side in one piece of memory: nothing is copied twice.

    Where the frames are component-major, so is the memory.
    """

    def __init__(self, most: int):
        self._most, self.taken = most, 0

    def append(self, x: Tensor) -> None:
        if self.taken == 0:
            self._turned = x.ndim == 2 and not x.is_contiguous()
            shape = x.T.shape if self._turned else x.shape
            self._memory = _room((self._most, *shape), x)
        self._memory[self.taken] = x.T if self._turned else x
        self.taken += 1

    def stacked(self) -> Tensor:
        """(F, N, ...); a view, which later frames do not change."""
        frames = self._memory[: self.taken]
        return frames.transpose(1, 2) if self._turned else frames


def _room(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Memory for a path. NumPy asks the system for huge pages, torch does not: ten megabytes of small ones are 2,400
    page faults, which take as long as a fifth of the run that fills them."""
    if like.device.type != "cpu":
        return torch.empty(shape, dtype=like.dtype, device=like.device)
    return torch.from_numpy(np.empty(shape, like.new_empty(0).numpy().dtype))

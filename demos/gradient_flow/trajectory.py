"""What `solve` gives back: the recorded path, what it cost, and how it ended, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Status:
    """How a run ended. `kind` is "finished", "converged", "diverged" or "cancelled"; str() gives the sentence."""

    kind: str
    message: str
    step: int  # the step it ended at, or, where some replicas diverged, the first step at which one did
    diverged: int = 0  # replicas that left every bound

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Trajectory:
    """A recorded path. F frames, N replicas; the first frame is the start, the last is the end.

    times (F,) float64; states (F, N, ...); momenta like states for underdamped methods, else None.
    evaluations: gradient evaluations for each replica. acceptance: the accepted share, for methods that propose.
    steps: steps taken; rejected: steps an error control refused; step_sizes: those an adaptive method took.
    observed: what `observe` gave at each frame, stacked; then `states` holds the start and the end only.
    """

    times: Tensor
    states: Tensor
    status: Status
    evaluations: int
    steps: int
    momenta: Tensor | None = None
    acceptance: float | None = None
    rejected: int = 0
    step_sizes: Tensor | None = None
    observed: Tensor | None = None
    _energy: Callable[[Tensor, float], Tensor] | None = field(default=None, repr=False)

    @cached_property
    def energies(self) -> Tensor | None:
        """E(x, t) at every recorded state, (F, N); None where the flow has only a gradient. Computed when asked."""
        if self._energy is None:
            return None
        times = self.times.tolist()
        times = [times[0], times[-1]] if len(times) != len(self.states) else times
        with torch.no_grad():
            return torch.stack([self._energy(x, t) for x, t in zip(self.states, times, strict=True)])

"""What `solve` gives back: the recorded path, what it cost, and how it ended, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from demos.gradient_flow.shapes import checked_energies


@dataclass(frozen=True)
class Status:
    """How a run ended. `kind` is "finished", "converged", "diverged" or "cancelled"; str() gives the sentence."""

    kind: str
    message: str
    step: int  # the step it ended at, or, where replicas left every bound, the first step at which one did
    diverged: int = 0  # replicas that left every bound, or ended where the energy or its gradient is not finite
    step_limit: float | None = None  # of a run that diverged: the largest stable step, where the method's row knows one

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Trajectory:
    """A recorded path. F frames, N replicas; the first frame is the start, the last is the end (but see `record`).

    times (F,) float64; states (F, N, ...); momenta like states for underdamped methods, else None.
    evaluations: gradient evaluations for each replica. acceptance: the accepted share, for methods that propose.
    steps: steps taken; rejected: steps an error control refused; step_sizes: those an adaptive method took.
    observed: what `observe` gave at each frame, stacked; then `states` holds the start and the end only.

    A pickled path holds its energies instead of the function that gives them.
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
    _state_times: tuple[float, ...] | None = field(default=None, repr=False)  # where they are not `times`

    @cached_property
    def energies(self) -> Tensor | None:
        """E(x, t) at every recorded state, (F, N); None where the flow has only a gradient. Computed when asked.

        Raises ValueError where the energy is not one number for each replica.
        """
        if self._energy is None:
            return None
        times = self.times.tolist() if self._state_times is None else self._state_times
        with torch.no_grad():
            return torch.stack(
                [checked_energies(self._energy(x, t), x) for x, t in zip(self.states, times, strict=True)]
            )

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"energies": self.energies, "_energy": None}

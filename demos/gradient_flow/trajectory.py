"""Trajectory and Status: the result of `solve`."""

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
    """How a run ended. kind: "finished", "converged", "diverged" or "cancelled"; message, also str(): a sentence."""

    kind: str
    message: str
    step: int  # the last step; of a run in which replicas diverged, the first step at which one did
    diverged: int = 0  # the number of replicas that diverged or whose energy or gradient is not finite
    step_limit: float | None = None  # the largest stable step, if the run diverged and the method has a limit

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, eq=False)  # tensors have no single answer to ==
class Trajectory:
    """A recorded path. F frames, N replicas; the first is the start, the last the end (but see `record` of `solve`).

    times (F,) float64; states (F, N, ...); momenta like states for underdamped methods, else None.
    evaluations: gradient evaluations for each replica. acceptance: the accepted fraction, for methods that propose.
    steps: steps taken. rejected: steps refused by the error control. step_sizes: those taken by an adaptive method.
    observed: the values of `observe` at each frame, stacked; `states` then holds the start and the end only.

    A pickled trajectory holds its energies instead of the energy function.
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
    _state_times: tuple[float, ...] | None = field(default=None, repr=False)  # None: they are `times`

    @cached_property
    def energies(self) -> Tensor | None:
        """E(x, t) at every recorded state, (F, N); None if the flow has only a gradient.

        Computed at the first access. Raises ValueError if the energy is not one number for each replica.
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

"""Recording the energy balance of a flow while it runs: E and ⟨∇E, M∇E⟩ after every step, and a few states."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.integrate import cumulative_simpson, cumulative_trapezoid
from torch import Tensor

from demos.physics.bench.dissipation import EnergyBalance

Measure = Callable[[Tensor, float], tuple[Tensor, Tensor]]
"""(x, t) -> E (N,) and ⟨∇E, M∇E⟩ (N,), the latter with the true gradient"""


class EnergyRecorder:
    """An observer for `solve(..., observe=recorder, record="steps")`.

    due: the times of the states to keep, rising; each is the first state at or after its time. A state that a single
    long step skips is kept once; None: all are kept. After the run there are `frames` (F, N, ...) float32 and
    `frame_times` (F,), and of every step `times`, `energies`, `rates` and the `balance`.
    """

    def __init__(self, measure: Measure, due: Sequence[float] | np.ndarray | None = ()):
        self._measure, self._due, self._all = measure, [] if due is None else list(due), due is None
        self._frames: list[Tensor] = []
        self._frame_times: list[float] = []
        self._times = array("d")
        self._rows = array("d")  # E and ⟨∇E, M∇E⟩ of all replicas, step after step: a tensor each would be far larger

    def __call__(self, x: Tensor, t: float) -> float:
        reached = 0
        while reached < len(self._due) and t >= self._due[reached]:
            reached += 1
        if reached or self._all:
            del self._due[:reached]
            self._frames.append(x.detach().to(torch.float32, copy=True))
            self._frame_times.append(t)
        self._times.append(t)
        for row in self._measure(x, t):
            self._rows.extend(row.tolist())
        return 0.0

    @property
    def frames(self) -> np.ndarray:
        return torch.stack(self._frames).numpy()

    @property
    def frame_times(self) -> np.ndarray:
        return np.array(self._frame_times)

    @property
    def times(self) -> np.ndarray:
        """(S + 1,)"""
        return np.array(self._times)

    def _recorded(self) -> np.ndarray:
        """(S + 1, 2, N)"""
        return np.array(self._rows).reshape(len(self._times), 2, -1)

    @property
    def energies(self) -> np.ndarray:
        """(S + 1, N)"""
        return self._recorded()[:, 0]

    @property
    def rates(self) -> np.ndarray:
        """(S + 1, N): ⟨∇E, M∇E⟩"""
        return self._recorded()[:, 1]

    @property
    def balance(self) -> EnergyBalance:
        """∫⟨∇E, M∇E⟩ dt up to each step by Simpson's rule on the steps' own times."""
        times, rates = self.times, self.rates
        rule = cumulative_trapezoid if len(rates) < 3 else cumulative_simpson
        return EnergyBalance(times, self.energies, rule(rates, x=times, axis=0, initial=0.0))

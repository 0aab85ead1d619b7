"""Recording the energy balance of a flow while it runs: E and ⟨∇E, M∇E⟩ after every step, and a few states."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.integrate import cumulative_simpson, cumulative_trapezoid
from torch import Tensor

from demos.physics.bench.dissipation import Descent, EnergyBalance, dissipated_between

Measure = Callable[[Tensor, float], tuple[Tensor, Tensor]]
"""(x, t) -> E (N,) and ⟨∇E, M∇E⟩ (N,), the latter with the true gradient"""


class EnergyRecorder:
    """An observer for `solve(..., observe=recorder, record="steps")`.

    due: the times of the states to keep, rising; each is the first state at or after its time. A state that a single
    long step skips is kept once; None: all are kept. After the run there are `frames` (F, N, ...) float32 and
    `frame_times` (F,), and of every step `times`, `energies`, `rates` and the `balance`.

    descent: what the true flow does at a state. Where it is given, the balance is integrated along the cubic through
    the last two states, as `energy_balance` does it, at the price of five descents a step; else by Simpson's rule on
    the rates at the steps alone, which misses up to a tenth of what falls where steps are long.
    """

    def __init__(
        self,
        measure: Measure,
        due: Sequence[float] | np.ndarray | None = (),
        descent: Descent | None = None,
        retract: Callable[[Tensor], Tensor] | None = None,
    ):
        self._measure, self._due, self._all = measure, [] if due is None else list(due), due is None
        self._descent, self._retract = descent, retract
        self._last: tuple[Tensor, Tensor, float] | None = None  # state, its descent, time
        self._dissipated = array("d")
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
        if self._descent is not None:
            self._integrate(self._descent, x.detach().clone(), t)
        return 0.0

    def _integrate(self, descent: Descent, x: Tensor, t: float) -> None:
        """Add what the step to (x, t) dissipates, for every replica."""
        falls, _ = descent(x)
        if self._last is None:
            self._dissipated.extend([0.0] * len(x))
        else:
            before, falls_before, since = self._last
            h = torch.full((len(x),), t - since, dtype=torch.float64)
            part = dissipated_between(descent, before, x, falls_before, falls, h, self._retract)
            self._dissipated.extend((np.array(self._dissipated[-len(x) :]) + part.numpy()).tolist())
        self._last = x, falls, t

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
        """∫⟨∇E, M∇E⟩ dt up to each step: along cubics where a descent was given, else by Simpson's rule."""
        times, rates = self.times, self.rates
        if self._descent is not None:
            return EnergyBalance(times, self.energies, np.array(self._dissipated).reshape(rates.shape))
        rule = cumulative_trapezoid if len(rates) < 3 else cumulative_simpson
        return EnergyBalance(times, self.energies, rule(rates, x=times, axis=0, initial=0.0))

"""The books of a flow: E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt holds on the true flow, so that what is missing shows its error."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.integrate import cumulative_simpson, cumulative_trapezoid
from torch import Tensor

Measure = Callable[[Tensor, float], tuple[Tensor, Tensor]]
"""(x, t) -> E (N,) and ⟨∇E, M∇E⟩ (N,), the latter with the true gradient"""


class Ledger:
    """An observer for `solve(..., observe=ledger, record="steps")`: books every step, keeps a few states.

    due: the times of the states to keep, rising; each is the first state at or after its time. A state that a single
    long step skips is kept once; None: all are kept. After the run there are `frames` (F, N, ...) float32 and
    `frame_times` (F,).
    """

    def __init__(self, measure: Measure, due: Sequence[float] | None = ()):
        self._measure, self._due, self._all = measure, [] if due is None else list(due), due is None
        self._frames: list[Tensor] = []
        self._frame_times: list[float] = []
        self._times = array("d")
        self._rows = array("d")  # E and ⟨∇E, M∇E⟩ of all replicas, step after step: a tensor each would be far larger

    def __call__(self, x: Tensor, t: float) -> float:
        taken = 0
        while taken < len(self._due) and t >= self._due[taken]:
            taken += 1
        if taken or self._all:
            del self._due[:taken]
            self._frames.append(x.detach().to(torch.float32, copy=True))
            self._frame_times.append(t)
        self._times.append(t)
        for part in self._measure(x, t):
            self._rows.extend(part.tolist())
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

    def _booked(self) -> np.ndarray:
        """(S + 1, 2, N)"""
        return np.array(self._rows).reshape(len(self._times), 2, -1)

    @property
    def energies(self) -> np.ndarray:
        """(S + 1, N)"""
        return self._booked()[:, 0]

    @property
    def rates(self) -> np.ndarray:
        """(S + 1, N): ⟨∇E, M∇E⟩"""
        return self._booked()[:, 1]

    @property
    def dissipated(self) -> np.ndarray:
        """(S + 1, N): ∫⟨∇E, M∇E⟩ dt up to each step, by Simpson's rule on the steps' own times."""
        rates = self.rates
        if len(rates) < 3:
            return cumulative_trapezoid(rates, x=self.times, axis=0, initial=0.0)
        return cumulative_simpson(rates, x=self.times, axis=0, initial=0.0)

    @property
    def residual(self) -> np.ndarray:
        """(S + 1, N): (E(0) − E(t) − ∫⟨∇E, M∇E⟩)/(E(0) − E(t)), 0 where nothing has fallen yet."""
        fallen = self.energies[:1] - self.energies
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (fallen - self.dissipated) / fallen
        return np.where(np.abs(fallen) > 1e-12 * np.abs(self.energies[:1]), share, 0.0)

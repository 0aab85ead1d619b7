"""Recording the energy balance of a flow while it runs: E and ⟨∇E, M∇E⟩ after every step, and a few states."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from scipy.integrate import cumulative_simpson, cumulative_trapezoid
from torch import Tensor

from demos.physics.bench.dissipation import Descent, EnergyBalance, dissipated_between

NODES, WEIGHTS = np.polynomial.legendre.leggauss(3)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2  # on [0, 1]
STEEP = 1.3  # if the rate falls by a larger factor within a step, the quadrature refines towards the step's start
STRAYED = 1.02  # a rate between the ends that exceeds both by this factor does not occur on a path of a gradient flow
FINEST = 4.0**-5  # length of the first part of that refinement, as a fraction of the step


Measure = Callable[[Tensor, float], tuple[Tensor, Tensor]]
"""(x, t) -> E (N,) and the rate ⟨∇E, M∇E⟩ (N,), the latter with the true gradient"""


class PathMeasure(Protocol):
    """A measure of energy and dissipation rate that also knows the path between two states."""

    def __call__(self, x: Tensor, t: float = 0.0) -> tuple[Tensor, Tensor]:
        """E and ⟨∇E, M∇E⟩, (N,) each, of the state x, which becomes the latest."""
        ...

    def rate_between(self, place: float, h: float) -> Tensor:
        """(N,) ⟨∇E, M∇E⟩ at `place` (0 to 1) of the path from the state before to the latest, h apart."""
        ...


class EnergyRecorder:
    """An observer for `solve(..., observe=recorder, record="steps")`.

    due: the times, ascending, at which states are recorded: for each, the first state at or after it (once, if a step
    passes several of them); None records every state. After the run there are `frames` (F, N, ...) float32 and
    `frame_times` (F,), and for every step `times`, `energies`, `rates` and the `balance`.

    ∫⟨∇E, M∇E⟩ dt is computed with the exact gradient along a path between two states: the path of a `PathMeasure`, or,
    where a `descent` is given, the cubic through both states as in `energy_balance` (five evaluations of `descent` a
    step). Otherwise it is Simpson's rule on the rates at the steps alone, whose error reaches a tenth of the energy
    that falls where steps are long.
    """

    def __init__(
        self,
        measure: Measure | PathMeasure,
        due: Sequence[float] | np.ndarray | None = (),
        descent: Descent | None = None,
        retract: Callable[[Tensor], Tensor] | None = None,
    ):
        self._descent, self._retract = descent, retract
        self._knows_path = hasattr(measure, "rate_between")
        self._last: tuple[Tensor, Tensor, float] | None = None  # state, its descent, time
        self._measure, self._due, self._all = measure, [] if due is None else list(due), due is None
        self._frames: list[Tensor] = []
        self._frame_times: list[float] = []
        self._times = array("d")
        self._replicas = 0
        self._rows = array("d")  # three numbers per replica and step: far smaller than a tensor for each

    def __call__(self, x: Tensor, t: float) -> float:
        reached = 0
        while reached < len(self._due) and t >= self._due[reached]:
            reached += 1
        if reached or self._all:
            del self._due[:reached]
            self._frames.append(x.detach().to(torch.float32, copy=True))
            self._frame_times.append(t)
        before = self._rows[-self._replicas :] if self._times else None
        energy, rate = self._measure(x, t)
        dissipated = torch.zeros_like(rate)
        if before is not None and self._knows_path and t != self._times[-1]:
            dissipated = self._along_the_path(torch.tensor(before, dtype=torch.float64), rate, t - self._times[-1])
        elif self._descent is not None:
            dissipated = self._along_the_cubic(self._descent, x.detach().clone(), t)
        self._replicas = len(rate)
        self._times.append(t)
        for row in (energy, dissipated, rate):
            self._rows.extend(row.tolist())
        return 0.0

    def _along_the_path(self, before: Tensor, rate: Tensor, h: float) -> Tensor:
        """(N,) the dissipation over one step, by Simpson's rule with the rate at the middle; where the rate falls fast,
        on parts that become finer towards the start."""
        between = self._measure.rate_between
        mean = _graded(lambda place: between(place, h), before, rate)
        strayed = mean > STRAYED * torch.maximum(before, rate)  # the path oscillates, as after a step too long for it
        return h * torch.where(strayed, _logarithmic_mean(before, rate), mean)

    def _along_the_cubic(self, descent: Descent, x: Tensor, t: float) -> Tensor:
        """(N,) the dissipation over the step to (x, t), by Gauss' rule on Hermite's cubic."""
        falls, _ = descent(x)
        last, self._last = self._last, (x, falls, t)
        if last is None:
            return torch.zeros(len(x), dtype=torch.float64)
        h = torch.full((len(x),), t - last[2], dtype=torch.float64)
        return dissipated_between(descent, last[0], x, last[1], falls, h, self._retract)

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
        """(S + 1, 3, N): E, what the step dissipated, ⟨∇E, M∇E⟩"""
        return np.array(self._rows).reshape(len(self._times), 3, -1)

    @property
    def energies(self) -> np.ndarray:
        """(S + 1, N)"""
        return self._recorded()[:, 0]

    @property
    def rates(self) -> np.ndarray:
        """(S + 1, N): ⟨∇E, M∇E⟩"""
        return self._recorded()[:, 2]

    @property
    def balance(self) -> EnergyBalance:
        """The energy balance at each step."""
        times, rates = self.times, self.rates
        if self._knows_path or self._descent is not None:
            return EnergyBalance(times, self.energies, self._recorded()[:, 1].cumsum(0))
        rule = cumulative_trapezoid if len(rates) < 3 else cumulative_simpson
        return EnergyBalance(times, self.energies, rule(rates, x=times, axis=0, initial=0.0))


def _graded(rate_at: Callable[[float], Tensor], first: Tensor, last: Tensor) -> Tensor:
    """(N,) the mean over [0, 1] of a rate that is `first` at 0 and `last` at 1, integrated in parts from the end to the
    start, each three quarters of the rest, until the rate over the rest falls slowly."""
    total, right = torch.zeros_like(first), 1.0
    while right > FINEST and bool((first > STEEP * last).any()):
        left = right / 4
        here = rate_at(left)
        total += (right - left) * _part(rate_at, left, right, here, last)
        right, last = left, here
    return total + right * _part(rate_at, 0.0, right, first, last)


def _part(rate_at: Callable[[float], Tensor], left: float, right: float, first: Tensor, last: Tensor) -> Tensor:
    """The mean over one part: Simpson's rule, and Gauss's where the rate falls fast in it."""
    if bool((first > STEEP * last).any()):
        places = left + (right - left) * NODES
        return sum(float(w) * rate_at(float(place)) for place, w in zip(places, WEIGHTS, strict=True))
    return (first + 4 * rate_at((left + right) / 2) + last) / 6


def _logarithmic_mean(a: Tensor, b: Tensor) -> Tensor:
    """The mean of a rate that falls exponentially from a to b."""
    a, b = a.clamp_min(1e-300), b.clamp_min(1e-300)
    near = (a - b).abs() < 1e-6 * a
    return torch.where(near, 0.5 * (a + b), (a - b) / (a / torch.where(near, 2 * a, b)).log())

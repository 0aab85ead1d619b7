"""The energy balance of a flow: E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt holds for the exact flow; the residual is a method's error.

A falling energy alone proves little: every stable step lowers it, even if the method is far behind or ahead of the
flow in time. The balance holds for the flow alone. An optimizer has no time and need not satisfy it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint
from demos.gradient_flow import Trajectory
from demos.gradient_flow.mobility import as_mobility
from demos.physics.bench.system import System

NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2  # on [0, 1]
CHUNK = 2**16  # coordinates processed at once: some tens of milliseconds between two progress reports
RESTS = 1e-12  # relative to the energy: a smaller fall is rounding

Descent = Callable[[Tensor], tuple[Tensor, Tensor]]
"""x (N, ...) -> M∇E = −dx/dt, like x, and ⟨∇E, M∇E⟩ (N,), both of the true flow"""


@dataclass(frozen=True)
class EnergyBalance:
    """times (F,); energies and dissipated (F, B): E and ∫⟨∇E, M∇E⟩ dt up to each of B replicas' states."""

    times: np.ndarray
    energies: np.ndarray
    dissipated: np.ndarray

    @property
    def fallen(self) -> np.ndarray:
        """(F, B) E(0) − E(t)"""
        return self.energies[:1] - self.energies

    @property
    def residual(self) -> np.ndarray:
        """(F, B): (E(0) − E(t) − ∫⟨∇E, M∇E⟩)/(E(0) − E(t)). Where the energy has not fallen, it is 0 if the integral is
        0 too, and −1 if not: the state stood still although there was a force."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (self.fallen - self.dissipated) / self.fallen
        return np.where(self.stands, np.where(self.dissipated > self._rounding, -1.0, 0.0), share)

    @property
    def stands(self) -> np.ndarray:
        """(F, B) whether the energy has not changed, within rounding"""
        return np.abs(self.fallen) <= self._rounding

    @property
    def _rounding(self) -> np.ndarray:
        return RESTS * np.abs(self.energies[:1]).clip(1e-300)

    def at(self, indices: np.ndarray) -> EnergyBalance:
        """The balance at some of its times."""
        return EnergyBalance(self.times[indices], self.energies[indices], self.dissipated[indices])


def state_of(x: Tensor, t: float) -> Tensor:
    """For `solve(…, observe=state_of, record="steps")`: the state after each step that the method chose."""
    return x


def energy_balance(system: System, path: Trajectory, progress: Progress | None = None) -> EnergyBalance:
    """The energy balance of a path from its recorded states, or those observed by `state_of`, if they are dense enough.

    Between two states the path is the cubic through both and their time derivatives, projected back to C; the integral
    takes the true gradient at four Gauss points on it. An error of the cubic enters at its fourth order.
    """
    states = path.states if path.observed is None else path.observed
    frames, replicas = states.shape[:2]
    size = max(1, CHUNK // max(1, states[0].numel()))
    energies, shares = [system.energy(states[0])[None]], [torch.zeros(1, replicas, dtype=torch.float64)]
    with torch.no_grad():
        for first in range(0, frames - 1, size):  # many states at once, but not all
            last = min(first + size, frames - 1)
            part, h = states[first : last + 1], path.times[first : last + 1].diff().to(states)
            energies.append(system.energy(part[1:].flatten(0, 1)).reshape(-1, replicas))
            shares.append(_dissipated(system, part, h))
            if progress is not None:
                progress(last / (frames - 1))
    return EnergyBalance(path.times.numpy(), torch.cat(energies).numpy(), torch.cat(shares).cumsum(0).numpy())


def descent_of(system: System) -> Descent:
    """The function state -> (M∇E, ⟨∇E, M∇E⟩) of a system's exact flow, tangent to its constraint set."""
    mobility, project = as_mobility(system.mobility), system.project

    def descent(x: Tensor) -> tuple[Tensor, Tensor]:
        checkpoint()
        gradient = system.gradient(x) if project is None else project.tangent(x, system.gradient(x))
        falls = gradient if mobility is None else mobility.apply(gradient, 0.0)
        if project is not None and mobility is not None:
            falls = project.tangent(x, falls)
        return falls, (gradient * falls).flatten(1).sum(1)

    return descent


def dissipated_between(
    descent: Descent,
    before: Tensor,
    after: Tensor,
    falls_before: Tensor,
    falls_after: Tensor,
    h: Tensor,
    retract: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """(N,) ∫⟨∇E, M∇E⟩ dt along Hermite's cubics from states `before` to `after` (N, ...), h (N,) apart, by Gauss's
    rule; falls_before, falls_after: M∇E at both. An error of the cubic enters at its fourth order."""
    step = h.reshape(-1, *[1] * (before.ndim - 1))
    integral = torch.zeros_like(h)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        x = _cubic(before, after, falls_before, falls_after, float(node), step)
        integral += weight * h * descent(x if retract is None else retract(x))[1].to(h)
    return integral


def _dissipated(system: System, states: Tensor, h: Tensor) -> Tensor:
    """(F − 1, B) ∫⟨∇E, M∇E⟩ dt between each two of the states (F, B, *shape), h (F − 1,) apart."""
    replicas, flat, descent = states.shape[1], states.flatten(0, 1), descent_of(system)
    falls = descent(flat)[0]
    retract = None if system.project is None else system.project.retract
    before, after = (flat[:-replicas], falls[:-replicas]), (flat[replicas:], falls[replicas:])
    h = h.repeat_interleave(replicas)
    integral = dissipated_between(descent, before[0], after[0], before[1], after[1], h, retract)
    return integral.reshape(-1, replicas)


def _cubic(before: Tensor, after: Tensor, descent: Tensor, descent_after: Tensor, place: float, h: Tensor) -> Tensor:
    """Hermite's cubic at `place` (0 to 1) of the step h; the derivatives at its ends are −descent."""
    rest = 1 - place
    return (
        (1 + 2 * place) * rest**2 * before
        + place**2 * (3 - 2 * place) * after
        - h * place * rest * (rest * descent - place * descent_after)
    )

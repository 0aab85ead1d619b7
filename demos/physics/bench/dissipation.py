"""The books of a flow: E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt along the true flow. What does not add up is the method's error.

An energy that falls proves little: every stable step makes it fall, however wrong its clock. This identity holds for
the flow alone. An optimizer, which has no clock of its own, does not keep it and need not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint
from demos.contract import Check
from demos.gradient_flow import Trajectory
from demos.gradient_flow.mobility import as_mobility
from demos.physics.bench.system import System

NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2  # on [0, 1]
CHUNK = 2**16  # coordinates at a time: some tens of milliseconds, between which whoever has left is noticed


@dataclass(frozen=True)
class Books:
    """times (F,); energies and dissipated (F, B): E and ∫⟨∇E, M∇E⟩ dt up to each frame."""

    times: np.ndarray
    energies: np.ndarray
    dissipated: np.ndarray

    @property
    def fallen(self) -> np.ndarray:
        """(F, B) E(0) − E(t)"""
        return self.energies[:1] - self.energies

    @property
    def residual(self) -> np.ndarray:
        """(F, B): (E(0) − E(t) − ∫⟨∇E, M∇E⟩)/(E(0) − E(t)); 0 where nothing has fallen yet."""
        fallen = self.fallen
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (fallen - self.dissipated) / fallen
        return np.where(np.abs(fallen) > 1e-12 * np.abs(self.energies[:1]).clip(1e-300), share, 0.0)

    def check(self, floor: float = 1e-3) -> Check:
        """The largest residual over replicas at the end of the path, which exactly is zero."""
        last = self.residual[-1]
        return Check(
            "dissipation identity",
            float(last[np.abs(last).argmax()]),
            0.0,
            floor=floor,
            source="E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt",
            note="the share of the energy that the path's clock lost",
        )


def every_step(x: Tensor, t: float) -> Tensor:
    """For `solve(…, observe=every_step, record="steps")`: the state after each step that the method chose."""
    return x


def books(system: System, path: Trajectory, progress: Progress | None = None) -> Books:
    """The books of a path in a system, from its recorded states, or those kept by `every_step`; the frames must
    resolve the path.

    Between two frames the path is the cubic through both states and both slopes, brought back to C; the integral
    takes the true gradient at four Gauss points on it. An error of the cubic enters at its fourth order.
    """
    states = path.states if path.observed is None else path.observed
    frames, replicas = states.shape[:2]
    size = max(1, CHUNK // max(1, states[0].numel()))
    energies, shares = [system.energy(states[0])[None]], [torch.zeros(1, replicas, dtype=torch.float64)]
    with torch.no_grad():
        for first in range(0, frames - 1, size):  # many frames are worked off together, but not all
            last = min(first + size, frames - 1)
            part, h = states[first : last + 1], path.times[first : last + 1].diff().to(states)
            energies.append(system.energy(part[1:].flatten(0, 1)).reshape(-1, replicas))
            shares.append(_dissipated(system, part, h))
            if progress is not None:
                progress(last / (frames - 1))
    return Books(path.times.numpy(), torch.cat(energies).numpy(), torch.cat(shares).cumsum(0).numpy())


def _dissipated(system: System, states: Tensor, h: Tensor) -> Tensor:
    """(F − 1, B) ∫⟨∇E, M∇E⟩ dt between each two of the states (F, B, *shape), h (F − 1,) apart."""
    mobility, project = as_mobility(system.mobility), system.project

    def slope_and_rate(x: Tensor) -> tuple[Tensor, Tensor]:
        """M∇E and ⟨∇E, M∇E⟩ (…,)"""
        checkpoint()
        gradient = system.gradient(x) if project is None else project.tangent(x, system.gradient(x))
        slope = gradient if mobility is None else mobility.apply(gradient, 0.0)
        if project is not None and mobility is not None:
            slope = project.tangent(x, slope)
        return slope, (gradient * slope).flatten(1).sum(1)

    replicas, flat = states.shape[1], states.flatten(0, 1)
    slopes = slope_and_rate(flat)[0]
    before, after = flat[:-replicas], flat[replicas:]
    h = h.repeat_interleave(replicas)
    step = h.reshape(-1, *[1] * (flat.ndim - 1))
    share = torch.zeros_like(h)
    for place, weight in zip(NODES, WEIGHTS, strict=True):
        x = _cubic(before, after, slopes[:-replicas], slopes[replicas:], float(place), step)
        share += weight * h * slope_and_rate(x if project is None else project.retract(x))[1]
    return share.reshape(-1, replicas)


def _cubic(before: Tensor, after: Tensor, slope: Tensor, slope_after: Tensor, place: float, h: Tensor) -> Tensor:
    """Hermite's cubic at a share `place` of the step h; dx/dt = −slope."""
    rest = 1 - place
    return (
        (1 + 2 * place) * rest**2 * before
        + place**2 * (3 - 2 * place) * after
        - h * place * rest * (rest * slope - place * slope_after)
    )

"""The exact flow dx = −∇E dt beneath every path: SciPy's LSODA at a tight tolerance, or its BDF where LSODA stays with
a method that stiffness stops. Along a kink that is a line neither gets on: the slope is made continuous there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.descent.surfaces import scale_of
from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import EnergySurface

RTOL, ATOL = 1e-9, 1e-2  # ATOL in parts of the view and of RTOL
FAR = 10.0  # views from the origin: beyond it a path has left, and time is stretched so that nothing explodes
TIP = 1e-4  # views: within it the slope of a kink is made to fall to 0, as a minimum's does
MOST_EVALUATIONS = 12_000
LOOK_EVERY = 2_000  # evaluations, after as many for a fast beginning
SLOW = 30.0  # × MOST_EVALUATIONS: what is left would take so many at this pace
GRAIN = 2.0**-44  # of the whole time: recorded times closer than this are one


class FlowIsLostError(Exception):
    """The flow takes more evaluations than are allowed."""


@dataclass(frozen=True, eq=False)
class Flow:
    """times (R,), states (R, N, 2); nan from where a path has left. is_lost: it could not be followed, all are nan.
    is_rounded: followed over kinks that are rounded within TIP views."""

    times: np.ndarray
    states: np.ndarray
    is_lost: bool = False
    is_rounded: bool = False

    def at(self, times: np.ndarray) -> np.ndarray:
        """States (…, N, 2) at times that were asked for; the nearest recorded ones."""
        right = np.clip(np.searchsorted(self.times, times), 1, len(self.times) - 1)
        left_nearer = times - self.times[right - 1] < self.times[right] - times
        return self.states[right - left_nearer]

    @property
    def known(self) -> bool:
        return bool(np.isfinite(self.states[-1]).any())


def exact_flow(
    surface: EnergySurface,
    starts: Tensor,
    times: np.ndarray,
    field: Callable[[Tensor, float], Tensor] | None = None,
    rtol: float = RTOL,
) -> Flow:
    """From starts (N, 2), recorded at these times (any order; 0 is added).

    field: −dx/dt, where it is not ∇E; the curvature is then taken by differences.
    """
    end = float(np.max(times))
    due = np.unique(np.rint(np.append(times, 0.0) / (GRAIN * end))) * (GRAIN * end)
    due[-1] = end
    scale = scale_of(surface)
    smooth = field is None and not kinks_of(surface)
    attempts: list[tuple[str, Callable[..., Tensor], bool]] = [("lsoda", field or surface.gradient, smooth)]
    attempts += [("bdf", field or surface.gradient, smooth)] if smooth or field is not None else []
    attempts += [("bdf", rounded(surface), False)] if field is None else []
    for method, slope, has_hessian in attempts:
        flow = GradientFlow(gradient=tamed(surface, slope, end), hessian=surface.hessian if has_hessian else None)
        try:
            path = solve(
                flow, starts, [0.0, end], method,
                record=due.tolist(), rtol=rtol, atol=rtol * ATOL * scale, progress=_leave,
            )  # fmt: skip
        except FlowIsLostError:
            continue
        states = np.full((len(due), *starts.shape), np.nan)
        taken = path.states.numpy()[: len(due)]
        if path.status.kind == "finished":
            states[: len(taken)] = taken
        else:  # the last frame is where it ended
            states[: len(taken) - 1] = taken[:-1]
        states[np.abs(states).max(axis=-1) > FAR * scale] = np.nan
        return Flow(due, states, is_rounded=slope not in (field, surface.gradient))
    return Flow(due, np.full((len(due), *starts.shape), np.nan), is_lost=True)


def _leave(done: float) -> None:
    checkpoint()


def kinks_of(surface: EnergySurface) -> list[tuple[float, float]]:
    """Minima at the tip of a cone: they have no curvature."""
    return [place.position for place in surface.minima if not np.isfinite(place.eigenvalues[0])]


def rounded(surface: EnergySurface) -> Callable[..., Tensor]:
    """(E(x + δeᵢ) − E(x − δeᵢ))/2δ: the mean of ∂E/∂xᵢ over ±δ, δ = TIP views, which is continuous across a kink."""
    delta = TIP * scale_of(surface)

    def slope(x: Tensor, t: float) -> Tensor:
        ahead, behind = (
            torch.stack([surface.energy(x + sign * delta * axis) for axis in torch.eye(2, dtype=x.dtype)], dim=1)
            for sign in (1, -1)
        )
        return (ahead - behind) / (2 * delta)

    return slope


def tamed(surface: EnergySurface, gradient: Callable[..., Tensor], end: float) -> Callable[[Tensor, float], Tensor]:
    """The gradient, weaker far outside (where paths are cut) and at the tips of cones; the lines of descent stay.

    At 2 FAR it is 0, so that what explodes in finite time comes to rest there.
    Raises FlowIsLostError when it was asked for too often, or when the way to the time `end` is hopelessly slow.
    """
    far, near = FAR * scale_of(surface), TIP * scale_of(surface)
    tips = [torch.tensor(tip, dtype=torch.float64) for tip in kinks_of(surface)]
    asked, before = 0, 0.0

    def slope(x: Tensor, t: float) -> Tensor:
        nonlocal asked, before
        asked += 1
        if asked > MOST_EVALUATIONS:
            raise FlowIsLostError
        if asked % LOOK_EVERY == 0:
            pace = (t - before) / LOOK_EVERY
            if asked > LOOK_EVERY and pace * SLOW * MOST_EVALUATIONS < end - t:
                raise FlowIsLostError
            before = t
        g = gradient(x, t)
        if float(x.abs().max()) > far:
            size = x.abs().amax(-1, keepdim=True)
            g = g * (2 - size / far).clamp(0.0, 1.0) ** 2
        for tip in tips:
            g = g * ((x - tip).norm(dim=-1, keepdim=True) / near).clamp_max(1.0)
        return g

    return slope

"""The exact flow dx = −∇E dt beneath every path: SciPy's LSODA at a tight tolerance."""

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
MOST_EVALUATIONS = 40_000  # along a kink that is a line, no step is short enough
GRAIN = 2.0**-44  # of the whole time: recorded times closer than this are one


class FlowIsLostError(Exception):
    """The flow takes more evaluations than are allowed."""


@dataclass(frozen=True, eq=False)
class Flow:
    """times (R,), states (R, N, 2); nan from where a path has left or could not be followed."""

    times: np.ndarray
    states: np.ndarray

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
    slope = tamed(surface, field or surface.gradient)
    flow = GradientFlow(gradient=slope, hessian=surface.hessian if field is None and not kinks_of(surface) else None)
    states = np.full((len(due), *starts.shape), np.nan)
    try:
        path = solve(
            flow, starts, [0.0, end], "lsoda", record=due.tolist(), rtol=rtol, atol=rtol * ATOL * scale, progress=_leave
        )
    except FlowIsLostError:
        return Flow(due, states)
    taken = path.states.numpy()[: len(due)]
    if path.status.kind == "finished":
        states[: len(taken)] = taken
    else:  # the last frame is where it ended
        states[: len(taken) - 1] = taken[:-1]
    states[np.abs(states).max(axis=-1) > FAR * scale] = np.nan
    return Flow(due, states)


def _leave(done: float) -> None:
    checkpoint()


def kinks_of(surface: EnergySurface) -> list[tuple[float, float]]:
    """Minima at the tip of a cone: they have no curvature."""
    return [place.position for place in surface.minima if not np.isfinite(place.eigenvalues[0])]


def tamed(surface: EnergySurface, gradient: Callable[..., Tensor]) -> Callable[[Tensor, float], Tensor]:
    """The gradient, weaker far outside (where paths are cut) and at the tips of cones; the lines of descent stay."""
    far, near = FAR * scale_of(surface), TIP * scale_of(surface)
    tips = [torch.tensor(tip, dtype=torch.float64) for tip in kinks_of(surface)]
    asked = 0

    def slope(x: Tensor, t: float) -> Tensor:
        nonlocal asked
        asked += 1
        if asked > MOST_EVALUATIONS:
            raise FlowIsLostError
        g = gradient(x, t)
        size = x.abs().amax(-1, keepdim=True)
        if float(size.max()) > far:
            g = g * (far / size.clamp_min(far)) ** 8
        for tip in tips:
            g = g * ((x - tip).norm(dim=-1, keepdim=True) / near).clamp_max(1.0)
        return g

    return slope

"""The exact flow dx = −∇E dt, by SciPy's LSODA with a tight tolerance.

BDF is used if LSODA does not switch to its stiff method and gets too slow. Both fail along a line on which the gradient
jumps (a kink); the gradient is then smoothed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.descent.lsoda import Field, lsoda
from demos.descent.surfaces import scale_of
from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import EnergySurface

RTOL, ATOL = 1e-9, 1e-2  # the absolute tolerance is ATOL × RTOL × view diagonal
FAR = 10.0  # view diagonals from the origin: a path farther out has left; the gradient is reduced there
TIP = 1e-4  # view diagonals: within this distance of a kink the gradient is reduced to 0
MOST_EVALUATIONS = 12_000
LOOK_EVERY = 2_000  # evaluations between two tests of the pace; the first interval is not tested
SLOW = 30.0  # × MOST_EVALUATIONS: the flow is given up if at this pace it would need more
GRAIN = 2.0**-44  # relative to the whole time: recorded times that are closer are merged


Integrator = Callable[[Field, Field | None, Tensor, np.ndarray, float, float], np.ndarray]


class FlowIsLostError(Exception):
    """Raised if the flow needs more gradient evaluations than allowed."""


@dataclass(frozen=True, eq=False)
class Flow:
    """The exact flow of all starts.

    times (R,). states (R, N, 2): nan from the time when a path has left. is_lost: the flow could not be computed, and
    all states are nan. is_rounded: it was computed with a gradient that is smoothed over TIP view diagonals.
    """

    times: np.ndarray
    states: np.ndarray
    is_lost: bool = False
    is_rounded: bool = False

    def at(self, times: np.ndarray) -> np.ndarray:
        """The states (…, N, 2) recorded nearest to these times (…)."""
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
    """The exact flow from starts (N, 2), recorded at these times (in any order; 0 is added).

    field: −dx/dt if it is not ∇E; its Jacobian is then computed by finite differences. rtol: the relative tolerance.
    """
    end = float(np.max(times))
    due = np.unique(np.rint(np.append(times, 0.0) / (GRAIN * end))) * (GRAIN * end)
    due[-1] = end
    scale = scale_of(surface)
    smooth = field is None and not kinks_of(surface)
    attempts: list[tuple[Integrator, Callable[..., Tensor], bool]] = [(lsoda, field or surface.gradient, smooth)]
    attempts += [(_bdf, field or surface.gradient, smooth)] if smooth or field is not None else []
    attempts += [(_bdf, rounded(surface), False)] if field is None else []
    for integrate, gradient, has_hessian in attempts:
        hessian = surface.hessian if has_hessian else None
        try:
            states = integrate(tamed(surface, gradient, end), hessian, starts, due, rtol, rtol * ATOL * scale)
        except FlowIsLostError:
            continue
        states[np.abs(states).max(axis=-1) > FAR * scale] = np.nan
        return Flow(due, states, is_rounded=gradient not in (field, surface.gradient))
    return Flow(due, np.full((len(due), *starts.shape), np.nan), is_lost=True)


def _bdf(gradient: Field, hessian: Field | None, starts: Tensor, times: np.ndarray, rtol: float, atol: float):
    """The states (R, N, 2) at these times, nan from the time at which the method found no further step."""
    path = solve(
        GradientFlow(gradient=gradient, hessian=hessian), starts, [0.0, float(times[-1])], "bdf",
        record=times.tolist(), rtol=rtol, atol=atol, progress=_leave,
    )  # fmt: skip
    states = np.full((len(times), *starts.shape), np.nan)
    taken = path.states.numpy()[: len(times)]
    if path.status.kind == "finished":
        states[: len(taken)] = taken
    else:  # the last frame is at the time when it ended
        states[: len(taken) - 1] = taken[:-1]
    return states


def _leave(done: float) -> None:
    checkpoint()


def kinks_of(surface: EnergySurface) -> list[tuple[float, float]]:
    """The positions of minima at the tip of a cone, which have no Hessian."""
    return [place.position for place in surface.minima if not np.isfinite(place.eigenvalues[0])]


def rounded(surface: EnergySurface) -> Callable[..., Tensor]:
    """(E(x + δeᵢ) − E(x − δeᵢ))/2δ, δ = TIP view diagonals: the mean of ∂E/∂xᵢ over ±δ, continuous across a kink."""
    delta = TIP * scale_of(surface)

    def mean_gradient(x: Tensor, t: float) -> Tensor:
        ahead, behind = (
            torch.stack([surface.energy(x + sign * delta * axis) for axis in torch.eye(2, dtype=x.dtype)], dim=1)
            for sign in (1, -1)
        )
        return (ahead - behind) / (2 * delta)

    return mean_gradient


def tamed(surface: EnergySurface, gradient: Callable[..., Tensor], end: float) -> Callable[[Tensor, float], Tensor]:
    """The gradient times a factor ≤ 1, which is small far outside and at the tips of cones; same paths.

    At 2 FAR the factor is 0, so that a flow that would diverge in finite time stops there. The function raises
    FlowIsLostError after too many evaluations, or if the flow would reach the time `end` much too slowly.
    """
    far, near = FAR * scale_of(surface), TIP * scale_of(surface)
    tips = [torch.tensor(tip, dtype=torch.float64) for tip in kinks_of(surface)]
    evaluations, before = 0, 0.0

    def tamed_gradient(x: Tensor, t: float) -> Tensor:
        nonlocal evaluations, before
        evaluations += 1
        if evaluations > MOST_EVALUATIONS:
            raise FlowIsLostError
        if evaluations % LOOK_EVERY == 0:
            pace = (t - before) / LOOK_EVERY
            if evaluations > LOOK_EVERY and pace * SLOW * MOST_EVALUATIONS < end - t:
                raise FlowIsLostError
            before = t
        g = gradient(x, t)
        points = x.numpy().ravel()
        if not points @ points <= far * far and float(x.abs().max()) > far:  # the sum of squares costs a tenth of it
            size = x.abs().amax(-1, keepdim=True)
            g = g * (2 - size / far).clamp(0.0, 1.0) ** 2
        for tip in tips:
            g = g * ((x - tip).norm(dim=-1, keepdim=True) / near).clamp_max(1.0)
        return g

    return tamed_gradient

"""LSODA through given times, for many small systems at once: SciPy's own loop, which calls back for velocities only.

`solve` with the method "lsoda" gives the same path; it steps in Python, which takes five times as long for 64 starts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.integrate import ode
from torch import Tensor

from demos.common.progress import checkpoint

MOST_STEPS = 100_000  # steps of LSODA between two recorded times; gradients are counted by the caller

Field = Callable[[Tensor, float], Tensor]


def lsoda(
    gradient: Field, hessian: Field | None, starts: Tensor, times: np.ndarray, rtol: float, atol: float
) -> np.ndarray:
    """dx/dt = −gradient(x, t) from starts (N, 2) float64 at the first of the rising times (R,).

    hessian: (x, t) -> (N, 2, 2), by which LSODA solves its implicit steps; None: finite differences. Returns the states
    (R, N, 2), nan from the time at which LSODA found no further step. Raises what the gradient raises.
    """
    raised: list[BaseException] = []

    def velocity(t: float, flat: np.ndarray) -> np.ndarray:
        try:
            x = torch.from_numpy(flat.reshape(-1, 2).copy())  # LSODA writes into its own array
            return -gradient(x, t).numpy().reshape(-1)
        except BaseException as error:
            raised.append(error)
            raise

    def banded(t: float, flat: np.ndarray) -> np.ndarray:
        """∂ẋᵢ/∂xⱼ in row i − j + 1, column j."""
        blocks = -hessian(torch.from_numpy(flat.reshape(-1, 2).copy()), t).numpy()  # type: ignore[misc]
        packed = np.zeros((3, len(flat)))
        packed[0, 1::2], packed[2, ::2] = blocks[:, 0, 1], blocks[:, 1, 0]
        packed[1] = blocks[:, (0, 1), (0, 1)].reshape(-1)
        return packed

    solver = ode(velocity, None if hessian is None else banded)
    solver.set_integrator("lsoda", rtol=rtol, atol=atol, lband=1, uband=1, nsteps=MOST_STEPS)
    solver.set_initial_value(starts.numpy().reshape(-1), float(times[0]))
    states = np.full((len(times), *starts.shape), np.nan)
    states[0] = starts.numpy()
    with np.errstate(all="ignore"):
        for row, t in zip(states[1:], times[1:].tolist(), strict=True):
            checkpoint()
            reached = solver.integrate(t)
            if raised:
                raise raised[0]
            if not solver.successful() or not np.isfinite(reached).all():
                break
            row[:] = reached.reshape(row.shape)
    return states

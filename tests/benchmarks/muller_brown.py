"""Gradient descent on the Müller–Brown surface: 10,000 points, t from 0 to 0.02, tolerances 1e-6, float64.

Points start uniformly in [−1.5, 1.2] × [−0.2, 2]. What each contestant gives is compared with DOP853 at 1e-12.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from scipy.integrate import solve_ivp

from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import LANDSCAPES
from tests.benchmarks.race import Contestant

N, END, TOLERANCE = 10_000, 0.02, 1e-6
A = np.array([-200.0, -100.0, -170.0, 15.0])
a, b, c = np.array([-1, -1, -6.5, 0.7]), np.array([0, 0, 11, 0.6]), np.array([-10, -10, -6.5, 0.7])
X, Y = np.array([1, 0, -0.5, -1.0]), np.array([0, 0.5, 1.5, 1.0])
SURFACE = LANDSCAPES["muller_brown"]


@cache
def start() -> np.ndarray:
    """(2, N)"""
    return np.random.default_rng(0).uniform([[-1.5], [-0.2]], [[1.2], [2.0]], (2, N))


def numpy_slope(rows: np.ndarray) -> np.ndarray:
    """−∇E with the four terms one after the other, (2, N) to (2, N): NumPy as one writes it, without waste."""
    x, y = rows
    slope = np.zeros_like(rows)
    for k in range(4):
        dx, dy = x - X[k], y - Y[k]
        term = A[k] * np.exp(a[k] * dx * dx + b[k] * dx * dy + c[k] * dy * dy)
        slope[0] -= term * (2 * a[k] * dx + b[k] * dy)
        slope[1] -= term * (b[k] * dx + 2 * c[k] * dy)
    return slope


def torch_slope(rows: torch.Tensor) -> torch.Tensor:
    """−∇E by the landscape's own gradient, (2, N) to (2, N)."""
    return -SURFACE.gradient(rows.T).T


@cache
def truth() -> np.ndarray:
    """(2, N) from DOP853 at 1e-12; 40 groups of points, because one step size for all would take minutes."""
    field = lambda t, flat: numpy_slope(flat.reshape(2, -1)).ravel()
    parts = [
        solve_ivp(field, (0, END), part.ravel(), "DOP853", rtol=1e-12, atol=1e-12).y[:, -1].reshape(2, -1)
        for part in np.split(start(), 40, axis=1)
    ]
    return np.concatenate(parts, axis=1)


def judged(end: np.ndarray, evaluations: int) -> tuple[bool, str]:
    """Right: 99.9 % of the points within 1e-4, and none farther than 1e-2 (points near a ridge tell errors apart)."""
    error = np.abs(end - truth()).max(axis=0)
    words = (
        f"{evaluations} evaluations, error: largest {error.max():.1e}, 99.9 % {np.quantile(error, 0.999):.1e}, "
        f"median {np.median(error):.1e}"
    )
    return bool(error.max() < 1e-2 and np.quantile(error, 0.999) < 1e-4), words


def ours(frames: int = 2) -> Contestant:
    flow = GradientFlow(energy=SURFACE.energy, gradient=SURFACE.gradient)
    points = torch.from_numpy(start()).T

    def run():
        return solve(flow, points, [0.0, END], "dopri5", rtol=TOLERANCE, atol=TOLERANCE, record=frames)

    name = "dopri5" if frames == 2 else f"dopri5, {frames} frames"
    return Contestant(name, run, lambda path: judged(path.states[-1].T.numpy(), path.evaluations))


def ours_recording() -> Contestant:
    return ours(120)


def scipy_rk45(slope: Callable[[np.ndarray], np.ndarray], name: str, frames: int = 0) -> Contestant:
    def field(t: float, flat: np.ndarray) -> np.ndarray:
        return slope(flat.reshape(2, N)).ravel()

    times = np.linspace(0, END, frames) if frames else None
    run = lambda: solve_ivp(field, (0, END), start().ravel(), "RK45", times, rtol=TOLERANCE, atol=TOLERANCE)
    return Contestant(name, run, lambda path: judged(path.y[:, -1].reshape(2, N), path.nfev))


def scipy_numpy() -> Contestant:
    return scipy_rk45(numpy_slope, "SciPy RK45")


def scipy_same() -> Contestant:
    """SciPy with the very gradient that our solver has."""
    return scipy_rk45(lambda rows: torch_slope(torch.from_numpy(rows)).numpy(), "SciPy RK45, our gradient")


def scipy_recording() -> Contestant:
    return scipy_rk45(
        lambda rows: torch_slope(torch.from_numpy(rows)).numpy(), "SciPy RK45, our gradient, 120 frames", 120
    )


def torchdiffeq_dopri5() -> Contestant:
    """With our gradient as well. Its own first step underflows on these points, so one is given."""
    from torchdiffeq import odeint

    count = 0

    def field(t, rows):
        nonlocal count
        count += 1
        return torch_slope(rows)

    points, ends = torch.from_numpy(start()), torch.tensor([0.0, END], dtype=torch.float64)

    def run() -> tuple[np.ndarray, int]:
        nonlocal count
        count = 0
        with torch.no_grad():
            end = odeint(
                field, points, ends, rtol=TOLERANCE, atol=TOLERANCE, method="dopri5", options={"first_step": 1e-6}
            )[-1]
        return end.numpy(), count

    return Contestant("torchdiffeq dopri5", run, lambda found: judged(*found))


def diffrax_dopri5() -> Contestant:
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def field(t, rows, args):
        dx, dy = rows[0] - X[:, None], rows[1] - Y[:, None]
        term = A[:, None] * jnp.exp(a[:, None] * dx * dx + b[:, None] * dx * dy + c[:, None] * dy * dy)
        return -jnp.stack(
            (
                (term * (2 * a[:, None] * dx + b[:, None] * dy)).sum(0),
                (term * (b[:, None] * dx + 2 * c[:, None] * dy)).sum(0),
            )
        )

    @jax.jit
    def run(rows):
        path = diffrax.diffeqsolve(
            diffrax.ODETerm(field),
            diffrax.Dopri5(),
            0.0,
            END,
            1e-6,
            rows,
            saveat=diffrax.SaveAt(t1=True),
            stepsize_controller=diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE),
            adjoint=diffrax.DirectAdjoint(),
        )
        return path.ys[0], path.stats["num_steps"]

    points = jnp.asarray(start())

    def once() -> tuple[np.ndarray, int]:
        end, steps = run(points)
        return np.asarray(end), 6 * int(steps) + 1

    return Contestant("diffrax Dopri5", once, lambda found: judged(*found))

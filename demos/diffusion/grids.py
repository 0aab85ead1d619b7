"""Grids of noise levels for the samplers: σ₀ > … > σ_{n−1} > 0, and then 0.

Each grid has the given endpoints exactly and chooses only the levels between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from demos.diffusion.processes import Process

COSINE_OFFSET = 0.008  # s of Nichol & Dhariwal 2021


def karras(high: float, low: float, count: int, rho: float = 7.0) -> np.ndarray:
    """(σ_max^{1/ρ} + i/(n−1) (σ_min^{1/ρ} − σ_max^{1/ρ}))^ρ (Karras et al. 2022, eq. 5). (count,), falling."""
    return _with_endpoints(np.linspace(high ** (1 / rho), low ** (1 / rho), count) ** rho, high, low)


def log_linear(high: float, low: float, count: int) -> np.ndarray:
    """Equal steps of log σ."""
    return _with_endpoints(np.geomspace(high, low, count), high, low)


def cosine(high: float, low: float, count: int, sigma_data: float) -> np.ndarray:
    """Equal steps of t in ᾱ = cos²((t + s)/(1 + s) π/2) (Nichol & Dhariwal 2021, arXiv:2102.09672, eq. 17), with
    σ/σ_data = √(1/ᾱ − 1).

    The levels are clipped to [low, high]. In the paper, with 1,000 steps and β ≤ 0.999, the last step goes from
    σ = 642 to 20,291; without that bound on β it would go to infinity."""
    full = lambda t: (t + COSINE_OFFSET) / (1 + COSINE_OFFSET) * math.pi / 2
    top = math.cos(full(0.0)) ** 2
    time = lambda sigma: math.acos(math.sqrt(top / (1 + (sigma / sigma_data) ** 2)))
    angles = np.linspace(time(high), time(low), count)
    return _with_endpoints(sigma_data * np.sqrt(np.maximum(top / np.cos(angles) ** 2 - 1, 0.0)), high, low)


def in_time(high: float, low: float, count: int, process: Process) -> np.ndarray:
    """Equal steps of the process's time, as in DDPM with linear β and in the first score SDEs."""
    times = np.linspace(process.time(high), process.time(low), count)
    return _with_endpoints(np.array([process.sigma(t) for t in times]), high, low)


GRIDS: dict[str, str] = {
    "karras": "Karras (ρ)",
    "log": "Log-linear",
    "cosine": "Cosine (clipped)",
    "time": "Linear in the process's time",
}


def levels(kind: str, process: Process, high: float, low: float, steps: int, rho: float = 7.0) -> np.ndarray:
    """(steps + 1,) noise levels from `high` down to `low`, and then 0: `steps` steps in all, the last one to 0.

    kind: a key of GRIDS. Raises ValueError unless 0 < low < high and steps ≥ 1.
    """
    if not 0 < low < high or steps < 1:
        raise ValueError(f"{steps} steps from σ = {high:g} to {low:g}: at least one step, and levels that fall.")
    makers: dict[str, Callable[[], np.ndarray]] = {
        "karras": lambda: karras(high, low, steps, rho),
        "log": lambda: log_linear(high, low, steps),
        "cosine": lambda: cosine(high, low, steps, process.sigma_data),
        "time": lambda: in_time(high, low, steps, process),
    }
    return np.append(makers[kind](), 0.0)


def _with_endpoints(grid: np.ndarray, high: float, low: float) -> np.ndarray:
    """The grid with its endpoints set exactly, without rounding; a grid of one level is `high`."""
    grid[-1], grid[0] = low, high
    return grid

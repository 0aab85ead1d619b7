"""Runs of the soap film, and its critical points with their certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import pandas as pd
import torch
from scipy.linalg import eigvalsh_tridiagonal, solve_banded
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import Trajectory, solve
from demos.physics.bench.ledger import Ledger
from demos.physics.soap_film.catenoid import CRITICAL_SEPARATION
from demos.physics.soap_film.model import SoapFilm


@dataclass(frozen=True)
class FilmRun:
    """profiles (F, links + 1) at even frame_times (F,), heights (links + 1,); times, areas, residual at every step."""

    path: Trajectory
    heights: np.ndarray
    profiles: np.ndarray
    frame_times: np.ndarray
    times: np.ndarray
    areas: np.ndarray
    residual: np.ndarray


@dataclass(frozen=True)
class CriticalPoint:
    """radii (links − 1,), largest gradient, and how many directions go down: 0 for a minimum, 1 for a pass."""

    radii: np.ndarray
    gradient: float
    downhill: int
    softest: float  # the smallest eigenvalue of the Hessian

    @property
    def neck(self) -> float:
        return float(self.radii[len(self.radii) // 2])


def run_film(
    film: SoapFilm,
    start: Tensor,
    end: float,
    frames: int = 120,
    progress: Progress | None = None,
    tolerance: float = 1e-5,
    metric: str = "curvature",
) -> FilmRun:
    """Follow one film (1, links − 1) by error-controlled stabilized steps; a film that snaps ends on the axis.

    metric: "curvature", as films move, or "radius": ∫dr² 2π dz, in which a film that has snapped creeps to its rings.
    """
    measure, flow = (
        (film.curvature_measure, film.curvature_flow())
        if metric == "curvature"
        else (film.measure, film.system().flow())
    )
    ledger = Ledger(measure, None)
    path = solve(
        flow,
        start,
        [0.0, end],
        "rkc",
        record="steps",
        observe=ledger,
        progress=progress,
        rtol=tolerance,
        atol=tolerance,
    )
    taken = film.profile(torch.from_numpy(ledger.frames[:, 0]).double()).numpy()
    times = np.linspace(0, ledger.times[-1], frames)
    profiles = np.stack([np.interp(times, ledger.times, radius) for radius in taken.T], axis=1)
    return FilmRun(
        path, film.heights.numpy(), profiles, times, ledger.times, ledger.energies[:, 0], ledger.residual[:, 0]
    )


def critical_point(film: SoapFilm, radii: np.ndarray, rounds: int = 60) -> CriticalPoint:
    """Newton from radii (links − 1,) to a critical point of the area nearby, be it a minimum or the pass.

    Raises ValueError where it does not settle.
    """
    x = torch.from_numpy(np.array(radii, dtype=float))[None]
    scale = 2 * pi * film.spacing
    for _ in range(rounds):
        gradient = film.gradient(x)[0].numpy()
        diagonal, beside = (band[0].numpy() for band in film.bands(x))
        bands = np.zeros((3, len(diagonal)))
        bands[0, 1:], bands[1], bands[2, :-1] = beside, diagonal, beside
        step = solve_banded((1, 1), bands, -gradient)
        longest = np.abs(step).max()
        x = x + torch.from_numpy(step * min(1.0, 0.1 / max(longest, 1e-300)))
        if longest < 1e-13 or not np.isfinite(longest):
            break
    gradient = film.gradient(x)[0].abs().max()
    if not float(gradient) < 1e-9 * scale or float(x.min()) <= 0:
        raise ValueError(f"no catenoid near this film: Newton left a gradient of {float(gradient) / scale:.1e}.")
    diagonal, beside = (band[0].numpy() for band in film.bands(x))
    values = eigvalsh_tridiagonal(diagonal, beside)
    return CriticalPoint(x[0].numpy(), float(gradient), int((values < 0).sum()), float(values[0]))


def critical_slowing(
    factors: Sequence[float] = (1.003, 1.01, 1.03, 1.1), links: int = 60, progress: Progress | None = None
) -> pd.DataFrame:
    """How long a film lingers before it snaps, past the critical distance s_c; tidy: factor (s/s_c), time.

    A saddle-node ghost: the time grows as (s/s_c − 1)^(−1/2). Strogatz, Nonlinear Dynamics and Chaos (2015), §4.3.
    """
    rows = []
    for i, factor in enumerate(factors):
        film = SoapFilm(CRITICAL_SEPARATION * factor, links)
        share = None if progress is None else lambda done, i=i: progress((i + done) / len(factors))
        run = run_film(film, film.starts()["cylinder"](0, 1), 1 + 2 / sqrt(factor - 1), 1000, share, metric="radius")
        if run.path.status.kind == "cancelled":
            break
        closed = run.profiles[:, links // 2] < 0.05
        rows.append({"factor": factor, "time": float(run.frame_times[closed][0]) if closed.any() else np.nan})
    return pd.DataFrame(rows)

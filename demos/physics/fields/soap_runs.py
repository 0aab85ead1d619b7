"""Runs of the soap film that a page shows, its critical points with their certificate, and its discrete catenoids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import pandas as pd
import torch
from scipy.linalg import eigvalsh_tridiagonal, solve_banded
from scipy.optimize import minimize_scalar
from torch import Tensor

from demos.demo import Check
from demos.gradient_flow import Trajectory, solve
from demos.physics.fields.catenoid import CRITICAL_SEPARATION, catenoids
from demos.physics.fields.ledger import Ledger
from demos.physics.fields.soap_film import THREAD, SoapFilm


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
    checks: tuple[Check, ...]


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
        film: SoapFilm, start: Tensor, end: float, frames: int = 120,
        progress: Callable[[float], bool | None] | None = None, tolerance: float = 1e-5, metric: str = "curvature"
        ) -> FilmRun:
    """Follow one film (1, links − 1) by error-controlled stabilized steps; a film that snaps ends on the axis.

    metric: "curvature", as films move, or "radius": ∫dr² 2π dz, in which a film that has snapped creeps to its rings.
    """
    measure, flow = (film.curvature_measure, film.curvature_flow()) if metric == "curvature" else (
        film.measure, film.system().flow())
    ledger = Ledger(measure, None)
    path = solve(flow, start, [0.0, end], "rkc", record="steps", observe=ledger, progress=progress, rtol=tolerance,
                 atol=tolerance)
    taken = film.profile(torch.from_numpy(ledger.frames[:, 0]).double()).numpy()
    times = np.linspace(0, ledger.times[-1], frames)
    profiles = np.stack([np.interp(times, ledger.times, radius) for radius in taken.T], axis=1)
    return FilmRun(path, film.heights.numpy(), profiles, times, ledger.times, ledger.energies[:, 0],
                   ledger.residual[:, 0], film_checks(film, path.states[-1]))


def film_checks(film: SoapFilm, x: Tensor) -> tuple[Check, ...]:
    """Neck and area of one state (1, links − 1) beside the catenoid's, or beside two discs where it has snapped.

    floor: what the polygon of `links` pieces itself is away, measured on the exact discrete catenoid, plus the flow's
    own distance from rest.
    """
    area, neck = float(film.energy(x)), float(x[0, x.shape[1] // 2])
    found = catenoids(film.separation)
    if not found or neck < THREAD:
        discs = 2 * pi * (sqrt(1 + film.spacing**2) - 1)
        return (Check("area", area, 2 * pi, floor=discs + 1e-5, source="two discs, Goldschmidt 1831"),
                Check("neck", neck, 0.0, floor=1e-6, source="two discs"))
    best = critical_point(film, film.starts()["stable"](0, 1)[0].numpy())
    polygon = torch.from_numpy(best.radii)[None]
    return (
        Check("area", area, found[0].area, floor=1.01 * abs(float(film.energy(polygon)) - found[0].area) + 1e-5,
              source="catenoid r = a cosh(z/a)"),
        Check("neck", neck, found[0].neck, floor=1.01 * abs(best.neck - found[0].neck) + 1e-4,
              source="catenoid r = a cosh(z/a)"))


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


def discrete_catenoid(links: int, spacing: float) -> np.ndarray:
    """(links/2 + 1,) radii from the neck, 1, outward: the polygon whose area is critical at spacing h, by recurrence.

    With d the step outward from r, and c the inner frustum's √(h² + d²) + (r + r₋)d/√(h² + d²), a vanishing gradient
    is h² − 2rd = −c√(h² + d²), a quadratic equation for d.
    """
    r, h = [1.0], spacing
    c = None
    for _ in range(links // 2):
        if c is None:  # at the neck both sides are alike: 2·(h² − 2d) = 0
            d = h * h / 2
        else:
            a, b = 4 * r[-1] ** 2 - c * c, 4 * r[-1] * h * h
            d = (b + sqrt(b * b - 4 * a * (h**4 - c * c * h * h))) / (2 * a)
        slant = sqrt(h * h + d * d)
        c = slant + (2 * r[-1] + d) * d / slant
        r.append(r[-1] + d)
    return np.array(r)


def discrete_critical_separation(links: int) -> float:
    """The largest separation, in radii, that a polygon of `links` pieces can span: tends to 1.32548… as links⁻²."""
    guess = 2 * 1.19968 / links
    best = minimize_scalar(lambda h: -links * h / discrete_catenoid(links, h)[-1], bounds=(0.5 * guess, 1.5 * guess),
                           method="bounded", options={"xatol": 1e-12})
    return -float(best.fun)


def critical_slowing(factors: Sequence[float] = (1.003, 1.01, 1.03, 1.1), links: int = 60) -> pd.DataFrame:
    """How long a film lingers before it snaps, past the critical distance s_c; tidy: factor (s/s_c), time.

    A saddle-node ghost: the time grows as (s/s_c − 1)^(−1/2). Strogatz, Nonlinear Dynamics and Chaos (2015), §4.3.
    """
    rows = []
    for factor in factors:
        film = SoapFilm(CRITICAL_SEPARATION * factor, links)
        run = run_film(film, film.starts()["cylinder"](0, 1), 1 + 2 / sqrt(factor - 1), 1000, metric="radius")
        closed = run.profiles[:, links // 2] < 0.05
        rows.append({"factor": factor, "time": float(run.frame_times[closed][0]) if closed.any() else np.nan})
    return pd.DataFrame(rows)

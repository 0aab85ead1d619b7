"""The run of one soap film by a flow or an optimizer, in one of two metrics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import pi

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Trajectory, largest_curvature, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.method_run import solver_times
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.critical_point import CriticalPoint, critical_point
from demos.physics.soap_film.model import THREAD, SoapFilm
from demos.physics.soap_film.path_measure import FilmMeasure
from demos.physics.soap_film.reference import Catenoid, catenoids

REST_SPEED = 1e-6  # largest speed of a film at rest, in ring radii per unit of time
REST_LEFT = 5  # factor on it for runs by an optimizer or in the radii's metric, which stop by another criterion
MOST_PROFILES = 2_000  # most profiles of a run with fixed steps


@dataclass(frozen=True)
class FilmRun:
    """The run of one film. At each step x (S + 1,), time or iterations: areas, rates ⟨∇A, M∇A⟩, evaluations (number of
    gradients until then), and residual of the energy balance for a flow; profiles (F, links + 1) at profile_x (F,)."""

    film: SoapFilm
    path: Trajectory
    evaluations: np.ndarray
    x: np.ndarray
    areas: np.ndarray
    rates: np.ndarray
    residual: np.ndarray | None
    profiles: np.ndarray
    profile_x: np.ndarray
    step_limit: float  # 2/L of explicit steps at the start; inf for other methods

    @cached_property
    def catenoids(self) -> tuple[Catenoid, ...]:
        """The stable and the unstable catenoid; none past the critical separation."""
        return catenoids(self.film.separation)

    @property
    def end(self) -> Tensor:
        """(1, links − 1)"""
        return self.path.states[-1]

    @property
    def neck(self) -> float:
        return float(self.end[0].min())

    @property
    def snapped(self) -> bool:
        return self.neck < THREAD

    @property
    def lost(self) -> bool:
        """Whether the last state is not finite."""
        return self.path.status.kind == "diverged" or not bool(torch.isfinite(self.end).all())

    @cached_property
    def at_rest(self) -> bool:
        """Whether the film is at rest, by the run's stopping criterion or by its mean-curvature speed."""
        return not self.lost and self.speed <= REST_LEFT * REST_SPEED

    @cached_property
    def critical_point(self) -> CriticalPoint | None:
        """The critical point of the polygon's area nearest to the run's end. None above the critical separation, where
        the film has snapped, or where Newton's method does not converge."""
        if not self.catenoids or self.snapped or not torch.isfinite(self.end).all():
            return None
        try:
            return critical_point(self.film, self.end[0].numpy())
        except ValueError:
            return None

    @cached_property
    def distance(self) -> float:
        """The largest difference of a radius from the critical point; inf where there is none."""
        point = self.critical_point
        return np.inf if point is None else float(np.abs(self.end[0].numpy() - point.radii).max())

    @property
    def speed(self) -> float:
        """The largest speed of a radius at the end, under mean-curvature flow."""
        velocity = self.film.curvature_flow().gradient(self.end, 0.0)
        return float(torch.where(self.end > 0, velocity, 0.0).abs().max())


def simulate(config: FilmConfig, progress: Progress | None = None) -> FilmRun:
    """The run of a config."""
    film = config.film
    return run_film(
        film,
        film.starts()[config.start](config.seed, 1),
        config.method,
        metric=config.film_metric,
        duration=config.duration,
        step=config.step,
        iterations=config.iterations,
        tolerance=config.tolerance,
        progress=progress,
    )


def run_film(
    film: SoapFilm,
    start: Tensor,
    method: str = "rodas3",
    *,
    metric: str = "curvature",
    duration: float = 4.0,
    step: float = 1e-4,
    iterations: int = 500,
    tolerance: float = 1e-5,
    rest_speed: float | None = REST_SPEED,
    progress: Progress | None = None,
) -> FilmRun:
    """Run one film from start (1, links − 1); a film that snaps ends on the axis.

    A flow runs for `duration`, with the fixed step `step` or with adaptive steps of relative error `tolerance`; an
    optimizer makes at most `iterations`, and `step` is its longest move. metric: "curvature", by which films move, or
    "radius", ∫dr² 2π dz, in which a film that has snapped moves slowly to its rings. The run stops where no radius
    moves faster than `rest_speed`; None: it does not stop.
    """
    row = METHODS[method]
    optimizes, curved = row.family == "optimizer", metric == "curvature"
    plain = film.system().flow(**({"mobility": None} if optimizes else {}))
    flow = plain if optimizes or not curved else film.curvature_flow()
    measure = FilmMeasure(film, curved and not optimizes)
    times = solver_times(method, duration, step, iterations)
    many = row.adaptive is None and len(times) > MOST_PROFILES + 1
    due = np.linspace(0, times[-1], MOST_PROFILES) * (1 - 1e-12) if many else None
    recorder, evaluations, count = EnergyRecorder(measure, due), [], 0
    gradient = flow.gradient

    def counted(x: Tensor, t: float = 0.0) -> Tensor:
        nonlocal count
        count += 1
        return gradient(x, t)

    def observe(x: Tensor, t: float) -> float:
        evaluations.append(count)
        return recorder(x, t)

    # the solver sees ∂A/∂r, or r_t itself along the curvature flow
    force = None if rest_speed is None else rest_speed * (1.0 if flow is not plain else 2 * pi * film.spacing)
    path = solve(
        replace(flow, gradient=counted),
        start,
        times,
        method,
        record="steps",
        observe=observe,
        progress=progress,
        tolerance=force,
        rtol=tolerance,
        atol=tolerance,
        **({"band": 1} if "band" in row.options else {}),  # a ring is pulled by its two neighbours
    )
    profiles = film.profile(torch.from_numpy(recorder.frames[:, 0]).double()).numpy()
    unit = step if optimizes else 1.0
    return FilmRun(
        film,
        path,
        np.array(evaluations),
        recorder.times / unit,
        recorder.energies[:, 0],
        recorder.rates[:, 0],
        None if optimizes else recorder.balance.residual[:, 0],
        profiles,
        recorder.frame_times / unit,
        _step_limit(film, start, curved) if method == "euler" else np.inf,
    )


def _step_limit(film: SoapFilm, start: Tensor, curved: bool) -> float:
    """2/L at the start, L the largest eigenvalue of the linearized flow."""
    scale = 1.0 if curved else 1 / (2 * pi * film.spacing)
    gradient = film.curvature_flow().gradient if curved else film.gradient
    return METHODS["euler"].step_limit(scale * largest_curvature(gradient, start, 0.0))

"""Studies of the soap film: its lifetime above the critical separation, and the convergence of the polygon."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pandas as pd

from demos.common.progress import Progress, part
from demos.contract.charts import Chart, Study
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.critical_point import critical_point
from demos.physics.soap_film.model import SoapFilm
from demos.physics.soap_film.reference import CRITICAL_SEPARATION, catenoids
from demos.physics.soap_film.simulate import run_film

FACTORS = (1.003, 1.006, 1.012, 1.025, 1.05, 1.1)
SLOWING_LINKS = 40
THIN = 0.05  # radius below which a neck counts as closed
MOMENTS = 1_000  # times of a run among which the first with a thin neck is found
PIECES = (12, 24, 48, 96, 192)


def closing_times(factors: Sequence[float], links: int, progress: Progress | None = None) -> pd.DataFrame:
    """The time until a film snaps above the critical separation s_c, as a table: factor (s/s_c), time.

    A saddle-node ghost: the time grows as (s/s_c − 1)^(−1/2). Strogatz, Nonlinear Dynamics and Chaos (2015), §4.3.
    """
    rows = []
    for i, factor in enumerate(factors):
        film = SoapFilm(CRITICAL_SEPARATION * factor, links)
        run = run_film(
            film,
            film.starts()["cylinder"](0, 1),
            metric="radius",
            duration=1 + 2 / sqrt(factor - 1),
            rest_speed=None,
            progress=part(progress, i, len(factors)),
        )
        if run.path.status.kind == "cancelled":
            break
        times = np.linspace(0, run.x[-1], MOMENTS)
        closed = np.interp(times, run.profile_x, run.profiles[:, links // 2]) < THIN
        rows.append({"factor": factor, "time": float(times[closed][0]) if closed.any() else np.nan})
    return pd.DataFrame(rows)


def slowing(config: FilmConfig, progress: Progress | None = None) -> pd.DataFrame:
    """A table of series, past (s/s_c − 1), time until the film has closed, and time · √past, which has a limit."""
    table = closing_times(FACTORS, SLOWING_LINKS, progress)
    table["past"] = table["factor"] - 1
    table["product"] = table["time"] * np.sqrt(table["past"])
    law = table["time"].iloc[0] * np.sqrt(table["past"].iloc[0] / table["past"])
    exact = pd.DataFrame({"series": "exact slope −1/2", "past": table["past"], "time": law})
    return pd.concat([table.assign(series="measured"), exact], ignore_index=True)


def convergence(config: FilmConfig, progress: Progress | None = None) -> pd.DataFrame:
    """A table of series, pieces, error (of the neck of the exact polygon) on both branches. Raises ValueError above the
    critical separation."""
    found = catenoids(config.separation)
    if not found:
        raise ValueError("No catenoid spans these rings: bring them closer than 1.3255 radii.")
    rows = []
    for i, pieces in enumerate(PIECES):
        film = SoapFilm(config.separation, pieces)
        for catenoid in found:
            point = critical_point(film, catenoid.radius(film.heights[1:-1].numpy()))
            rows.append(
                {
                    "series": "stable" if catenoid.stable else "unstable",
                    "pieces": pieces,
                    "error": abs(point.neck - catenoid.neck),
                    "gradient": point.gradient,
                }
            )
        if progress is not None and progress((i + 1) / len(PIECES)) is False:
            break
    table = pd.DataFrame(rows)
    anchor = float(table["error"][table["series"] == "stable"].iloc[-1])
    line = pd.DataFrame(
        {"series": "exact slope −2", "pieces": PIECES, "error": anchor * (PIECES[-1] / np.array(PIECES)) ** 2}
    )
    return pd.concat([table, line], ignore_index=True)


SLOWING = Study(
    "slowing",
    "Critical slowing",
    "Past the critical distance s_c no catenoid is left, but its ghost is: the film lingers for a time that grows as "
    "(s/s_c − 1)^(−1/2).",
    slowing,
    (
        Chart(
            "",
            "Time until the film closes",
            "past",
            "time",
            "s/s_c − 1",
            "time",
            "A saddle-node leaves a bottleneck: its time falls with slope −1/2 on logarithmic axes.",
            kind="points",
            log_x=True,
            log_y=True,
        ),
    ),
    depends_on=(),
    columns={"past": "s/s_c − 1", "time": "time", "product": "time × √(s/s_c − 1)"},
)

CONVERGENCE = Study(
    "convergence",
    "Error of the polygon",
    "The film is a polygon of straight pieces. Newton's method on it, from both catenoids: the neck's error falls with "
    "the square of the pieces.",
    convergence,
    (
        Chart(
            "",
            "Error of the neck",
            "pieces",
            "error",
            "pieces",
            "error / R",
            "Twice the pieces, a quarter of the error: order two.",
            kind="points",
            log_x=True,
            log_y=True,
        ),
    ),
    depends_on=("separation",),
)


def studies(config: FilmConfig) -> tuple[Study, ...]:
    """The studies of a config, which are computed on demand."""
    return SLOWING, CONVERGENCE

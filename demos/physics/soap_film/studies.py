"""Studies of the soap film: how long it lingers past the critical distance, and how fast its polygon converges."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract.charts import Chart, Study
from demos.physics.config import EnergyConfig
from demos.physics.soap_film.catenoid import catenoids
from demos.physics.soap_film.critical_point import critical_point, critical_slowing
from demos.physics.soap_film.model import SoapFilm

FACTORS = (1.003, 1.006, 1.012, 1.025, 1.05, 1.1)
PIECES = (12, 24, 48, 96, 192)


def slowing(config: EnergyConfig, progress: Progress | None = None) -> pd.DataFrame:
    """series, past (s/s_c − 1), time until the film has closed, and its product with √past, which tends to a number."""
    table = critical_slowing(FACTORS, 40, progress)
    table["past"] = table["factor"] - 1
    table["product"] = table["time"] * np.sqrt(table["past"])
    law = table["time"].iloc[0] * np.sqrt(table["past"].iloc[0] / table["past"])
    exact = pd.DataFrame({"series": "exact slope −1/2", "past": table["past"], "time": law})
    return pd.concat([table.assign(series="measured"), exact], ignore_index=True)


def convergence(config: EnergyConfig, progress: Progress | None = None) -> pd.DataFrame:
    """series, pieces, error of the neck of the exact polygon, on both branches. ValueError where no catenoid is."""
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
    on=(),
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
    on=("separation",),
)

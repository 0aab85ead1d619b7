"""The bifurcation of the column, measured: its deflection under many loads, and the load at which it buckles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract import Chart, Study
from demos.physics.bench.quench import quench
from demos.physics.column.config import ColumnConfig
from demos.physics.column.model import column, deflection, measured_load
from demos.physics.column.reference import EULER, elastica_deflection, hencky_load

LOADS = (0.8, 0.9, 0.96, 1.0, 1.01, 1.03, 1.06, 1.1, 1.15, 1.2, 1.3, 1.4, 1.5, 1.6)  # in π²; above, it may swing round
COUNTS = (3, 4, 6, 9, 13, 20, 30, 45)
STEP = 0.05  # longest move of the optimizer, rad: with longer ones the column may swing round


def bifurcation(config: ColumnConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns: series, and either load and deflection, or links and critical (load); the other two are nan."""
    report = progress or (lambda done: None)
    rows, total = [], len(LOADS) + len(COUNTS)
    for i, load in enumerate(LOADS):
        system = column(config.links, load * EULER)
        path = quench(system, system.start("nearly straight", config.seed, 4), step=STEP)
        rows += [
            {"series": f"{config.links} links", "load": load, "deflection": float(d)}
            for d in deflection(path.states[-1])
        ]
        report((i + 1) / total)
    fine = np.r_[LOADS[0], 1 + (LOADS[-1] - 1) * np.linspace(0, 1, 50) ** 2]
    for side, name in ((1, "exact: elastica"), (-1, "exact: other side")):
        rows += [{"series": name, "load": p, "deflection": side * elastica_deflection(p * EULER)} for p in fine]
    for i, links in enumerate(COUNTS):
        rows.append({"series": "softest mode is flat", "links": links, "critical": measured_load(links) / EULER})
        report((len(LOADS) + i + 1) / total)
    rows += [
        {"series": "exact: 4N² sin²(π/2N)", "links": n, "critical": hencky_load(n) / EULER}
        for n in range(COUNTS[0], COUNTS[-1] + 1)
    ]
    return pd.DataFrame(rows)


BIFURCATION = Study(
    "bifurcation",
    "Bifurcation",
    "Four columns from nearly straight under each load, to rest; and for other numbers of links the load at which the "
    "straight column's softest mode turns flat.",
    bifurcation,
    (
        Chart(
            "",
            "Deflection over load",
            "load",
            "deflection",
            "P (π² EI/L²)",
            "deflection (L)",
            "Straight up to Hencky's load, then aside to either side along Euler's elastica.",
            kind="points",
        ),
        Chart(
            "",
            "Load of buckling",
            "links",
            "critical",
            "links N",
            "P (π² EI/L²)",
            "Where the straight column's Hessian loses a positive eigenvalue: Hencky's load, rising to Euler's.",
            kind="points",
        ),
    ),
    depends_on=("links", "seed"),
)

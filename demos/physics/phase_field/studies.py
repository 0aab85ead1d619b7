"""Studies of the phase field: a falling energy proves little."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract.charts import Chart, Study
from demos.physics.config import EnergyConfig
from demos.physics.phase_field.field_run import monotone_is_not_accurate
from demos.physics.phase_field.model import PhaseField

STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
ROWS = (("etdrk2", 2.0), ("semi_implicit", 2.0), ("etdrk2", 0.0))
NAMES = {
    ("etdrk2", 2.0): "ETDRK2, S = 2",
    ("semi_implicit", 2.0): "Semi-implicit, S = 2",
    ("etdrk2", 0.0): "ETDRK2, S = 0",
}


def monotone(config: EnergyConfig, progress: Progress | None = None) -> pd.DataFrame:
    """The shrinking circle at several steps: series, step, slope (of R²/γ), residual (its size), rises. A step of 2
    without a stabilizer is not stable, and left out."""
    field, tables = PhaseField(64, max(config.gamma, 1.0)), []
    jobs = [(row, step) for row in ROWS for step in STEPS if row[1] > 0 or step <= 1]
    parts = np.array([1 / step for _, step in jobs])
    parts = parts / parts.sum()
    cost = np.cumsum(parts)
    left = True

    def told(done: float) -> bool | None:
        nonlocal left
        left = progress(done) is not False
        return left

    for (row, step), last, part in zip(jobs, cost - parts, parts, strict=True):
        share = None if progress is None else lambda own, last=last, part=part: told(float(min(last + part * own, 1)))
        table = monotone_is_not_accurate(field, (step,), (row,), share)
        if not left:
            break
        tables.append(table)
    if left and progress is not None:
        progress(1.0)
    if not tables:
        return pd.DataFrame(columns=["series", "step", "slope", "residual", "rises"])
    table = pd.concat(tables, ignore_index=True)
    table["series"] = [NAMES[method, s] for method, s in zip(table["method"], table["stabilizer"], strict=True)]
    exact = pd.DataFrame({"series": "exact −2", "step": STEPS, "slope": -2.0})
    semi = 1 + np.array(STEPS) * (2.0 + 0.4)
    slow = pd.DataFrame(
        {"series": "exact clock of semi-implicit steps", "step": STEPS, "slope": -2 / semi, "residual": semi - 1}
    )
    table["residual"] = table["residual"].abs()
    return pd.concat([table, exact, slow], ignore_index=True)


MONOTONE = Study(
    "monotone",
    "Monotone energy is not accuracy",
    "A shrinking disc in L² by stable steps of any size: the energy never rises, yet R² falls ever more slowly than "
    "−2γ. Only the dissipation identity tells.",
    monotone,
    (
        Chart(
            "",
            "Slope of R² over γ",
            "step",
            "slope",
            "step size h",
            "d(R²)/dt / γ",
            "Exactly −2. Semi-implicit steps follow −2/(1 + h(S + 0.4)): a clock that runs slow.",
            kind="points",
            log_x=True,
        ),
        Chart(
            "",
            "What the identity misses",
            "step",
            "residual",
            "step size h",
            "share of the energy lost",
            "|E(0) − E(t) − ∫‖∇E‖² dt| over the fall: it grows with the step and exposes each of them.",
            kind="points",
            log_x=True,
            log_y=True,
        ),
    ),
    on=("gamma",),
    columns={
        "series": "Method",
        "step": "h",
        "slope": "slope of R²/γ",
        "residual": "identity misses",
        "rises": "steps that raise E",
    },
)

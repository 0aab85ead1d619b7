"""Studies of the phase field: the energy falls in every stable run, even if its timing is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demos.common.progress import Progress, part
from demos.contract.charts import Chart, Study
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.observables import radius, squared_radii
from demos.physics.phase_field.reference import circle_rate, semi_implicit_slowdown
from demos.physics.phase_field.simulate import run_field
from demos.physics.phase_field.starts import DISC, disc_profile

STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
ROWS = (("etdrk2", 2.0), ("semi_implicit", 2.0), ("etdrk2", 0.0))
NAMES = {
    ("etdrk2", 2.0): "ETDRK2, S = 2",
    ("semi_implicit", 2.0): "Semi-implicit, S = 2",
    ("etdrk2", 0.0): "ETDRK2, S = 0",
}


@dataclass(frozen=True)
class Circle:
    """A shrinking circle: the slope of R² over the last 80 % of its fall, the number of steps that raised the energy by
    more than rounding, and the final residual of the energy balance."""

    slope: float
    exact: float
    rises: int
    residual: float
    cancelled: bool


def shrinking_circle(
    field: PhaseField,
    step: float = 0.25,
    method: str = "etdrk2",
    stabilizer: float = 0.0,
    progress: Progress | None = None,
) -> Circle:
    """A disc of radius 0.35 box lengths in L², until R² has halved; slope by least squares over the last 80 %.

    The first fifth is left out, because the wall has not reached its equilibrium profile. Raises ValueError in H⁻¹.
    """
    if field.conserved:
        raise ValueError("a circle shrinks in L² only: in H⁻¹ its area is the mass.")
    start = disc_profile(field, DISC * field.length)[None]
    whole = float(radius(start, field.torus.spacings[0])) ** 2
    end = 0.5 * whole / -circle_rate(field.gamma)
    run = run_field(field, start, end, 60, step=step, method=method, stabilizer=stabilizer, progress=progress)
    late = run.frame_times >= 0.2 * end
    squares = squared_radii(run.frames, field)
    slope = np.polyfit(run.frame_times[late], squares[late], 1)[0] if late.sum() > 1 else np.nan
    rises = np.diff(run.energies) > 1e-12 * np.abs(run.energies[:-1])
    cancelled = run.path.status.kind == "cancelled"
    return Circle(float(slope), circle_rate(field.gamma), int(rises.sum()), float(run.residual[-1]), cancelled)


def monotone(config: PhaseFieldConfig, progress: Progress | None = None) -> pd.DataFrame:
    """The shrinking circle at several steps: series, step, slope (of R²/γ), residual (absolute), rises. The unstable
    step of 2 without a stabilizer is left out."""
    field, rows = PhaseField(64, max(config.gamma, 1.0)), []
    jobs = [(method, stabilizer, step) for method, stabilizer in ROWS for step in STEPS if stabilizer > 0 or step <= 1]
    done, work = 0.0, sum(1 / step for *_, step in jobs)
    for method, stabilizer, step in jobs:
        circle = shrinking_circle(field, step, method, stabilizer, part(progress, done, work, 1 / step))
        if circle.cancelled:
            break
        done += 1 / step
        rows.append(
            {
                "series": NAMES[method, stabilizer],
                "step": step,
                "slope": circle.slope / field.gamma,
                "residual": abs(circle.residual),
                "rises": circle.rises,
            }
        )
    table = pd.DataFrame(rows, columns=["series", "step", "slope", "residual", "rises"])
    if table.empty:
        return table
    slowdown = semi_implicit_slowdown(np.array(STEPS), 2.0)
    exact = pd.DataFrame({"series": "exact −2", "step": STEPS, "slope": -2.0})
    slow = pd.DataFrame(
        {
            "series": "exact clock of semi-implicit steps",
            "step": STEPS,
            "slope": -2 / slowdown,
            "residual": slowdown - 1,
        }
    )
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
            "Energy lost but not dissipated",
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
    depends_on=("gamma",),
    columns={
        "series": "Method",
        "step": "h",
        "slope": "slope of R²/γ",
        "residual": "not dissipated, of the fall",
        "rises": "steps that raise E",
    },
)


def studies(config: PhaseFieldConfig) -> tuple[Study, ...]:
    """The studies of a config, which are computed on demand."""
    return (MONOTONE,)

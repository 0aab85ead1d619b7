"""A study of the condensate: without the term μφ in the step, the normalized flow ends in a wrong state."""

from __future__ import annotations

import pandas as pd

from demos.common.progress import Progress, part
from demos.contract.charts import Chart, Study
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.simulate import ground_state

STEPS = (0.8, 0.4, 0.2, 0.1, 0.05, 0.025, 0.0125)
MOST_STEPS = 1_500
BETA = 62.742
NAMES = {True: "with μφ", False: "without μφ"}


def multiplier_bias(
    condensate: GrossPitaevskii, steps: tuple[float, ...] = STEPS, progress: Progress | None = None
) -> pd.DataFrame:
    """μ at the end of the normalized flow with and without the term μφ in its step, as a table: step, multiplier, mu,
    error |μ − exact|, residual. With it every step size gives the same state; without it the error grows with the step.
    """
    exact = next(r.value for r in condensate.system().references if r.name == "chemical potential")
    rows, jobs = [], [(step, multiplier) for step in steps for multiplier in (True, False)]
    for i, (step, multiplier) in enumerate(jobs):
        start = condensate.system().start("thomas_fermi")
        report = part(progress, i, len(jobs))
        run = ground_state(condensate, start, 1e-9, MOST_STEPS, 2, step=step, multiplier=multiplier, progress=report)
        if run.path.status.kind == "cancelled":
            break
        mu = float(run.chemical_potentials[-1])
        rows.append(
            {"step": step, "multiplier": multiplier, "mu": mu, "error": abs(mu - exact), "residual": run.residual}
        )
        if report is not None and report(1.0) is False:
            break
    return pd.DataFrame(rows, columns=["step", "multiplier", "mu", "error", "residual"])


def multiplier_study(config: CondensateConfig, progress: Progress | None = None) -> pd.DataFrame:
    """`multiplier_bias` for β = 62.742 in two dimensions, with a column `series`."""
    table = multiplier_bias(GrossPitaevskii(2, BETA, points=64), STEPS, progress)
    return table.assign(series=table["multiplier"].map(NAMES))


MULTIPLIER = Study(
    "multiplier",
    "The multiplier matters",
    "β = 62.742 in two dimensions, where μ = 4.60983325. The same normalized flow with and without its multiplier μφ "
    "in the step, each run for 1,500 steps or until at rest.",
    multiplier_study,
    (
        Chart(
            "",
            "Error of μ",
            "step",
            "error",
            "step size h",
            "|μ − exact|",
            "With the term every step ends in the ground state; without it, in a state that depends on the step.",
            kind="points",
            log_x=True,
            log_y=True,
        ),
    ),
    depends_on=(),
    columns={"series": "Step", "step": "h", "mu": "μ", "residual": "‖Hφ − μφ‖"},
)


def studies(config: CondensateConfig) -> tuple[Study, ...]:
    """The studies of a config, which are computed on demand."""
    return (MULTIPLIER,)

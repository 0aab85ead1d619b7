"""The demo of condensates as a function of its config."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.trace import field_trace
from demos.physics.condensate.checks import checks
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.headline import headline
from demos.physics.condensate.messages import notes, warnings
from demos.physics.condensate.picture import condensate_picture
from demos.physics.condensate.reference import least_energy
from demos.physics.condensate.simulate import CondensateRun, simulate


@demo_run
def run(config: CondensateConfig, progress: Progress | None = None) -> Result:
    """Run the normalized flow and compare its end with known values. The same config gives the same bytes."""
    with np.errstate(all="ignore"):  # steps without the multiplier may diverge
        condensate_run = simulate(config, progress)
        found = tuple(checks(config, condensate_run, progress))
        result = Result(
            condensate_picture(condensate_run),
            found,
            {"trace": _trace(config, condensate_run)},
            tuple(notes(config, condensate_run)),
            tuple(warnings(config, condensate_run)),
            headline(config, condensate_run, found),
        )
    if progress is not None:
        progress(1.0)
    return result


def _trace(config: CondensateConfig, run: CondensateRun) -> pd.DataFrame:
    table = field_trace(
        method_label(config.method),
        run.steps.astype(float),
        run.energies,
        2 * run.residuals**2,
        least=energy_below(run),
        evaluations=run.steps,
    )
    return table.assign(step=config.step)


def energy_below(run: CondensateRun) -> float:
    """The energy of gap 0 in the chart: the table's ground state; for a rotating cloud the lower bound; else the last
    energy of the run minus the estimate of its remaining fall."""
    if run.condensate.is_complex:
        return least_energy(run.condensate)
    known = next((r.value for r in run.condensate.system().references if r.name == "energy"), None)
    return float(run.energies[-1]) - 2 * run.residual**2 if known is None else known

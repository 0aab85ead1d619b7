"""The demo of phase fields as a function of its config."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from demos.common.progress import Progress, part
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.trace import field_trace
from demos.physics.phase_field.checks import checks
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.headline import headline
from demos.physics.phase_field.messages import notes, warnings
from demos.physics.phase_field.mixture import coarsening_window
from demos.physics.phase_field.picture import phase_picture
from demos.physics.phase_field.simulate import FieldRun, simulate


@demo_run
def run(config: PhaseFieldConfig, progress: Progress | None = None) -> Result:
    """Integrate each field and compare it with known results. The same config gives the same bytes."""
    fields = config.fields
    count = len(fields)
    with np.errstate(all="ignore"):  # numbers of a diverged run overflow
        runs = [simulate(config, field, part(progress, i, count)) for i, field in enumerate(fields)]
        found, said, warned = [], [], []
        for field_run in runs:
            own = checks(config, field_run)
            found += [replace(c, name=f"{c.name} ({field_run.title})") for c in own] if count > 1 else own
            said += notes(config, field_run)
            warned += warnings(config, field_run)
        tables = {"trace": pd.concat([_trace(config, field_run) for field_run in runs], ignore_index=True)}
        if config.start == "spinodal":
            tables["length"] = pd.concat([_lengths(config, field_run) for field_run in runs], ignore_index=True)
        picture = phase_picture(config, runs)
    if progress is not None:
        progress(1.0)
    title = headline(config, runs, found)
    return Result(picture, tuple(found), tables, tuple(said), tuple(dict.fromkeys(warned)), title)


def _trace(config: PhaseFieldConfig, run: FieldRun) -> pd.DataFrame:
    return field_trace(
        run.title if config.metric == "both" else method_label(config.method),
        run.times,
        run.energies,
        run.rates,
        evaluations=run.path.evaluations,
        residual=run.residual,
    )


def _lengths(config: PhaseFieldConfig, run: FieldRun) -> pd.DataFrame:
    """A table of series, x, length: the measured sizes, and a line of the known slope through the end of the fit."""
    times, length = (values[1:] for values in run.domain_lengths)
    table = pd.DataFrame({"series": run.title, "x": times, "length": length})
    window = coarsening_window(config, run)
    if window is None:
        return table
    late = times >= window[0]
    line = length[late][-1] * (times[late] / times[-1]) ** (1 / 3)
    return pd.concat([table, pd.DataFrame({"series": "exact slope 1/3", "x": times[late], "length": line})])

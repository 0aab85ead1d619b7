"""Phase fields on the energy page: what they show, chart, refuse and cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.charts import ENERGY, FORCE, IDENTITY, STEPS, WORK, Chart, Study
from demos.physics.bench.field_trace import field_trace
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.phase_field.checks import checks, coarsening_window, notes, warnings
from demos.physics.phase_field.picture import phase_picture
from demos.physics.phase_field.run import Part, fields_of, follow, motion, picture_of
from demos.physics.phase_field.studies import MONOTONE

LENGTH = Chart(
    "length",
    "Size of the domains",
    "x",
    "length",
    "time",
    "2π/⟨k⟩",
    "In the end coarsening is a straight line here, t^(1/3) in H⁻¹ and √t in L²; a small box is on its way.",
    log_x=True,
    log_y=True,
)
MILLISECONDS = {64: 0.25, 128: 0.6, 256: 2.2}  # of one booked step by ETDRK2
CHEAPER = {"etdrk2": 1.0, "semi_implicit": 0.6, "euler": 0.6}


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    fields = fields_of(config)
    parts = []
    for i, field in enumerate(fields):
        share = None if progress is None else lambda done, i=i: progress((i + done) / len(fields))
        with np.errstate(all="ignore"):  # of a run that is lost, numbers overflow
            parts.append(follow(config, field, share))
    with np.errstate(all="ignore"):
        found, words, broken = [], [], []
        for part in parts:
            own = checks(config, part)
            found += [replace(check, name=f"{check.name} ({part.title})") for check in own] if len(parts) > 1 else own
            words += notes(config, part)
            broken += warnings(config, part)
        tables = {"trace": pd.concat([_trace(config, part, len(parts)) for part in parts], ignore_index=True)}
        if config.start == "spinodal":
            tables["length"] = pd.concat([_lengths(config, part) for part in parts], ignore_index=True)
        picture = phase_picture(config, parts)
    return Result(picture, tuple(found), tables, tuple(words), tuple(dict.fromkeys(broken)))


def _trace(config: EnergyConfig, part: Part, count: int) -> pd.DataFrame:
    run = part.run
    return field_trace(
        part.title if count > 1 else METHOD_LABELS[config.method],
        run.times,
        run.energies,
        run.rates,
        evaluations=run.path.evaluations,
        residual=run.residual,
    )


def _lengths(config: EnergyConfig, part: Part) -> pd.DataFrame:
    """series, x, length: measured, and the law's slope through the end of its window"""
    times, length = (values[1:] for values in part.lengths)
    table = pd.DataFrame({"series": part.title, "x": times, "length": length})
    window = coarsening_window(config, part)
    if window is None:
        return table
    late = times >= window[0]
    law = length[late][-1] * (times[late] / times[-1]) ** (1 / 3)
    return pd.concat([table, pd.DataFrame({"series": "exact slope 1/3", "x": times[late], "length": law})])


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    """Which tables of a run are drawn."""
    own = (LENGTH,) if config.start == "spinodal" else ()
    force = replace(FORCE, y_title="‖∇E‖", sentence="The length of the gradient in the flow's own metric, √⟨∇E, M∇E⟩.")
    steps = (replace(STEPS, sentence="The steps that were taken: walls move ever slower, and steps may grow."),)
    return (*own, ENERGY, force, IDENTITY, *(steps if config.method == "etdrk2_adaptive" else ()), WORK)


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    """What is computed on demand beside the run."""
    return (MONOTONE,)


def check(config: EnergyConfig) -> None:
    """Raise ValueError, in one sentence, where the fields do not go together."""
    fields_of(config)
    if config.start == "drawn":
        picture_of(config)


def seconds(config: EnergyConfig) -> float:
    """About how long `show` takes on one core: measured on one start, steps counted or guessed."""
    cost = 1e-3 * MILLISECONDS[int(config.grid)]
    total = 0.1
    for field in fields_of(config):
        if config.method != "etdrk2_adaptive":
            total += cost * CHEAPER[config.method] * min(config.duration / config.step, 1e9)
            continue
        # walls of constant width move ever slower in H⁻¹; in L² they keep the step that their width allows
        scale = config.duration / config.gamma
        steps = 25 * scale**0.6 if field.conserved else 6 * config.duration
        total += cost * steps * (0.1 / motion(config))
    return total

"""The two funnels of 38 Lennard-Jones atoms: the ground state, and the one where most searches end.

Doye, Miller & Wales, J. Chem. Phys. 111 (1999) 8417. The bottom of the icosahedral funnel was found by the basin
hopping of this project and is kept in `data/lj38_icosahedral.xyz`, whose second line says by which call.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from torch import Tensor

from demos.common.progress import Progress
from demos.contract import Check, Result
from demos.physics.bench.endpoint import end_checks, end_notes, end_of, flow_checks, flow_notes, stability
from demos.physics.bench.system import System
from demos.physics.bench.trace import follow, trace
from demos.physics.clusters.model import fineness
from demos.physics.clusters.picture import pair_picture
from demos.physics.clusters.reference import second_funnel
from demos.physics.clusters.xyz import read_xyz
from demos.physics.config import METHOD_LABELS, EnergyConfig

FILE = Path(__file__).parent / "data" / "lj38_icosahedral.xyz"
TITLES, NAMES = ("Truncated octahedron", "Icosahedral funnel"), ("octahedron", "icosahedral")


def icosahedral_funnel() -> Tensor:
    """(38, 3) the bottom of the second funnel."""
    return read_xyz(FILE.read_text(encoding="utf-8"))


def show_funnels(
    config: EnergyConfig, system: System, starts: tuple[Tensor, Tensor], progress: Progress | None
) -> Result:
    """Both minima, shaken (1, 38, 3), and the way back of each."""
    references, runs, checks, notes, warnings, tables = (system.ground_state, second_funnel()), [], [], [], [], []
    for i, (start, title, reference) in enumerate(zip(starts, TITLES, references, strict=True)):
        part: Progress | None = None
        if progress is not None:
            part = lambda done, i=i: progress((i + done) / 2)
        run = follow(
            system,
            start,
            config.method,
            duration=config.duration,
            step=config.step,
            iterations=config.iterations,
            rtol=config.tolerance * fineness(config, system, start),
            progress=part,
        )
        end = end_of(system, run.end)
        found, told = stability(system, run, end)
        checks += _named(
            [
                *end_checks(system, end, reference),
                *flow_checks(run),
                *found,
                *system.invariant_checks(run.whole[:, None]),
            ],
            title,
        )
        notes += end_notes(end, reference, title) + flow_notes(run)
        warnings += [f"{title}: {words[:1].lower()}{words[1:]}" for words in told]
        runs.append(run)
        tables.append(trace(run, title, reference=end.energy if end.certificate else None))
    notes.append(
        f"Between the two lie high passes: {METHOD_LABELS[config.method]} goes back to where each came from. "
        "Most searches end in the icosahedral funnel, which is the wider one."
    )
    levels = {"ground state": references[0].value, "second funnel": references[1].value}
    picture = pair_picture(runs, TITLES, NAMES, levels, config.color)
    return Result(
        picture, tuple(checks), {"trace": pd.concat(tables, ignore_index=True)}, tuple(notes), tuple(warnings)
    )


def _named(checks: list[Check], title: str) -> list[Check]:
    return [replace(check, name=f"{check.name} · {title}") for check in checks]

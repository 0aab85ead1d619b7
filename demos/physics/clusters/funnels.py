"""The two funnels of 38 Lennard-Jones atoms: the ground state, and the one where most searches end.

Doye, Miller & Wales, J. Chem. Phys. 111 (1999) 8417. The bottom of the icosahedral funnel was found by the basin
hopping of this project and is kept in `data/lj38_icosahedral.xyz`, whose second line says by which call.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from torch import Tensor

from demos.common.progress import Progress, part
from demos.contract import Result
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import endpoint_checks, endpoint_notes, endpoint_of
from demos.physics.bench.flow_checks import flow_checks, flow_notes, stability
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.method_run import run_method
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.model import Cluster
from demos.physics.clusters.picture import pair_picture
from demos.physics.clusters.reference import best_known, second_funnel
from demos.physics.clusters.setup import shaken, tolerance_for
from demos.physics.clusters.xyz import read_xyz

FILE = Path(__file__).parent / "data" / "lj38_icosahedral.xyz"
TITLES, NAMES = ("Truncated octahedron", "Icosahedral funnel"), ("octahedron", "icosahedral")


def icosahedral_funnel() -> Tensor:
    """(38, 3) the bottom of the second funnel."""
    return read_xyz(FILE.read_text(encoding="utf-8"))


def run_funnels(config: ClusterConfig, system: Cluster, progress: Progress | None) -> Result:
    """Both minima, shaken (1, 38, 3), and the way back of each."""
    minima, references = (
        (system.start("octahedron"), icosahedral_funnel()[None]),
        (best_known(38), second_funnel()),
    )
    runs, checks, notes, warnings, tables = [], [], [], [], []
    for i, (minimum, title, reference) in enumerate(zip(minima, TITLES, references, strict=True)):
        start = shaken(minimum, system, config.seed)
        run = run_method(
            system,
            start,
            config.method,
            duration=config.duration,
            step=config.step,
            iterations=config.iterations,
            rtol=tolerance_for(config, system, start),
            progress=part(progress, i, 2),
        )
        end = endpoint_of(system, run.end)
        growth, problems = stability(system, run, end)
        own = [
            *endpoint_checks(system, end, reference),
            *flow_checks(run),
            *growth,
            *invariant_checks(system, run.finite_states[:, None]),
        ]
        checks += [replace(check, name=f"{check.name} · {title}") for check in own]
        notes += endpoint_notes(end, reference, title) + flow_notes(run)
        warnings += [f"{title}: {problem[:1].lower()}{problem[1:]}" for problem in problems]
        runs.append(run)
        tables.append(run.trace(title, end.energy if end.certificate else None))
    notes.append(
        f"Between the two lie high passes: {method_label(config.method)} goes back to where each came from. "
        "Most searches end in the icosahedral funnel, which is the wider one."
    )
    levels = {"ground state": references[0].value, "second funnel": references[1].value}
    picture = pair_picture(system, runs, TITLES, NAMES, levels, config.color)
    return Result(
        picture, tuple(checks), {"trace": pd.concat(tables, ignore_index=True)}, tuple(notes), tuple(warnings)
    )

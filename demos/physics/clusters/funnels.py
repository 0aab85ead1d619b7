"""The two funnels of 38 Lennard-Jones atoms: the ground state, and the one where most searches end.

Doye, Miller & Wales, J. Chem. Phys. 111 (1999) 8417. The bottom of the icosahedral funnel was found by the basin
hopping of this project and is kept in `data/lj38_icosahedral.xyz`, whose second line says by which call.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from torch import Tensor

from demos.common.numbers import number
from demos.common.progress import Progress, part
from demos.contract import Check, Result, State
from demos.contract.wording import judgement
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import Endpoint, endpoint_notes, endpoint_of, is_same, unfinished
from demos.physics.bench.flow_checks import CLOCK, flow_checks, flow_notes, stability
from demos.physics.bench.frames import frame_checks
from demos.physics.bench.headlines import end_words
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.method_run import run_method
from demos.physics.bench.system import Reference
from demos.physics.clusters.checks import UNIT, cluster_checks
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.model import Cluster
from demos.physics.clusters.picture import pair_picture
from demos.physics.clusters.reference import best_known, second_funnel
from demos.physics.clusters.setup import shaken, tolerance_for
from demos.physics.clusters.xyz import read_xyz

FILE = Path(__file__).parent / "data" / "lj38_icosahedral.xyz"
TITLES, NAMES = ("Truncated octahedron", "Icosahedral funnel"), ("octahedron", "icosahedral")
ABOVE = ("the best known minimum", "the bottom of its funnel")
NONE_OF = 40  # random starts from which the flow reaches neither of the two; a test counts them


def icosahedral_funnel() -> Tensor:
    """(38, 3) the minimum at the bottom of the icosahedral funnel."""
    return read_xyz(FILE.read_text(encoding="utf-8"))


def run_funnels(config: ClusterConfig, system: Cluster, progress: Progress | None) -> Result:
    """Displace both minima at random, and run the method from each."""
    minima, references = (
        (system.start("octahedron"), icosahedral_funnel()[None]),
        (best_known(38), second_funnel()),
    )
    runs, ends, rows, notes, warnings, tables = [], [], [], [], [], []
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
            *cluster_checks(system, end, reference, above=ABOVE[i]),
            *flow_checks(run),
            *growth,
            *invariant_checks(system, run.finite_states[:, None]),
        ]
        rows.append([check.labelled(title) for check in own])
        notes += [*_home_note(end, reference, title), *flow_notes(run)]
        warnings += [f"{title}: {problem[:1].lower()}{problem[1:]}" for problem in problems]
        runs.append(run)
        ends.append(end)
        tables.append(run.trace(title, end.energy if end.certificate else None))
    notes.append(
        f"Between the two lie high passes: {method_label(config.method)} leads each back to where it came from. "
        f"Of {NONE_OF} random starts none slides into either of the two."
    )
    deeper = _deeper(ends, references)
    levels = {"octahedron": references[0].value, "icosahedral": references[1].value}
    picture = pair_picture(system, runs, TITLES, NAMES, levels, config.color)
    for i, (run, title, name) in enumerate(zip(runs, TITLES, NAMES, strict=True)):
        rows[i] += [check.labelled(title) for check in frame_checks(run, picture, readout=f"E, {name}")]
    checks = [deeper, rows[0][0], rows[1][0], *rows[0][1:], *rows[1][1:]]
    table = {"trace": pd.concat(tables, ignore_index=True)}
    headline = _headline(ends, references, deeper, checks)
    return Result(picture, tuple(checks), table, tuple(notes), tuple(warnings), headline)


def _home_note(end: Endpoint, reference: Reference, title: str) -> list[str]:
    """A note on how one of the two runs ended, compared with the minimum it started near."""
    notes = endpoint_notes(end, None, title)
    if end.certificate is not None and is_same(end.energy, reference):
        notes.append(f"This is the minimum at {number(reference.value, 6)}, from which its atoms were shaken.")
    return notes


def _deeper(ends: Sequence[Endpoint], references: Sequence[Reference]) -> Check:
    """The row of the energy difference of the two ends against the published one."""
    reasons = [
        f"{title.lower()}: {unfinished(end)}" for end, title in zip(ends, TITLES, strict=True) if unfinished(end)
    ]
    gap = ends[1].energy - ends[0].energy
    return Check(
        "how much deeper the octahedron is",
        gap if np.isfinite(gap) else np.inf,
        references[1].value - references[0].value,
        floor=1.01 * (references[0].floor + references[1].floor),
        unit=UNIT,
        source=references[1].source,
        incomparable="; ".join(reasons),
    )


def _headline(ends: Sequence[Endpoint], references: Sequence[Reference], deeper: Check, checks: Sequence[Check]) -> str:
    """The headline: whether both returned to their minima, and the difference of their energies."""
    home = [
        end.certificate is not None and is_same(end.energy, reference)
        for end, reference in zip(ends, references, strict=True)
    ]
    lost = next((check for check in checks if check.name.startswith(CLOCK) and check.state is not State.AGREES), None)
    if all(home):
        words = (
            f"Both slide back: the octahedron, {number(ends[0].energy, 4)}, lies {number(deeper.measured, 3)} {UNIT} "
            f"below the icosahedral minimum, {number(ends[1].energy, 4)}"
        )
    else:
        each = zip(TITLES, ends, references, strict=True)
        words = "; ".join(f"{title}: {end_words(end, reference)}" for title, end, reference in each)
    if lost is None:
        return f"{words}."
    return f"{words}; {lost.name}: {judgement(lost)}."

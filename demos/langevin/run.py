"""One run of the demo: simulate, draw, compare. Pure: same config, same bytes."""

from __future__ import annotations

from demos.common.progress import Progress, checkpoint, part
from demos.contract import OnPicture, Result
from demos.contract.running import demo_run
from demos.langevin.checks import checks_of, labelled
from demos.langevin.comparison import comparison_of, evolution_of
from demos.langevin.config import LangevinConfig
from demos.langevin.notes import notes_of, warnings_of
from demos.langevin.picture import picture
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate
from demos.langevin.studies.escape import escape_checks, measure_escapes
from demos.langevin.tables import tables

SIMULATING = 0.7  # of the progress bar
BESIDE_ESCAPES = 0.3  # of that, where escapes are followed too


@demo_run
def run(config: LangevinConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The Langevin demo as a function of its config; `on_picture` gets the picture as soon as it is drawn.

    Raises ValueError in one sentence where it cannot be run.
    """
    share = SIMULATING * (BESIDE_ESCAPES if config.escape else 1.0)
    setup = Setup.of(config)
    runs = simulate(setup, part(progress, 0, 1, share))
    endpoints = tuple(run.end for run in runs if run.is_overdamped)
    evolution = evolution_of(setup, endpoints) if endpoints else None
    drawn = picture(setup, runs, evolution)
    if on_picture is not None:
        on_picture(drawn)
    checks, comparisons = [], []
    for i, each in enumerate(runs):
        checkpoint()
        comparisons.append(None if each.lost else comparison_of(setup, each, evolution))
        label = each.label if len(runs) > 1 else ""
        checks += [labelled(check, label) for check in checks_of(setup, each, comparisons[-1], brief=i > 0)]
    problems = []
    if config.escape:
        try:
            checks += escape_checks(measure_escapes(setup, part(progress, share, 1, 1 - share)))
        except ValueError as problem:
            problems.append(str(problem))
    if progress is not None:
        progress(1.0)
    notes = [*problems, *notes_of(setup, runs, comparisons[0], evolution, bool(checks))]
    return Result(
        drawn,
        tuple(checks),
        tables(setup, runs, comparisons, evolution),
        tuple(notes),
        tuple(warnings_of(setup, runs)),
    )

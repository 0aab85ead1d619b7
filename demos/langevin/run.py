"""One run of the demo: simulate, draw, compare. The same config gives the same bytes."""

from __future__ import annotations

from demos.common.progress import Progress, checkpoint, part
from demos.contract import Check, OnPicture, Result
from demos.contract.running import demo_run
from demos.langevin.checks import checks_of
from demos.langevin.comparison import comparison_of, evolution_of
from demos.langevin.config import LangevinConfig
from demos.langevin.headline import headline
from demos.langevin.notes import notes_of, warnings_of
from demos.langevin.picture import picture
from demos.langevin.self_tests import self_tests
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun, simulate
from demos.langevin.studies.escape import escape_checks, measure_escapes
from demos.langevin.tables import tables

SIMULATING = 0.7  # share of the progress bar for the simulation
BESIDE_ESCAPES = 0.3  # factor on that share where escape times are simulated too


@demo_run
def run(config: LangevinConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The Langevin demo as a function of its config; `on_picture` gets the picture as soon as it is drawn.

    Raises ValueError where the config cannot be run.
    """
    share = SIMULATING * (BESIDE_ESCAPES if config.escape else 1.0)
    setup = Setup.of(config)
    runs = simulate(setup, part(progress, 0, 1, share))
    evolution = evolution_of(setup, _moments(setup, runs)) if any(run.is_overdamped for run in runs) else None
    checkpoint()
    drawn = picture(setup, runs, evolution)
    if on_picture is not None:
        on_picture(drawn)
    checks, comparisons = [], []
    for i, each in enumerate(runs):
        checkpoint()
        comparisons.append(comparison_of(setup, each, evolution))
        checkpoint()
        label = each.label if len(runs) > 1 else ""
        found = checks_of(setup, each, comparisons[-1], evolution, brief=i > 0)
        checks.append([check.labelled(label) for check in found])
    problems, escapes = [], None
    if config.escape:
        try:
            escapes = measure_escapes(setup, part(progress, share, 1, 1 - share))
        except ValueError as problem:
            problems.append(str(problem))
    own = [test.labelled(each.label if len(runs) > 1 else "") for each in runs for test in self_tests(setup, each)]
    rows = [*(escape_checks(escapes) if escapes else []), *interleaved(checks), *own]
    if progress is not None:
        progress(1.0)
    warnings = warnings_of(setup, runs)
    shown = tables(setup, runs, comparisons, evolution)
    checkpoint()
    return Result(
        drawn,
        tuple(rows),
        shown,
        tuple([*problems, *notes_of(setup, runs, comparisons[0], evolution)]),
        tuple(warnings),
        headline(setup, runs, rows, escapes),
    )


def _moments(setup: Setup, runs: list[MethodRun]) -> tuple[float, ...]:
    """The times at which the exact density is needed without interpolation."""
    times = {run.end for run in runs if run.is_overdamped}
    if setup.is_constant and setup.config.start != "equilibrium":
        for run in runs:
            if run.is_overdamped:
                times |= {float(run.times[k]) for k in run.compared_frames}
    return tuple(sorted(times))


def interleaved(checks: list[list[Check]]) -> list[Check]:
    """The rows of all runs in turn: the first of each, then the second of each, …; then the rest of the first run."""
    brief = max((len(rows) for rows in checks[1:]), default=0)
    ordered = [rows[i] for i in range(brief) for rows in checks if i < len(rows)]
    return ordered + checks[0][brief:]

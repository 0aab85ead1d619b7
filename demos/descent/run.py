"""A run of the demo: predictions, simulation, picture, checks. The same config gives the same bytes."""

from __future__ import annotations

from demos.common.progress import Progress, checkpoint, part
from demos.contract import Check, OnPicture, Result
from demos.contract.running import demo_run
from demos.descent.checks import DISTANCE, departure_checks, flow_checks, method_checks
from demos.descent.config import DescentConfig
from demos.descent.foretold import foretold
from demos.descent.headline import headline, notes_of, warnings_of
from demos.descent.measured import measure
from demos.descent.picture import picture
from demos.descent.prediction import predictions
from demos.descent.setup import Setup
from demos.descent.simulate import simulate
from demos.descent.tables import tables

SIMULATING = 0.6  # the fraction of the progress bar for the simulation


@demo_run
def run(config: DescentConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Run the demo; `on_picture` is called with the picture before the checks are computed.

    The predictions are computed from the landscape and the exact flow, before any method runs. Raises ValueError, with
    one sentence, if the config cannot be run.
    """
    setup = Setup.of(config)
    predicted = [predictions(setup, method) for method in config.methods]
    runs = simulate(setup, part(progress, 0, 1, SIMULATING))
    drawn = picture(setup, runs, foretold(dict(zip(config.methods, predicted, strict=True))))
    if on_picture is not None:
        on_picture(drawn)
    checkpoint()
    measured = [[measure(setup, each, i) for i in range(len(setup.starts))] for each in runs]
    rows: list[Check] = []
    several = len(runs) > 1
    for i, each in enumerate(runs):
        checkpoint()
        label = each.label if several else ""
        own = method_checks(setup, each, predicted[i], measured[i])
        if i == 0:
            own = own[:1] + departure_checks(setup, each) + own[1:]
        rows += [row.labelled(label) for row in own]
    rows = _ordered(setup, rows + flow_checks(setup))
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        tables(setup, runs, predicted, measured),
        tuple(notes_of(setup, runs, predicted, measured)),
        tuple(warnings_of(setup, runs, measured)),
        headline(setup, runs, predicted, measured, rows),
    )


def _ordered(setup: Setup, rows: list[Check]) -> list[Check]:
    """The rows in the order of the page: recomputed moves last, because they say least about the landscape; where the
    distance from the flow is drawn, its rows first."""
    again = [row for row in rows if row.name.startswith("moves made again")]
    drawn = [row for row in rows if setup.config.beside == "distance" and row.name.startswith(DISTANCE)]
    return drawn + [row for row in rows if row not in again and row not in drawn] + again

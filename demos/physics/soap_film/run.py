"""The demo of soap films as a function of its config."""

from __future__ import annotations

import numpy as np

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.trace import field_trace
from demos.physics.soap_film.checks import checks
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.headline import headline
from demos.physics.soap_film.messages import notes, warnings
from demos.physics.soap_film.picture import film_picture
from demos.physics.soap_film.simulate import FilmRun, simulate


@demo_run
def run(config: FilmConfig, progress: Progress | None = None) -> Result:
    """Run the film and compare it with the catenoids. The same config gives the same bytes."""
    with np.errstate(all="ignore"):  # numbers of a diverged film overflow
        film_run = simulate(config, progress)
        found = tuple(checks(config, film_run))
        result = Result(
            film_picture(config, film_run),
            found,
            {"trace": _trace(config, film_run)},
            tuple(notes(config, film_run)),
            tuple(warnings(config, film_run)),
            headline(config, film_run, found),
        )
    if progress is not None:
        progress(1.0)
    return result


def _trace(config: FilmConfig, run: FilmRun):
    return field_trace(
        method_label(config.method), run.x, run.areas, run.rates, residual=run.residual, evaluations=run.evaluations
    )

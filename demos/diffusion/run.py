"""One run of the demo: sample, compare, draw. Pure: same config, same bytes."""

from __future__ import annotations

import torch

from demos.common.progress import Progress
from demos.contract import OnPicture, Result
from demos.contract.running import demo_run
from demos.diffusion.checks import checks
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.learned_checks import likelihood
from demos.diffusion.notes import notes, warnings
from demos.diffusion.picture import picture
from demos.diffusion.simulate import setup, simulate, truth_of
from demos.diffusion.tables import tables

# of the progress bar: until the score is there, the samples, the picture, the tables
LEARNING, SAMPLING, DRAWING, COMPARING = 0.5, 0.7, 0.8, 0.9


@demo_run
def run(config: DiffusionConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The diffusion demo as a function of its config; `on_picture` gets the picture as soon as it is drawn.

    Raises ValueError in one sentence where it cannot be run.
    """
    first = 0.0 if config.score == "exact" else LEARNING
    part = lambda low, high: None if progress is None else lambda done: progress(low + (high - low) * done)
    told = lambda done: None if progress is None else progress(done)
    chosen = setup(config, part(0.0, first))
    runs = simulate(chosen, part(first, SAMPLING))
    with torch.no_grad():
        truth = truth_of(config, chosen.data, chosen.labels)
        told(SAMPLING)
        drawn = picture(chosen, runs, truth)
        told(DRAWING)
        if on_picture is not None:
            on_picture(drawn)
        found = tables(chosen, runs, truth)
    told(COMPARING)
    found_checks, words = [*likelihood(chosen), *checks(chosen, runs)], notes(chosen, runs, found)
    told(1.0)
    return Result(drawn, tuple(found_checks), found, tuple(words), tuple(warnings(chosen, runs)))

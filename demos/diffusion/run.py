"""One run of the demo: sample, draw, compare. Deterministic: the same config gives the same bytes."""

from __future__ import annotations

import torch

from demos.common.progress import Progress, part
from demos.contract import OnPicture, Result
from demos.contract.running import demo_run
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.notes import notes, warnings
from demos.diffusion.picture import picture
from demos.diffusion.setup import setup, true_points
from demos.diffusion.simulate import simulate
from demos.diffusion.tables import tables
from demos.diffusion.verdict import checks, headline, judged, lesson

# fractions of the progress bar when the score is ready, the samples, the picture, the tables
LEARNING, SAMPLING, DRAWING, COMPARING = 0.5, 0.7, 0.8, 0.9


@demo_run
def run(config: DiffusionConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The diffusion demo as a function of its config; `on_picture` gets the picture as soon as it is drawn.

    Raises ValueError where the config's data cannot be read, or cannot be used as the config asks.
    """
    report = progress or (lambda done: None)
    learning = 0.0 if config.score == "exact" else LEARNING
    resolved = setup(config, part(progress, 0.0, 1.0, learning))
    runs = simulate(resolved, part(progress, learning, 1.0, SAMPLING - learning))
    with torch.no_grad():
        reference = true_points(config, resolved.data, resolved.labels)
        report(SAMPLING)
        drawn = picture(resolved, runs, reference)
        report(DRAWING)
        if on_picture is not None:
            on_picture(drawn)
        made = tables(resolved, runs, reference)
        report(COMPARING)
        found = judged(resolved, runs, reference)
        compared = checks(resolved, found)
    sentences = tuple(notes(resolved, runs, made))
    reasons = [one.incomparable for one in found]
    measured = {row.name: row.measured for row in compared}
    conclusion = lesson(resolved, runs, drawn, reference, measured, made["paths"])
    line = headline(resolved, compared, [run.label for run in runs], reasons, conclusion)
    report(1.0)
    return Result(drawn, compared, made, sentences, tuple(warnings(resolved, runs)), line)

"""The point that a config makes besides the distance to the data: one clause with a number computed from the run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import number
from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run
from demos.diffusion.verdict.curve import true_squares
from demos.picture import Picture, Points

FOOT = 1.8  # distance from the foot of the tree's trunk within which a third of each class lies
EVERY = 0.9995  # share from which "every" is written


@dataclass(frozen=True)
class Lesson:
    """text: a clause without its full stop; "" where the distance is the point. caused: whether the clause describes
    an effect of the same setting that makes the samples differ from true points."""

    text: str = ""
    caused: bool = True


def lesson(
    setup: Setup, runs: list[Run], picture: Picture, reference: Tensor, rows: dict[str, float], paths: pd.DataFrame
) -> Lesson:
    """The lesson of a run. reference: true points (N, 2). rows: measured values by the names of their rows. paths: the
    table of the paths' straightness."""
    config, data = setup.config, setup.data
    if not bool(torch.isfinite(runs[0].path.end).all()):
        return Lesson()
    if config.probe:
        return Lesson(_neighbours(setup, _layer(picture, "One point")), caused=False)
    on_points = rows.get("Share on a data point")
    if on_points is not None and len(runs) == 1:
        who = "Every sample ends" if on_points > EVERY else f"{_percent(on_points)} of the samples end"
        return Lesson(f"{who} on one of the {len(data.distribution.means):,} data points", on_points <= EVERY)
    width = rows.get("Half width of the curve")
    true = math.sqrt(true_squares(data)[0]) if width is not None else 0.0
    if width is not None and len(runs) == 1 and (config.last == "stop" or setup.stops_early):
        beside = f"true points {number(true, digits=2)}"
        return Lesson(f"The samples lie {number(width, digits=2)} from the middle of the curve, {beside}")
    if config.guided and data.name == "tree" and len(runs) == 1:
        foot = data.distribution.means[0].numpy()
        near = lambda cloud: float((np.linalg.norm(cloud.numpy() - foot, axis=1) < FOOT).mean())
        ours, true = near(runs[0].path.end), near(reference)
        text = f"{_percent(ours)} of the samples lie near the foot of the trunk, {_percent(true)} of the true points"
        return Lesson(text, caused=config.guidance != 1)
    if (config.color == "start" and len(runs) > 1 or config.trails) and len(paths) == len(runs):
        lengths = [number(x, digits=3 if len(runs) == 1 else 2) for x in paths["length/chord"].tolist()]
        named = len(set(lengths)) > 1
        each = " and ".join(
            f"{length} ({run.label})" if named else length
            for length, run in list(zip(lengths, runs, strict=True))[: None if named else 1]
        )
        return Lesson(f"Paths are {each} times as long as their chords", caused=False)
    inside = rows.get("Share inside the squares")
    if inside is not None and config.score != "exact" and len(runs) == 1:
        return Lesson(f"{_percent(inside)} of the samples lie inside the squares")
    return Lesson()


def _neighbours(setup: Setup, points: Points) -> str:
    """A clause on the ends of nine neighbouring points of noise."""
    ends = torch.from_numpy(np.ascontiguousarray(points.positions[-1]))
    apart = f"up to {number(float(torch.cdist(ends[:1], ends).max()), digits=2)} apart"
    if setup.data.classes < 2:
        return f"The nine neighbours end {apart}"
    found = len(setup.data.distribution.classify(ends).unique())
    what = "squares" if setup.data.name == "checkerboard" else "classes"
    place = f"on {found} {what}" if found > 1 else f"on one of the {what}"
    return f"The nine neighbours end {place}, {apart}"


def _layer(picture: Picture, begins: str) -> Points:
    layers = picture.panels[0].layers
    return next(layer for layer in layers if isinstance(layer, Points) and layer.name.startswith(begins))


def _percent(share: float) -> str:
    text = number(100 * share, digits=2)
    return f"{number(100 * share, digits=4) if text == '100' and share < 1 else text} %"

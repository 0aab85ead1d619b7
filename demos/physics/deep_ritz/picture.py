"""The picture of a training: the network's field with exact contour lines, a cut through both, their difference."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.physics.deep_ritz.learning import Learning
from demos.physics.deep_ritz.reference import exact_energy, exact_solution
from demos.picture import Annotation, Curve, Field, Mark, Panel, Picture, Readout
from demos.picture.colors import EXACT

POINTS = 49
LEVELS = 7


def picture(run: Learning) -> Picture:
    fields = run.model.field(run.weights, POINTS).numpy()
    exact = exact_solution(POINTS)
    top, unit = float(exact.max()), (0.0, 1.0)
    levels = (top * np.linspace(0, 1, LEVELS + 2)[1:-1]).tolist()
    errors = fields - exact
    worst = np.abs(errors).max((1, 2))
    learned = Panel(
        unit,
        unit,
        [
            Field("u of the network", fields.astype(np.float32), limits=(0.0, top)),
            Field("exact, lines", exact, contours=levels, opacity=0.0),
        ],
        title="Network",
        equal=True,
    )
    middle, x = POINTS // 2, np.linspace(0, 1, POINTS)
    cut = Panel(
        unit,
        (min(-0.1 * top, float(np.clip(fields[:, middle].min(), -top, 0))), 1.5 * top),
        [
            Curve("exact u(x, ½)", x, exact[middle], dashed=True, color=EXACT),
            Curve("network", x, np.clip(fields[:, middle], -top, 2 * top), color=-2),
        ],
        title="Through the middle",
        x_label="x",
        y_label="u",
        weight=0.9,
        annotations=[Annotation(f"exact: {number(top)} in the middle", 0.5, 1.06 * top, align="center")],
    )
    captions = [f"error up to {value:.2g}" for value in worst.tolist()]
    shares = errors / np.maximum(worst, 1e-300)[:, None, None]
    difference = Panel(
        unit,
        unit,
        [Field("error, of its largest", shares.astype(np.float32), colors="diverging", limits=(-1.0, 1.0))],
        title="Difference",
        equal=True,
        captions=captions,
    )
    near = np.flatnonzero(run.gaps <= 0.01 * abs(exact_energy()))
    marks = [Mark(float(run.iterations[near[0]]), "1 % above the minimum")] if len(near) else []
    readouts = [Readout("E − E*", run.gaps), Readout("largest error", worst)]
    return Picture(
        [learned, cut, difference],
        Readout("iteration", run.iterations.astype(float), digits=5),
        readouts,
        seconds=7.0,
        alt=f"A network of width {run.model.width} learns the solution of Poisson's equation.",
        marks=marks,
    )

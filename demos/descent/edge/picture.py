"""The picture: sharpness and loss over the steps, and the function that the network has learnt."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.descent.edge.checks import Seen
from demos.descent.edge.config import EdgeConfig
from demos.descent.edge.network import EVERY, Trained, data
from demos.picture import Curve, Lines, Mark, Markers, Panel, Picture, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import growing

SHARPNESS, LOSS, NETWORK = 1, 0, -2  # colours
HIGHEST = 2.2  # of the axis of sharpness × lr/2; a diverging run leaves it
LEAST = 1e-9  # least loss that is drawn
FAR = 1e3  # of a diverging function: far outside of the panel


def picture(config: EdgeConfig, trained: Trained, seen: Seen) -> Picture:
    """The picture of a run."""
    steps = trained.steps.astype(float)
    crossed = seen.crossing < len(steps)
    ends = f"reaches 1 at step {seen.crossing * EVERY:,}" if crossed else "stays below 1"
    return Picture(
        [sharpness(steps, seen), losses(steps, trained), function(config, trained)],
        Readout("step", steps),
        [
            Readout("sharpness", trained.sharpness),
            Readout("loss", trained.losses),
            Readout(f"of {EVERY} steps, up", np.append(seen.up, seen.up[-1]).astype(float)),
        ],
        seconds=8.0,
        marks=[Mark(float(steps[seen.crossing]), "edge")] if crossed else [],
        alt=f"A tanh network learns by gradient descent with lr = {number(config.lr)}: sharpness × lr/2 {ends}.",
    )


def sharpness(steps: np.ndarray, seen: Seen) -> Panel:
    top = min(HIGHEST, 1.1 * float(np.nanmax(np.append(seen.level, 1.0))))
    shown = np.where(seen.level <= HIGHEST, seen.level, np.nan)
    return Panel(
        (0.0, float(steps[-1])),
        (0.0, top),
        [
            Curve("the edge: 2/lr", steps[[0, -1]], np.ones(2), dashed=True, color=EXACT),
            Lines("sharpness × lr/2", growing(steps, shown[:, None]), color=SHARPNESS, width=2.2),
        ],
        title="Sharpness × lr/2",
        subtitle="beyond 1 a parabola is left",
        x_label="step",
        y_label="largest curvature × lr/2",
        weight=1.3,
    )


def losses(steps: np.ndarray, trained: Trained) -> Panel:
    logs = np.log10(np.clip(trained.losses, LEAST, 1 / LEAST))
    inside = logs[np.isfinite(logs)]
    return Panel(
        (0.0, float(steps[-1])),
        (float(inside.min()) - 0.2, float(inside.max()) + 0.2),
        [Lines("training loss", growing(steps, logs[:, None]), color=LOSS, width=2.2)],
        title="Training loss",
        x_label="step",
        y_label="loss",
        y_scale="log",
        weight=1.1,
    )


def function(config: EdgeConfig, trained: Trained) -> Panel:
    x, y = (values[:, 0] for values in data(config.degree))
    known = np.stack((x, y), 1)
    return Panel(
        (-1.08, 1.08),
        (-1.45, 1.45),
        [
            Markers("examples", known, [""] * len(x), ["ring"] * len(x)),
            Curve("network", x, np.clip(trained.functions, -FAR, FAR), color=NETWORK),
        ],
        title=f"Chebyshev's polynomial of degree {config.degree}",
        x_label="x",
        y_label="y",
    )

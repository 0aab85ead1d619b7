"""The picture of the cloud: in the plane with the ellipses of both distributions, and along its steep direction."""

from __future__ import annotations

import math

import numpy as np

from demos.picture import Curve, Field, Lines, Mark, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import moving_histogram
from demos.stochastic.bench.descent import Descent
from demos.stochastic.bench.ellipses import ellipses, normal_density
from demos.stochastic.cloud.config import CloudConfig
from demos.stochastic.cloud.law import CURVATURES, START, Law, Moments

SHOWN = 1_500  # most chains that are drawn
BINS, GRID = 60, 61
LIMIT = 1  # colour of the diffusion limit


def picture(config: CloudConfig, run: Descent, law: Law, moments: list[tuple[Moments, Moments]], frame: int) -> Picture:
    """The picture. moments: of both directions in every frame. frame: the one that the rows are about."""
    frames = frame + 1
    means = np.array([[m.mean for m in pair] for pair in moments[:frames]])
    variances = np.array([[m.variance for m in pair] for pair in moments[:frames]])
    limits = np.array([[law.limit(axis, int(step)) for axis in (0, 1)] for step in run.steps[:frames]])
    states = run.states[:frames]
    width = min(max(1.8, 3.6 * float(np.sqrt(variances[-1].max()))), 3.6 * 30)
    axis = np.linspace(-width, width, GRID)
    field = 0.5 * (CURVATURES[0] * axis[None] ** 2 + CURVATURES[1] * axis[:, None] ** 2)
    plane = Panel(
        (-width, width),
        (-width, width),
        [
            Field("loss", field, contours=8),
            Points("chains", states[:, :SHOWN], radius=1.8),
            Lines("diffusion limit", ellipses(means, limits), closed=True, dashed=True, color=LIMIT),
            Lines("exact, 2σ", ellipses(means, variances), closed=True, color=EXACT, width=2.5),
        ],
        x_label="x (steep)",
        y_label="y (flat)",
        equal=True,
    )
    half = max(0.15, 4.5 * float(np.sqrt(max(variances[-1, 0], limits[-1, 0])))) + abs(float(means[-1, 0]))
    edges = np.linspace(-half, half, BINS + 1)
    x = np.linspace(-half, half, 121)
    density = moving_histogram(states[..., 0], edges.astype(states.dtype))
    exact, limit = normal_density(x, means[:, 0], variances[:, 0]), normal_density(x, means[:, 0], limits[:, 0])
    top = 1.25 * max(float(np.nan_to_num(curve[-1]).max()) for curve in (exact, limit)) or 1.0
    across = Panel(
        (-half, half),
        (0.0, top),
        [
            Curve("SGD", edges, density, stepped=True, filled=True, color=-2),
            Curve("diffusion limit", x, np.nan_to_num(limit), dashed=True, color=LIMIT),
            Curve("Gaussian, exact variance", x, np.nan_to_num(exact), color=EXACT),
        ],
        title="Across the steep direction",
        x_label="x",
        y_label="density",
    )
    forgotten = _forgotten(config)
    return Picture(
        [plane, across],
        Readout("step", run.steps[:frames].astype(float), digits=6),
        [
            Readout("variance, steep", np.square(states[..., 0].astype(float) - means[:, :1]).mean(1)),
            Readout("exact", variances[:, 0]),
            Readout("diffusion limit", limits[:, 0]),
        ],
        seconds=7.0,
        alt=f"{config.chains:,} chains of SGD fall from {START} into a quadratic and stay there as a cloud.",
        marks=[Mark(forgotten, "the start is forgotten")] if forgotten < 10 * config.steps else [],
    )


def _forgotten(config: CloudConfig) -> float:
    """The step at which the start has decayed to a twentieth in the flat direction; inf above the stability limit."""
    rates = [abs(1 - config.lr * h) for h in CURVATURES]
    if config.momentum or max(rates) >= 1:
        return math.inf
    return math.log(0.05) / math.log(max(max(rates), 1e-9))

"""The picture of the escape: chains over the saddle, and the distribution of x."""

from __future__ import annotations

import numpy as np
import torch

from demos.picture import Annotation, Curve, Field, Mark, Markers, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import moving_histogram
from demos.stochastic.bench.ellipses import normal_density
from demos.stochastic.saddle import landscape
from demos.stochastic.saddle.config import SaddleConfig
from demos.stochastic.saddle.law import Law, diffused, linear_until

SHOWN, BINS, GRID = 800, 70, 81
LINEAR_THEORY = 1


def picture(config: SaddleConfig, steps: np.ndarray, seen: np.ndarray, plain: np.ndarray, law: Law) -> Picture:
    """The picture. steps (F,); seen (F, n, 3) for SGD and plain (F, 1, 3) for gradient descent: x, the first
    coordinate of y, |y|²."""
    far = landscape.minimum(config.curvature)
    width, height = 1.6 * far, 1.35
    nodes_x, nodes_y = np.linspace(-width, width, GRID), np.linspace(-height, height, GRID)
    places = np.stack(np.meshgrid(nodes_x, nodes_y), -1).reshape(-1, 2)
    loss = landscape.energy(torch.from_numpy(places), config.curvature).numpy().reshape(GRID, GRID)
    # the first coordinate of y starts at 1/√(d − 1), and is drawn scaled to 1
    scale = (config.dimensions - 1) ** 0.5
    stretched = lambda states: states[..., :2] * np.array([1.0, scale], states.dtype)
    escaped = np.abs(seen[..., 0]) > landscape.escape_distance(config.curvature)
    plane = Panel(
        (-width, width),
        (-height, height),
        [
            Field("loss", loss, contours=14),
            Points(
                "SGD",
                stretched(seen[:, :SHOWN]),
                labels=escaped[:, :SHOWN].astype(np.uint8),
                label_names=["on the ridge", "gone"],
                trail=8,
                trails=20,
            ),
            Markers("gradient descent", stretched(plain), ["gradient descent"], ["cross"]),
            Markers(
                "places",
                np.array([[0.0, 0.0], [-far, 0.0], [far, 0.0]]),
                ["", "minimum", "minimum"],
                ["saddle", "minimum", "minimum"],
            ),
        ],
        annotations=[Annotation("saddle", 0.0, -0.17 * height, align="center")],  # not where gradient descent is named
        x_label="x, the way down",
        y_label="y" if config.dimensions == 2 else "first direction across × √(d − 1)",
    )
    edges = np.linspace(-width, width, BINS + 1)
    axis = np.linspace(-width, width, 241)
    histogram = moving_histogram(seen[..., 0], edges.astype(seen.dtype))
    layers = [Curve("SGD", edges, histogram, stepped=True, filled=True, color=-2)]
    variances = np.array([diffused(config, int(k)) for k in steps])
    near = np.where(variances < (2 * width) ** 2, variances, 0.0)
    linear = np.nan_to_num(normal_density(axis, np.zeros(len(steps)), near))
    layers.append(Curve("diffusion limit of the saddle", axis, linear, dashed=True, color=LINEAR_THEORY))
    top = 1.4 * float(histogram[-1].max())
    if not law.trouble:
        at, densities = law.density
        exact = np.array([np.interp(axis, at, row, left=0.0, right=0.0) for row in densities])
        layers.append(Curve("exact distribution", axis, exact, color=EXACT))
        top = max(top, 1.4 * float(exact[-1].max()))
    along = Panel((-width, width), (0.0, top), layers, x_label="x", y_label="density", title="Along the way down")
    share = escaped.mean(1)
    readouts = [Readout("have left", share)]
    if not law.trouble:
        readouts.append(Readout("exact", law.escaped_share[steps]))
    return Picture(
        [plane, along],
        Readout("step", steps.astype(float), digits=6),
        readouts,
        seconds=8.0,
        marks=[Mark(float(linear_until(config)), "variance compared")],
        alt=f"{config.chains:,} chains of SGD leave a saddle in d = {config.dimensions}: {share[-1]:.0%} are gone.",
    )

"""The picture of the two wells: chains on the loss, and their distribution with the exact one and Gibbs's."""

from __future__ import annotations

import numpy as np

from demos.picture import Curve, Markers, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import moving_histogram
from demos.stochastic.wells.config import WellsConfig
from demos.stochastic.wells.landscape import barrier, bottoms, energy
from demos.stochastic.wells.law import Law

SHOWN, BINS = 500, 70
GIBBS = 1


def picture(config: WellsConfig, steps: np.ndarray, x: np.ndarray, law: Law) -> Picture:
    """The picture. steps (F,) and x (F, n): of the frames."""
    low, high = -1.4, 2.2
    axis = np.linspace(low, high, 241)
    loss = energy(axis)
    top = 2.2
    chains = x[:, :SHOWN].astype(float)
    places = np.stack((chains, energy(chains)), -1)
    sharp, flat = bottoms()
    wells = Panel(
        (low, high),
        (-0.25, top),
        [
            Curve("loss", axis, loss),
            Points("chains", places, labels=(chains > barrier()).astype(np.uint8), label_names=["sharp", "flat"]),
            Markers(
                "places",
                np.array([[sharp, energy(np.array(sharp))], [flat, energy(np.array(flat))]]),
                ["curvature 40", "curvature 2"],
                ["minimum", "minimum"],
            ),
        ],
        x_label="x",
        y_label="loss",
    )
    edges = np.linspace(low, high, BINS + 1)
    layers = [Curve("SGD", edges, moving_histogram(x, edges.astype(x.dtype)), stepped=True, filled=True, color=-2)]
    nodes, density = law.gibbs_density
    gibbs = np.interp(axis, nodes, density)
    highest = float(gibbs.max())
    layers.append(Curve("Gibbs", axis, gibbs, dashed=True, color=GIBBS))
    if not law.trouble:
        at, densities = law.density
        exact = np.array([np.interp(axis, at, row, left=0.0, right=0.0) for row in densities])
        layers.append(Curve("exact distribution of SGD", axis, exact, color=EXACT))
        highest = max(highest, float(exact[-1].max()))
    spread = Panel(
        (low, high), (0.0, 1.3 * highest), layers, x_label="x", y_label="density", title="Where the chains are"
    )
    share = (x > barrier()).mean(1)
    readouts = [Readout("in the flat well", share), Readout("Gibbs", np.full(len(steps), law.gibbs_share))]
    if not law.trouble:
        readouts.insert(1, Readout("exact", law.in_flat[steps]))
    return Picture(
        [wells, spread],
        Readout("step", steps.astype(float), digits=6),
        readouts,
        seconds=8.0,
        alt=f"{config.chains:,} chains of SGD between a sharp and a flat well; {share[-1]:.0%} end in the flat one.",
    )

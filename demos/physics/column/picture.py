"""The picture of a column with the elastica, its deflection over time, and its place on the bifurcation diagram."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.numbers import counted
from demos.physics.bench.frames import dissipation_readouts, frame_positions, interpolated
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.panels import time_panel
from demos.physics.column.config import ColumnConfig
from demos.physics.column.model import deflection, nodes
from demos.physics.column.reference import EULER, elastica, elastica_deflection, hencky_load
from demos.picture import Annotation, Curve, Lines, Mark, Markers, Panel, Picture, Readout
from demos.picture.colors import EXACT

FRAMES = 100
SECONDS = 8.0
ARROW = 0.16  # length of the load's arrow, in lengths of the column
GAP = 0.045  # distance between the arrow's tip and the column
STILL = 0.01  # a column is at rest where it is this near to its last deflection, relative to the largest
LOADS = (0.6, 1.8)  # range of the diagram, in π²


def picture(config: ColumnConfig, run: MethodRun, unrest: str) -> Picture:
    """The picture of a run. unrest: why the column is not at rest in the end, or ""."""
    positions = frame_positions(run, FRAMES)
    angles = torch.from_numpy(interpolated(run.states.numpy(), positions))
    joints = nodes(angles).numpy()[..., ::-1]  # upright: the axis is drawn along y
    deflections = deflection(angles).numpy()
    load, top = config.force, joints[:, -1]
    smooth = elastica(load)[:, ::-1]
    both = np.concatenate((smooth, smooth * [-1, 1]))
    body = Panel(
        (-0.55, 0.55),
        (min(-0.06, float(np.nanmin(joints[..., 1])) - 0.06), 1.06 + ARROW),
        [
            Lines("exact: smooth rod", both, starts=np.array([0, len(smooth)]), dashed=True, color=EXACT, width=2.0),
            Lines("column", joints, width=5.0, dots=2.8 if config.links <= 30 else 0.0, color=-2),
            Lines("load", arrow(top, config.load), starts=np.array([0, 2]), width=2.5),
            Markers("ends", np.stack((np.zeros_like(top), top), 1), ["", ""], ["ring", "ring"]),
        ],
        y_label="height",
        equal=True,
        weight=0.8,
        annotations=_words(deflections, top[:, 1], unrest),
    )
    low, high = min(LOADS[0], config.load - 0.1), LOADS[1] + 0.03
    loads = np.r_[low, 1 + (high - 1) * np.linspace(0, 1, 60) ** 2]  # the curve starts upright
    branch = np.array([elastica_deflection(p * EULER) for p in loads])
    here = np.stack((np.full_like(deflections, config.load), deflections), -1)[:, None]
    critical = hencky_load(config.links) / EULER
    diagram = Panel(
        (low, high),
        (-0.5, 0.5),
        [
            Lines(
                "exact: smooth rod",
                np.stack((np.r_[loads, loads], np.r_[branch, -branch]), 1),
                starts=np.array([0, len(loads)]),
                dashed=True,
                color=EXACT,
            ),
            Curve("straight", np.array([low, critical]), np.zeros(2), color=-1),
            Curve("saddle", np.array([critical, high]), np.zeros(2), dashed=True, color=-1),
            Markers("Hencky's load", np.array([[critical, 0.0]]), ["buckles here"], ["cross"]),
            Markers("this column", here, [""], ["dot"]),
        ],
        title="Bent aside over load",
        x_label="P (π² EI/L²)",
        y_label="aside (L)",
        weight=1.0,
    )
    times = interpolated(run.x, positions)
    unit = "iteration" if run.iterates else "t"
    path = time_panel("Bent aside", times, {"this column": deflections}, x_label=unit, y_label="aside (L)", weight=0.7)
    moving = np.flatnonzero(np.abs(deflections - deflections[-1]) > STILL * np.abs(deflections).max())
    marks = [] if unrest or not len(moving) else [Mark(float(times[min(moving[-1] + 1, len(times) - 1)]), "at rest")]
    clock = Readout(unit, times)
    readouts = [
        Readout("bent aside", deflections),
        Readout("E", interpolated(run.energies, positions), digits=7),
        Readout("largest force", interpolated(run.forces, positions)),
        *dissipation_readouts(run, positions),
    ]
    return Picture(
        [body, path, diagram],
        clock,
        readouts,
        seconds=SECONDS,
        alt=f"A column of {counted(config.links, 'link')} under {config.load:g} times Euler's load ends "
        f"{abs(deflections[-1]):.3g} lengths aside.",
        marks=marks,
    )


def _words(deflections: np.ndarray, heights: np.ndarray, unrest: str) -> list[Annotation]:
    """The annotation of the end, at the middle of the column: its deflection, that it hangs, or that it still moves."""
    last, aside = len(deflections) - 1, float(deflections[-1])
    if not np.isfinite(aside):
        return []
    upright = float(heights[-1]) > 0
    words = "Still moving" if unrest else f"{abs(aside):.2g} L aside" if abs(aside) > 0.005 else "Straight"
    side = "right" if aside < 0 else "left"
    place = aside + (-0.03 if aside < 0 else 0.03)
    text = words if upright or unrest else "It hangs from its pin"
    where = 0.5 * float(heights[-1]) if upright else 0.5  # beside a bent column, and above one that hangs
    return [Annotation(text, place, where, (last - last // 5, last), side if upright else "center")]


def arrow(top: np.ndarray, load: float) -> np.ndarray:
    """(F, 5, 2): a shaft as long as the load is heavy, and a head, on the column's top (F, 2)"""
    length = ARROW * min(1.0, 0.3 + 0.5 * load) if load > 0 else 0.0
    head = 0.035 if load > 0 else 0.0
    shape = GAP * np.array([0, 1]) + np.array([[0, length], [0, 0], [-head, head], [0, 0], [head, head]])
    return top[:, None] + shape

"""Pictures of charges on a sphere: Voronoi cells coloured by the number of neighbours, and a panel of the energy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.spatial import ConvexHull, QhullError

from demos.physics.bench.constraints import UnitSpheres
from demos.physics.bench.frames import (
    clock_axis,
    clock_readout,
    dissipation_readouts,
    frame_positions,
    interpolated,
)
from demos.physics.bench.freezing import Frozen
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.panels import time_panel
from demos.physics.charges.model import FEWEST_CELLS
from demos.picture import Cells, Globe, Layer, Panel, Picture, Readout, Spheres

FRAMES, SECONDS = 100, 7.0
NAMES = ("3", "4", "5", "6", "7", "8")
COLORS = (3, 4, 1, -1, 0, 2)  # colours by the number of neighbours; cells with six, the regular ones, have none (−1)
BOX = (-1.05, 1.05)


def run_picture(run: MethodRun, best: float) -> Picture:
    """One run: the charges with their cells, and their energy beside the best known."""
    positions, count = frame_positions(run, FRAMES), run.system.shape[0]
    between = torch.from_numpy(interpolated(run.states.numpy(), positions))
    states, energies = UnitSpheres().retract(between).numpy(), interpolated(run.energies, positions)
    x, axis = clock_axis(run, positions)
    title = f"{count} charges"
    return Picture(
        [
            sphere_panel(states, title, weight=1.25),
            time_panel("Energy", x, {"E": energies}, exact={"best known": best}, y_label="E", **axis),
        ],
        clock_readout(run, positions),
        (
            Readout("E", energies, digits=8),
            Readout("largest force", interpolated(run.forces, positions)),
            Readout("gradients", np.rint(interpolated(run.work, positions)), digits=6),
            *dissipation_readouts(run, positions),
        ),
        seconds=SECONDS,
        alt=f"{title} on a sphere; energy from {energies[0]:.6g} to {energies[-1]:.9g}.",
    )


def cooling_picture(frozen: Frozen, best: float) -> Picture:
    """The annealing walk with the lowest final energy, and its minimization at the end."""
    title = f"{frozen.states.shape[1]} charges"
    return Picture(
        [
            sphere_panel(frozen.states, title, frozen.captions, weight=1.25),
            time_panel(
                "Energy", frozen.times, {"E": frozen.energies}, exact={"best known": best}, x_label="t", y_label="E"
            ),
        ],
        Readout("t", frozen.times),
        (Readout("kT", frozen.kT), Readout("E", frozen.energies, digits=8)),
        seconds=9.0,
        alt=f"{title} are cooled and freeze at energy {frozen.energies[-1]:.6f}.",
    )


def sphere_panel(states: np.ndarray, title: str, captions: Sequence[str] = (), **rest) -> Panel:
    """Charges (F, N, 3) on the unit sphere with their cells; captions, one a frame, go before the count of defects."""
    layers: list[Layer] = [Globe("sphere")]
    captions, subtitle = list(captions), ""
    if states.shape[1] >= FEWEST_CELLS:
        cells, counts = cells_of(states)
        layers.append(cells)
        subtitle = "cells by their sides"
        defects = [_defects(count) for count in counts]
        captions = [" · ".join(both) for both in zip(captions, defects, strict=True)] if captions else defects
    layers.append(Spheres("charges", states, radius=min(0.04, 0.25 / states.shape[1] ** 0.5), color=-1))
    return Panel(BOX, BOX, layers, z=BOX, title=title, subtitle=subtitle, captions=captions, **rest)


def cells_of(states: np.ndarray) -> tuple[Cells, list[np.ndarray]]:
    """The Voronoi cells of every frame (F, N, 3), and how many neighbours each charge has then (F of (N,)).

    The corners of a cell are the outward normals of the triangles around a charge: the circumcentres of the Delaunay
    triangulation, which is the convex hull.
    """
    corners, starts, labels, frames, counts, used = [], [], [], [], [], 0
    for frame, x in enumerate(states):
        try:
            hull = ConvexHull(x)
        except (QhullError, ValueError):  # a frame that is not finite, or whose charges lie in a plane
            counts.append(np.zeros(0, int))
            continue
        charge, triangle = hull.simplices.ravel(), np.repeat(np.arange(len(hull.simplices)), 3)
        normals = hull.equations[triangle, :3]
        east = np.cross(x, np.where(np.abs(x[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]]))
        north = np.cross(x, east)
        angle = np.arctan2((normals * north[charge]).sum(1), (normals * east[charge]).sum(1))
        order = np.lexsort((angle, charge))
        degree = np.bincount(charge, minlength=len(x))
        corners.append(normals[order])
        starts.append(used + np.r_[0, np.cumsum(degree)[:-1]])
        labels.append(np.clip(degree, 3, 8) - 3)
        frames.append(np.full(len(x), frame))
        counts.append(degree)
        used += len(normals)
    return Cells(
        "cells",
        np.concatenate(corners),
        np.concatenate(starts),
        np.concatenate(labels),
        NAMES,
        COLORS,
        np.concatenate(frames),
    ), counts


def _defects(degree: np.ndarray) -> str:
    """A phrase with the number of charges that do not have six neighbours."""
    numbers = {number: int((degree == number).sum()) for number in sorted(set(degree.tolist())) if number != 6}
    words = {3: "threes", 4: "fours", 5: "fives", 7: "sevens", 8: "eights"}
    named = {number: word.removesuffix("s") if numbers.get(number) == 1 else word for number, word in words.items()}
    return ", ".join(f"{count} {named.get(number, f'with {number}')}" for number, count in numbers.items()) or "—"

"""Pictures of clusters: atoms as spheres, and a panel of the energy with the known levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from demos.common.numbers import number
from demos.physics.bench.frames import (
    clock_axis,
    clock_readout,
    dissipation_readouts,
    frame_positions,
    interpolated,
)
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.panels import span, time_panel
from demos.physics.clusters.model import Cluster, coordination
from demos.picture import Panel, Picture, Readout, Spheres
from demos.picture.annotations import Annotation

FRAMES = 100
FARTHEST = 2.5  # an atom farther out than this many radii of the start is outside the picture
LOOSEST = 2.0  # largest energy of an atom on the colour scale: two atoms at one place would have far more
SHOWN_GAP = 0.005  # smallest gap above the best known energy that is written at the curve
CLOSE_UP = 1.2  # range of the energy panel above the higher of two funnels, in ε, so that the gap between them is seen
SECONDS = 7.0


def site_values(system: Cluster, states: np.ndarray, color: str) -> np.ndarray:
    """(F, N): the values that colour the atoms of states (F, N, 3); color: "energy" or "neighbours"."""
    x = torch.from_numpy(np.ascontiguousarray(states))
    if color == "neighbours":
        return coordination(x, system.bond).numpy().astype(float)
    return system.pairs.site_energies(x).clamp_max(LOOSEST).numpy()


def atoms(system: Cluster, states: np.ndarray, color: str, values: np.ndarray | None = None) -> Spheres:
    """The layer of states (F, N, 3), coloured by `site_values`, or those given."""
    size = 2 * system.radius
    values = site_values(system, states, color) if values is None else values
    return Spheres(
        "atoms",
        states,
        radius=0.4 * size,
        values=values,
        value_name="neighbours" if color == "neighbours" else "energy of an atom",
        bond_length=system.bond,
        bond_width=0.1 * size,
    )


def cluster_panel(system: Cluster, states: np.ndarray, color: str, values: np.ndarray | None = None, **rest) -> Panel:
    """The atoms (F, N, 3) about their centre in a box that holds them."""
    states = states - states.mean(1, keepdims=True)
    radii = np.linalg.norm(states, axis=2).max(1)
    half = 0.92 * (min(float(radii.max()), FARTHEST * float(radii[0])) + system.radius)
    box = (-half, half)
    return Panel(box, box, [atoms(system, states, color, values)], z=box, **rest)


def bond_captions(system: Cluster, states: np.ndarray) -> list[str]:
    """Captions with the number of bonds in each of the states (F, N, 3)."""
    near = coordination(torch.from_numpy(np.ascontiguousarray(states)), system.bond).sum(1) // 2
    return [f"{int(number)} bonds" for number in near]


def energy_panel(x: np.ndarray, curves: Mapping[str, np.ndarray], exact: Mapping[str, float], **rest: Any) -> Panel:
    """Energies (F,) over the picture's clock, with the known levels. Energies far above the start of a bound cluster
    are outside the panel."""
    lowest = min(min(float(np.nanmin(values)) for values in curves.values()), *exact.values(), 0.0)
    shown = [np.minimum(values, 0.5 * abs(lowest)) for values in curves.values()]
    return time_panel(
        "Energy",
        x,
        curves,
        exact=exact,
        y_label="E",
        y=span(*shown, np.array(list(exact.values()))),
        **rest,
    )


def run_picture(system: Cluster, run: MethodRun, title: str, levels: Mapping[str, float], color: str) -> Picture:
    """One run: the cluster, and its energy."""
    positions = frame_positions(run, FRAMES)
    states, energies = interpolated(run.states.numpy(), positions), interpolated(run.energies, positions)
    x, axis = clock_axis(run, positions)
    body = cluster_panel(system, states, color, title=title, captions=bond_captions(system, states), weight=1.25)
    panel = energy_panel(x, {"E": energies}, levels, **axis)
    panel = replace(panel, annotations=ending_words(panel, x, energies, next(iter(levels.values()), None)))
    return Picture(
        [body, panel],
        clock_readout(run, positions),
        (
            Readout("E", energies, digits=7),
            Readout("largest force", interpolated(run.forces, positions)),
            Readout("gradients", np.rint(interpolated(run.work, positions)), digits=6),
            *dissipation_readouts(run, positions),
        ),
        seconds=SECONDS,
        alt=f"{title}: {states.shape[1]} atoms; energy from {energies[0]:.4g} to {energies[-1]:.6g}.",
    )


def ending_words(panel: Panel, x: np.ndarray, energies: np.ndarray, best: float | None) -> list[Annotation]:
    """Annotations at the end of the energy curve of F frames, and at the best known level."""
    words, last = [], float(energies[-1])
    low, high = panel.y
    lift = 0.03 * (high - low)
    if not low <= last <= high:
        return words
    if best is not None:
        words.append(Annotation(f"best known {number(best, 2)}", float(x[0]), best - 2 * lift))
    there = np.abs(energies - last) > 0.01 * (high - low)
    first = int(np.flatnonzero(there)[-1]) + 1 if there.any() else 0
    gap = f", {number(last - best, 2)} above" if best is not None and last - best > SHOWN_GAP else ""
    frames = (min(first, len(x) - 1), len(x) - 1)
    words.append(Annotation(f"here at E = {number(last, 2)}{gap}", float(x[-1]), last + lift, frames, "right", -2))
    return words


def title_of(system: Cluster) -> str:
    return f"{system.pairs.potential.title}, N = {system.shape[0]}"


def _close_up(panel: Panel, x: np.ndarray, energies: Mapping[str, np.ndarray], levels: Mapping[str, float]) -> Panel:
    """The panel limited to the ends of the curves, with their names and the gap between them; unchanged if a run ended
    elsewhere."""
    low, high = min(levels.values()), max(levels.values())
    lasts = {name: float(values[-1]) for name, values in energies.items()}
    if not all(low - 0.5 < last < high + CLOSE_UP for last in lasts.values()):
        return panel
    words = [
        Annotation(f"{name} {number(last, 2)}", float(x[-1]), last + 0.05, None, "right", -2 if i == 0 else i)
        for i, (name, last) in enumerate(lasts.items())
    ]
    gap = abs(lasts["icosahedral"] - lasts["octahedron"])
    words.append(Annotation(f"{number(gap, 2)} deeper", float(x[0]), (low + high) / 2, None))
    return replace(panel, y=(low - 0.35, high + CLOSE_UP), annotations=words)


def pair_picture(
    system: Cluster,
    runs: Sequence[MethodRun],
    titles: Sequence[str],
    names: Sequence[str],
    levels: Mapping[str, float],
    color: str,
) -> Picture:
    """Runs side by side, each stretched over the whole animation; their energies are in one panel, under short
    names."""
    panels, energies, residuals = [], {}, []
    for run, title, name in zip(runs, titles, names, strict=True):
        positions = frame_positions(run, FRAMES)
        states = interpolated(run.states.numpy(), positions)
        panels.append(cluster_panel(system, states, color, title=title, captions=bond_captions(system, states)))
        energies[name] = interpolated(run.energies, positions)
        residuals += dissipation_readouts(run, positions)
    x, axis = clock_axis(runs[0], frame_positions(runs[0], FRAMES))
    panels.append(_close_up(energy_panel(x, energies, levels, **axis), x, energies, levels))
    readouts = [Readout(f"E, {name}", values, digits=7) for name, values in energies.items()]
    if residuals:  # one readout for both runs: the larger residual
        shares = np.array([one.values for one in residuals])
        readouts.append(replace(residuals[0], values=shares[np.abs(shares).argmax(0), np.arange(FRAMES)]))
    return Picture(
        panels,
        clock_readout(runs[0], frame_positions(runs[0], FRAMES)),
        readouts,
        seconds=SECONDS,
        alt=" and ".join(f"{name}: energy {values[-1]:.6f}" for name, values in energies.items()) + ".",
    )

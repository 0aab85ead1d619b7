"""The moving picture: the paths on the landscape, and a second panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demos.common.numbers import number
from demos.descent.anatomy import anatomy
from demos.descent.basin_maps import flow_basins, method_basins
from demos.descent.manifolds import stable_manifolds, streamlines
from demos.descent.optimizers import GRADIENT_STEPS
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun
from demos.descent.tables import distance_table, loss_of, lowest_energy
from demos.landscapes import Box
from demos.landscapes.background import energy_field, force_arrows, has_equal_axes, place_markers
from demos.picture import Field, Handles, Layer, Lines, Panel, Picture, Points, Readout
from demos.picture.annotations import Mark
from demos.picture.colors import EXACT

GROWN = 2.0  # the most by which a view is enlarged to show paths that leave it
MANY = 24  # with more starts, paths are thinner
STARTS = "Starts"
SEGMENTS = 40_000  # the most line segments of all paths in one frame
FLOOR = 14.0  # the decades of the loss that are shown


def picture(setup: Setup, runs: list[MethodRun], foretold: str = "") -> Picture:
    """The picture of a run; foretold: what was predicted for it, which stands over the second panel."""
    view = grown_view(setup, runs)
    panels = [_landscape_panel(setup, runs, view), replace(second_panel(setup, runs), subtitle=foretold)]
    steps = setup.frame_steps(runs[0].method)
    readouts = [Readout("step", steps.astype(float), digits=6)]
    readouts.append(Readout("E", _finite(energies_at(setup, runs[0].states[steps, 0]))))
    clock = Readout("t", setup.frame_times)
    names = ", ".join(run.label for run in runs)
    many = "one start" if len(setup.starts) == 1 else f"{len(setup.starts)} starts"
    return Picture(
        panels,
        clock,
        readouts,
        seconds=10.0 if len(steps) > 120 else 7.0,
        alt=f"Paths of {names} and of the exact flow from {many} on the {setup.surface.title} landscape.",
        marks=_left(setup, runs),
    )


def energies_at(setup: Setup, states: np.ndarray) -> np.ndarray:
    """E minus that of the lowest minimum, for the readouts of the picture."""
    found = loss_of(setup, states)
    return np.where(np.isfinite(states).all(-1) & ~np.isfinite(found), 0.0, found)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _left(setup: Setup, runs: list[MethodRun]) -> list[Mark]:
    """Marks on the timeline at which the first path of a method diverges."""
    marks = []
    for run in runs:
        if run.status.kind == "diverged" and setup.config.clock == "time":
            marks.append(Mark(run.status.step * run.rate, f"{run.label} leaves"))
    return marks[:3]


def grown_view(setup: Setup, runs: list[MethodRun]) -> Box:
    """The landscape's view, enlarged to contain the paths, but to at most GROWN times its size."""
    places = [setup.starts.numpy()]
    for run in runs:
        flat = run.states.reshape(-1, 2)
        places.append(flat[np.isfinite(flat).all(1)])
    points = np.concatenate(places)
    view = []
    for axis, (low, high) in enumerate(setup.surface.view):
        room = (GROWN - 1) / 2 * (high - low)
        inside = points[:, axis]
        lower, upper = np.quantile(inside, [0.002, 0.998]) if len(inside) > 1000 else (inside.min(), inside.max())
        starts = setup.starts.numpy()[:, axis]
        lower, upper = min(lower, starts.min()), max(upper, starts.max())
        margin = 0.04 * (high - low)
        left = low if lower >= low else max(lower - margin, low - room)
        right = high if upper <= high else min(upper + margin, high + room)
        view.append(
            (
                float(min(left, starts.min() - margin) if starts.min() < low else left),
                float(max(right, starts.max() + margin) if starts.max() > high else right),
            )
        )
    return (view[0], view[1])


def _landscape_panel(setup: Setup, runs: list[MethodRun], view: Box) -> Panel:
    surface, config = setup.surface, setup.config
    layers: list[Layer] = [*_background(setup, view)]
    if config.streamlines:
        layers.append(Lines("Streamlines", *streamlines(surface), width=0.8, color=EXACT))
    borders = stable_manifolds(surface)
    if borders is not None:
        shown = config.ground != "energy"
        layers.append(Lines("Basin borders (stable manifolds)", *borders, width=1.4, dashed=True, shown=shown))
    if view == surface.view:
        layers.append(force_arrows(surface))
    layers += [flow_points(setup), *(method_points(setup, run) for run in reversed(runs))]
    layers.append(place_markers(surface, view))
    grips = handles(setup)
    if grips is not None:
        layers.append(grips)
    lost = [run.label for run in runs if run.status.diverged]
    return Panel(
        *view,
        layers,
        subtitle=f"{', '.join(lost)} left the picture" if lost else "",
        x_label="x",
        y_label="y",
        clickable=True,
        weight=1.35,
        equal=has_equal_axes(surface),
    )


def _background(setup: Setup, view: Box) -> list[Field]:
    energy, config = replace(energy_field(setup.surface, view=view), name="Energy E"), setup.config
    if config.ground == "energy" or not setup.surface.minima or view != setup.surface.view:
        return [energy]
    labels = flow_basins(setup.surface) if config.ground == "flow" else method_basins(config)
    most = max(1, len(setup.surface.minima) - 1)
    values = np.where(labels >= 0, labels, np.nan).astype(float)
    ends = setup.surface.minima[0].name, setup.surface.minima[-1].name
    basins = Field("Basin of", values, crisp=True, opacity=0.55, limits=(-0.5, most + 0.5), ends=ends)
    return [basins, Field("Energy lines", energy.values, contours=energy.contours, opacity=0.0)]


def handles(setup: Setup) -> Handles | None:
    """The starts that can be dragged: each point, or the ends of a line; None for a grid."""
    config = setup.config
    if config.start == "grid":
        return None
    places = setup.starts.numpy() if config.start != "line" else setup.starts.numpy()[[0, -1]]
    return Handles(STARTS, places, labels=tuple(f"start {i + 1}" for i in range(len(places))))


def flow_points(setup: Setup) -> Points:
    """The exact flow at the times of the frames, with its path so far."""
    return _paths("Exact flow", setup.exact.at(setup.frame_times), EXACT, setup, 3.0)


def method_points(setup: Setup, run: MethodRun) -> Points:
    return _paths(run.label, run.states[setup.frame_steps(run.method)], run.color, setup, 4.5)


def _paths(name: str, positions: np.ndarray, color: int, setup: Setup, radius: float) -> Points:
    frames, count, _ = positions.shape
    layers = len(setup.config.methods) + 1
    return Points(
        name,
        positions,
        labels=np.zeros(count, dtype=np.uint8),
        label_names=(name,),
        label_colors=(color,),
        radius=radius if count <= MANY else 0.6 * radius,
        trail=max(10, min(frames, SEGMENTS // (count * layers))),
        trails=count,
    )


def second_panel(setup: Setup, runs: list[MethodRun]) -> Panel:
    """The panel beside the landscape: loss, distance from the flow, or the parts of a step."""
    match setup.config.beside:
        case "step" if runs:
            return _step_panel(setup, runs[0])
        case "distance":
            return _distance_panel(setup, runs)
    return _loss_panel(setup, runs)


def _loss_panel(setup: Setup, runs: list[MethodRun]) -> Panel:
    """log₁₀ of the loss (E minus that of the lowest minimum) of the first start over the clock."""
    at_time = setup.config.clock == "time"
    curves = [("Exact flow", EXACT, setup.frame_times, loss_of(setup, setup.exact.at(setup.frame_times)[:, 0]))]
    for run in runs:
        steps = setup.frame_steps(run.method)
        times = steps * run.rate if at_time else steps * setup.config.rate(setup.config.methods[0])
        curves.append((run.label, run.color, times, loss_of(setup, run.states[steps, 0])))
    low = "E − E min" if lowest_energy(setup) else "E"
    return _curves_panel(setup.frame_times, curves, low, "Loss")


def _distance_panel(setup: Setup, runs: list[MethodRun]) -> Panel:
    table = distance_table(setup, runs)
    curves = []
    for run in runs:
        mine = table[table["series"] == run.label]
        times, values = mine["t"].to_numpy(), mine["distance"].to_numpy()
        at = np.interp(setup.frame_times, times, np.where(np.isfinite(values), values, np.nan))
        curves.append((run.label, run.color, setup.frame_times, at))
    return _curves_panel(setup.frame_times, curves, "distance", "Distance from the exact flow at the same t")


def _curves_panel(
    clock: np.ndarray, curves: list[tuple[str, int, np.ndarray, np.ndarray]], y_label: str, title: str
) -> Panel:
    layers: list[Layer] = []
    tops, lows, end = [], [], max(1e-12, float(clock.max()))
    for name, color, times, values in curves:
        with np.errstate(all="ignore"):
            height = np.where(values > 0, np.log10(values), np.nan)
        end = max(end, float(times.max()))
        if np.isfinite(height).any():
            tops.append(float(np.nanmax(height)))
            lows.append(float(np.nanmin(height)))
        positions = np.stack([times, height], axis=1)
        layers.append(Lines(name, positions, width=1.8, color=color, dashed=color == EXACT))
    top = min(max(tops, default=1.0), 12.0)
    low = max(min(lows, default=0.0), top - FLOOR)
    room = 0.06 * max(top - low, 0.5)
    now = np.stack([np.stack([clock, 0 * clock + height], axis=1) for height in (low - room, top + room)], axis=1)
    layers.append(Lines("now", now, width=1.0, color=-1))
    return Panel((0.0, end), (low - room, top + room), layers, x_label="t", y_label=y_label, y_scale="log", title=title)


def _step_panel(setup: Setup, run: MethodRun) -> Panel:
    """The parts of the first start's step: three arrows, the longest of fixed length, and their values."""
    parts, steps = anatomy(setup, run), setup.frame_steps(run.method)
    plain, name = -run.rate * parts.gradient, "−rate · ∇E"
    if run.method not in GRADIENT_STEPS:  # show only the direction of ∇E: the move is not proportional to it
        size = np.linalg.norm(plain, axis=1, keepdims=True)
        plain = plain / np.where(size > 0, size, 1.0) * np.linalg.norm(parts.move, axis=1, keepdims=True)
        name = "direction of −∇E"
    arrows = [(name, plain, EXACT), ("from the past", parts.memory, 5), ("move", parts.move, run.color)]
    with np.errstate(all="ignore"):
        longest = np.max([np.linalg.norm(arrow, axis=1) for _, arrow, _ in arrows], axis=0)
        unit = np.where(np.isfinite(longest) & (longest > 0), longest, 1.0)[:, None]
        layers: list[Layer] = [
            Lines(name, _arrow((arrow / unit)[steps]), width=2.6, color=color) for name, arrow, color in arrows
        ]
    captions = [_numbers(run, parts, k) for k in steps.tolist()]
    return Panel(
        (-1.25, 1.25),
        (-1.25, 1.25),
        layers,
        title=f"One step of {run.label}",
        x_label="x part",
        y_label="y part",
        equal=True,
        captions=captions,
        weight=0.9,
    )


def _arrow(ends: np.ndarray) -> np.ndarray:
    """Arrows from 0 to `ends` (F, 2), as the vertices (F, 5, 2) of shaft and head."""
    size = np.linalg.norm(ends, axis=1, keepdims=True)
    along = ends / np.where(size > 0, size, 1.0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    head = 0.12 * np.minimum(size, 1.0)
    tips = [ends - head * (along + side * 0.5 * across) for side in (1, -1)]
    return np.stack([0 * ends, ends, tips[0], ends, tips[1]], axis=1)


def _numbers(run: MethodRun, parts, k: int) -> str:
    def pair(values: np.ndarray) -> str:
        return f"({number(values[0], digits=2)}, {number(values[1], digits=2)})"

    if not np.isfinite(parts.gradient[k]).all():
        return f"step {k:,}: it has left"
    text = f"step {k:,}: ∇E {pair(parts.gradient[k])}"
    if np.any(parts.memory[k]):
        text += f", past {pair(parts.memory[k])}"
    if np.isfinite(parts.scale[k]).all():
        text += f", × {pair(parts.scale[k])}"
    return f"{text}, move {pair(parts.move[k])}"

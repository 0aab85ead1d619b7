"""The moving picture of a run: the cloud over its potential, and its marginal beside the exact law."""

from __future__ import annotations

import numpy as np
import torch
from scipy.interpolate import RegularGridInterpolator

from demos.landscapes import Landscape
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.laws import boltzmann_marginals, confined
from demos.langevin.motion import Motion
from demos.langevin.simulate import Run, schedule_of
from demos.langevin.truth import OVERDAMPED
from demos.picture import Arrows, Curve, Field, Layer, Markers, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT

GRID = 96
CONTOURS = 12
BINS = 48
ARROWS = 15
TRAIL = 14  # frames


def picture(config: LangevinConfig, runs: list[Run], motion: Motion | None) -> Picture:
    landscape = landscape_of(config)
    background = _background(landscape, config.temperature)
    single = len(runs) == 1
    frames = max(len(run.path.times) for run in runs)
    panels = [_panel(config, landscape, run, frames, motion, background, single) for run in runs]
    if single:
        panels.append(_marginal(config, landscape, runs[0], motion))
    first = max(runs, key=lambda run: len(run.path.times))  # one whose particles were all lost ended early
    times = first.path.times.numpy()
    steps = np.round(times / config.step)
    per_step = first.path.evaluations / max(first.path.steps, 1)
    clock = Readout("t", times) if single else Readout("gradient evaluations", np.round(steps * per_step), digits=6)
    readouts = []
    if config.schedule != "constant":
        cooling = schedule_of(config)
        readouts.append(Readout("kT", np.array([cooling(t) for t in times])))
    names = " beside ".join(run.row.label for run in runs)
    return Picture(
        panels,
        clock,
        readouts,
        seconds=8.0,
        alt=f"{config.particles:,} particles moving in the {landscape.title} potential by {names}.",
    )


def _panel(
    config: LangevinConfig,
    landscape: Landscape,
    run: Run,
    frames: int,
    motion: Motion | None,
    background: tuple[Layer, ...],
    single: bool,
) -> Panel:
    layers: list[Layer] = []
    law = _law_field(landscape, run, motion) if config.law else None
    for layer in background:
        if isinstance(layer, Field) and law is not None:
            layers.append(law)
            layer = Field("Energy lines", layer.values, contours=layer.contours, opacity=0.0)
        layers.append(layer)
    layers.insert(len(layers) - 1, _points(config, landscape, run, frames))
    lost = run.path.status.diverged
    return Panel(
        *landscape.view,
        layers,
        title="" if single else run.row.label,
        subtitle=f"{lost:,} of {config.particles:,} lost" if lost else "",
        x_label="x",
        y_label="y",
        color=-1 if single else run.color,
        clickable=True,
        weight=1.5 if single else 1.0,
        equal=_is_square(landscape),
    )


def _is_square(landscape: Landscape) -> bool:
    (x0, x1), (y0, y1) = landscape.view
    return 0.5 < (y1 - y0) / (x1 - x0) < 1.6


def _background(landscape: Landscape, kT: float) -> tuple[Layer, ...]:
    """Energy with contour lines, the places on it, and the force (switched off at first)."""
    (x0, x1), (y0, y1) = landscape.view
    xs, ys = np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID)
    energy = landscape.on_grid(xs, ys)
    finite = energy[np.isfinite(energy)]
    low, high = float(finite.min()), float(np.quantile(finite, 0.995))
    middle = float(np.quantile(finite, 0.5)) - low
    # colours tell the wells apart and saturate on the walls; lines go on there, farther and farther apart
    levels = low + middle / 4 * np.expm1(np.linspace(0, np.log1p(4 * (high - low) / middle), CONTOURS + 2))[1:-1]
    limits = (low, low + max(middle, 8 * kT))
    places = [
        place
        for place in landscape.places
        if place.kind != "maximum" and x0 <= place.position[0] <= x1 and y0 <= place.position[1] <= y1
    ]
    markers = Markers(
        "Minima and saddles",
        np.array([place.position for place in places]).reshape(-1, 2),
        [place.name for place in places],
        [place.kind for place in places],
    )
    field = Field("Energy U", np.clip(energy, low, high), contours=levels.tolist(), limits=limits, opacity=0.75)
    return field, _force(landscape), markers


def _force(landscape: Landscape) -> Arrows:
    (x0, x1), (y0, y1) = landscape.view
    step = max((x1 - x0), (y1 - y0)) / ARROWS
    gx, gy = np.meshgrid(np.arange(x0 + step / 2, x1, step), np.arange(y0 + step / 2, y1, step))
    origins = np.stack([gx.ravel(), gy.ravel()], axis=1)
    force = np.nan_to_num(-landscape.gradient(torch.from_numpy(origins)).numpy(), nan=0.0, posinf=0.0, neginf=0.0)
    size = np.linalg.norm(force, axis=1, keepdims=True)
    # all visible, the strong ones not across the picture
    length = 0.8 * step * size / (size + max(np.median(size), 1e-12))
    return Arrows("Force −∇U", origins, np.divide(force, size, out=np.zeros_like(force), where=size > 0) * length)


def _points(config: LangevinConfig, landscape: Landscape, run: Run, frames: int) -> Points:
    taken, count, _ = run.states.shape
    missing = ((0, frames - taken), (0, 0))  # a run whose particles were all lost ended early
    positions = np.pad(run.states, (*missing, (0, 0)), constant_values=np.nan)
    labels = values = None
    names: tuple[str, ...] = ()
    colors: tuple[int, ...] = ()
    if config.color == "well" and len(landscape.well_names) > 1:
        labels = landscape.wells(run.path.states.reshape(-1, 2)).numpy().reshape(taken, count)
        labels = np.pad(np.where(labels < 0, 0, labels).astype(np.uint8), missing)
        names = landscape.well_names
    elif config.color == "well" and config.compare:  # one well: each method in its own colour
        labels, names, colors = np.zeros(count, dtype=np.uint8), (run.row.label,), (run.color,)
    elif config.color == "energy":
        energies = run.path.energies.numpy()
        finite = energies[np.isfinite(energies)]
        low, high = (finite.min(), np.quantile(finite, 0.99)) if finite.size else (0.0, 0.0)
        values = np.nan_to_num(energies, nan=high, posinf=high, neginf=low).clip(low, high)
        values = np.pad(values, missing, mode="edge")
    radius = 2.4 if count <= 5_000 else 1.6
    return Points(
        "Particles",
        positions,
        labels=labels,
        label_names=names,
        label_colors=colors,
        values=values,
        value_name="U",
        radius=radius if count > 50 else 5.0,
        trail=TRAIL if count > 50 else frames,
        trails=24 if count > 50 else count,
    )


def _law_field(landscape: Landscape, run: Run, motion: Motion | None) -> Field | None:
    """The exact density at the run's own times, on the picture's grid, each frame to its own largest value."""
    if motion is None or run.method not in OVERDAMPED:
        return None
    (x0, x1), (y0, y1) = landscape.view
    xs, ys = np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID)
    gx, gy = np.meshgrid(xs, ys)
    nodes = np.stack([gy.ravel(), gx.ravel()], axis=1)
    frames = []
    for t in np.linspace(0, float(run.path.times[-1]), 40)[1:]:
        density = motion.at(t)
        shown = RegularGridInterpolator(motion.grid.axes[::-1], density, bounds_error=False, fill_value=0.0)(nodes)
        frames.append(np.sqrt(shown / max(density.max(), 1e-300)).reshape(GRID, GRID))
    return Field("Exact law (Fokker–Planck)", np.stack([frames[0], *frames]).astype(np.float32))


def _histograms(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """(F, BINS): the histogram of each row of (F, N), all at once; what is outside or not finite is not counted."""
    with np.errstate(invalid="ignore", over="ignore"):
        place = np.floor((values - low) * (BINS / (high - low)))
        inside = (place >= 0) & (place < BINS)
    frames = len(values)
    index = np.where(inside, place, BINS).astype(np.int64) + (BINS + 1) * np.arange(frames)[:, None]
    return np.bincount(index.ravel(), minlength=frames * (BINS + 1)).reshape(frames, BINS + 1)[:, :BINS]


def _marginal(config: LangevinConfig, landscape: Landscape, run: Run, motion: Motion | None) -> Panel:
    """The histogram of x, moving, and the exact law of x: at the same moment, or in the long run."""
    low, high = landscape.view[0]
    edges = np.linspace(low, high, BINS + 1)
    counts = _histograms(run.states[:, :, 0], low, high)
    density = counts / (config.particles * np.diff(edges))
    layers: list[Layer] = [Curve("Particles", edges, density, stepped=True, filled=True, color=-2)]
    rests = config.schedule == "constant" and confined(landscape, config.temperature)
    limit = boltzmann_marginals(landscape, config.temperature)[0] if rests else None
    top = np.quantile(density[len(density) // 8 :].max(axis=1), 0.9) * 1.25
    if motion is not None and run.method in OVERDAMPED and config.start != "equilibrium":
        fine = np.linspace(low, high, 121)
        exact = np.stack(
            [
                np.interp(fine, motion.grid.axes[0], motion.marginal_x_at(t), left=0.0, right=0.0)
                for t in run.path.times.tolist()
            ]
        )
        layers.append(Curve("Exact law at this moment", fine, exact, color=EXACT))
    if limit is not None:
        layers.append(Curve("Boltzmann's law", *limit, dashed=True, color=EXACT))
        inside = (limit[0] >= low) & (limit[0] <= high)
        top = max(top, 1.15 * limit[1][inside].max(initial=0.0))
    return Panel((low, high), (0.0, float(max(top, 1e-9))), layers, x_label="x", y_label="density", title="Law of x")

"""The animation of a run: the cloud over its potential, and a second panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from demos.common.numbers import counted, number
from demos.common.schedules import Cooling
from demos.landscapes.background import GRID, background, has_equal_axes, view_grid
from demos.langevin.features import belonging, beyond_recall, captions, passes, well_changes
from demos.langevin.reference.density_evolution import DensityEvolution, relaxation_rate
from demos.langevin.second_panel import second_panel
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun
from demos.picture import Arrows, Field, Layer, Markers, Panel, Picture, Points, Readout
from demos.picture.annotations import Mark

DENSITY_FRAMES = 40
FORGOTTEN, LATE = 3.0, 50.0  # relaxation times of the mark on the timeline; no search beyond so many run lengths
TRAIL = 14  # length of a trail in frames
FEW = 50  # most particles whose whole paths are drawn
MANY = 5_000  # number of particles from which they are drawn smaller


def picture(setup: Setup, runs: list[MethodRun], evolution: DensityEvolution | None) -> Picture:
    config, single = setup.config, len(runs) == 1
    under, frames = background(setup.landscape, setup.kT), max(len(run.times) for run in runs)
    panels = [_cloud_panel(setup, run, frames, evolution, under, single) for run in runs]
    if single:
        panels.append(second_panel(setup, runs[0], evolution))
    first = max(runs, key=lambda run: len(run.times))  # a run in which all particles were lost ended early
    if single:
        clock = Readout("t", first.times)
    else:
        per_step = first.path.evaluations / max(first.path.steps, 1)
        steps = np.round(first.times / config.step)
        clock = Readout("gradient evaluations", np.round(steps * per_step), digits=6)
    readouts = []
    if isinstance(setup.temperature, Cooling):
        readouts.append(Readout("kT", np.array([setup.temperature(t) for t in first.times])))
    names = " beside ".join(run.label for run in runs)
    return Picture(
        panels,
        clock,
        readouts,
        seconds=8.0,
        alt=f"{counted(config.particles, 'particle')} moving in the {setup.landscape.title} potential by {names}.",
        marks=_forgotten(setup, runs),
    )


def _forgotten(setup: Setup, runs: list[MethodRun]) -> list[Mark]:
    """The mark on the timeline at which the start's influence has fallen to a twentieth; none where not known."""
    run = runs[0]
    if len(runs) > 1 or not (run.is_overdamped and setup.is_constant and setup.is_confined):
        return []
    rate = relaxation_rate(setup.landscape, setup.kT)
    if setup.config.start == "equilibrium" or not rate or FORGOTTEN / rate > LATE * run.end:
        return []
    return [Mark(FORGOTTEN / rate, f"t = {FORGOTTEN / rate:.3g}: the start is forgotten")]


def _cloud_panel(
    setup: Setup,
    run: MethodRun,
    frames: int,
    evolution: DensityEvolution | None,
    under: tuple[Field, Arrows, Markers],
    single: bool,
) -> Panel:
    energy, force, places = under
    layers: list[Layer] = [energy]
    density = _density_field(setup, run, evolution) if setup.config.law else None
    if density is not None:  # it replaces the field of the energy, whose contour lines stay
        layers = [density, Field("Energy lines", energy.values, contours=energy.contours, opacity=0.0)]
    drawn = belonging(setup, run) if not single else beyond_recall(setup, run)
    if len(places.labels) == 1:  # a single well needs no label, which would hide particles
        places = replace(places, labels=[""])
    layers += [force, _points(setup, run, frames), *drawn[0], places]
    return Panel(
        *setup.landscape.view,
        layers,
        title="" if single else run.label,
        subtitle=_subtitle(setup, run, single),
        x_label="x",
        y_label="y",
        color=-1 if single else run.color,
        clickable=True,
        weight=1.5 if single else 1.0,
        equal=has_equal_axes(setup.landscape),
        captions=captions(setup, run, frames),
        annotations=[*drawn[1], *passes(setup)],
    )


def _subtitle(setup: Setup, run: MethodRun, single: bool) -> str:
    if run.lost:
        return f"{run.lost:,} of {setup.config.particles:,} lost"
    if single or len(setup.landscape.well_names) < 2:
        return ""
    return f"changes wells {number(well_changes(setup, run), digits=2)} times in 100 gradients"


def _points(setup: Setup, run: MethodRun, frames: int) -> Points:
    config, landscape = setup.config, setup.landscape
    taken, count, _ = run.states.shape
    missing = ((0, frames - taken), (0, 0))  # a run whose particles were all lost ended early
    positions = np.pad(run.states, (*missing, (0, 0)), constant_values=np.nan) if taken < frames else run.states
    labels = values = None
    names: tuple[str, ...] = ()
    colors: tuple[int, ...] = ()
    if config.color == "well" and len(landscape.well_names) > 1:
        labels = np.pad(run.labels.clip(min=0).astype(np.uint8), missing)
        names = landscape.well_names
    elif config.color == "well" and config.compare:  # one well: each method in its own colour
        labels, names, colors = np.zeros(count, dtype=np.uint8), (run.label,), (run.color,)
    elif config.color == "energy":
        energies = run.path.energies.numpy()
        finite = energies[np.isfinite(energies)]
        low, high = (finite.min(), np.quantile(finite, 0.99)) if finite.size else (0.0, 0.0)
        values = np.nan_to_num(energies, nan=high, posinf=high, neginf=low).clip(low, high)
        values = np.pad(values, missing, mode="edge")
    radius = 2.4 if count <= MANY else 1.6
    return Points(
        "Particles",
        positions,
        labels=labels,
        label_names=names,
        label_colors=colors,
        values=values,
        value_name="U",
        radius=radius if count > FEW else 5.0,
        trail=TRAIL if count > FEW else frames,
        trails=24 if count > FEW else count,
    )


def _density_field(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Field | None:
    """The exact density at the times of the run on the picture's grid, each frame scaled to its largest value."""
    if evolution is None or not run.is_overdamped:
        return None
    gx, gy = np.meshgrid(*view_grid(setup.landscape))
    nodes = np.stack([gy.ravel(), gx.ravel()], axis=1)
    frames = []
    for t in np.linspace(0, run.end, DENSITY_FRAMES)[1:]:
        density = evolution.density_at(t)
        at_nodes = RegularGridInterpolator(evolution.grid.axes[::-1], density, bounds_error=False, fill_value=0.0)(
            nodes
        )
        frames.append(np.sqrt(at_nodes / max(density.max(), 1e-300)).reshape(GRID, GRID))
    return Field("Exact density (Fokker–Planck)", np.stack([frames[0], *frames]).astype(np.float32))

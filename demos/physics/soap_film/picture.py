"""The picture of a soap film: the surface in space, its profile with the catenoids, and its neck over time."""

from __future__ import annotations

import numpy as np

from demos.physics.bench.panels import dissipation_readout, time_panel
from demos.physics.soap_film.config import STARTS, FilmConfig
from demos.physics.soap_film.model import THREAD
from demos.physics.soap_film.reference import CRITICAL_NECK
from demos.physics.soap_film.reference_flow import first_time
from demos.physics.soap_film.simulate import FilmRun
from demos.picture import Layer, Lines, Panel, Picture, Readout, Surface
from demos.picture.annotations import Mark
from demos.picture.colors import EXACT

FRAMES = 100
FAST, SLOW = 0.15, 1e-3  # speeds of the neck that captions call fast and slow, in ring radii per unit of time
FINE = 61  # points of an exact profile


def film_picture(config: FilmConfig, run: FilmRun) -> Picture:
    x = _frame_times(run)
    radii = np.stack([np.interp(x, run.profile_x, node) for node in run.profiles.T], axis=1)
    heights = run.film.heights.numpy()
    neck = radii.min(1)
    half = run.film.separation / 2
    reach = 1.02 * float(np.hypot(1.0, half))  # a ball around both rings
    box = (-reach, reach)
    speeds = np.abs(np.gradient(neck, x)) if len(x) > 1 else np.zeros(len(x))
    moments = [_moment(run, float(value), float(speed)) for value, speed in zip(neck, speeds, strict=True)]
    surface_panel = Panel(
        box,
        box,
        [Surface("film", heights, radii)],
        z=box,
        view=(30.0, 22.0),
        title="Soap film",
        captions=moments,
        weight=1.2,
    )
    tall = max(1.1 * half, 0.8)
    profile_panel = Panel(
        (-1.15, 1.15),
        (-tall, tall),
        _profile_layers(run, heights, radii),
        title="Profile",
        x_label="r",
        y_label="z",
        equal=True,
    )
    time = "iteration" if run.residual is None else "t"
    if run.catenoids:
        levels = {"exact, stable": run.catenoids[0].neck, "exact, unstable": run.catenoids[1].neck}
    else:
        levels = {"last possible neck, 0.552": CRITICAL_NECK}
    neck_panel = time_panel("Neck", x, {"measured": neck}, exact=levels, x_label=time, y_label="r", y=(-0.03, 1.05))
    areas = np.interp(x, run.x, run.areas)
    readouts = [Readout("area", areas, digits=5), Readout("neck", neck, digits=4)]
    if run.residual is not None:
        readouts.append(dissipation_readout(np.interp(x, run.x, run.residual)))
    closed = first_time(run.profile_x, run.profiles.min(1), THREAD)
    marks = (
        [Mark(closed, f"snapped at {time} = {closed:.4g}" if time == "t" else "snapped")] if closed == closed else []
    )
    return Picture(
        [surface_panel, profile_panel, neck_panel],
        Readout(time, x),
        readouts,
        seconds=7.0,
        marks=marks,
        alt=f"A soap film between rings {run.film.separation:.4g} radii apart, from its start "
        f"“{STARTS[config.start].lower()}” to {'two discs' if run.snapped else f'a neck of {neck[-1]:.3f}'}.",
    )


def _moment(run: FilmRun, neck: float, speed: float) -> str:
    """A caption on the current motion of the film."""
    if neck < THREAD:
        return "Snapped: two discs." if run.at_rest else "Snapped."
    if speed > FAST:
        return "Shrinking fast." if neck > CRITICAL_NECK else "Closing."
    if not run.catenoids:
        return f"Almost balanced: the neck waits near {neck:.2f}; the thinnest that holds is {CRITICAL_NECK:.2f}."
    if speed > SLOW:
        return "Slowing down."
    stable = abs(neck - run.catenoids[0].neck) < abs(neck - run.catenoids[1].neck)
    return "At rest on the catenoid." if stable else "Balanced on the unstable catenoid, for a while."


def _frame_times(run: FilmRun) -> np.ndarray:
    """(F,) times: half evenly spaced in time, half in the path length of the profile, which resolves a collapse."""
    finite = np.isfinite(run.profiles).all(1)
    count = max(int(np.argmin(finite)) if not finite.all() else len(finite), 2)
    moved = np.abs(np.diff(run.profiles[:count], axis=0)).max(1)
    length = np.r_[0.0, np.cumsum(np.minimum(np.nan_to_num(moved), 1.0))]
    x = run.profile_x[:count]
    share = 0.5 * length / max(length[-1], 1e-300) + 0.5 * (x - x[0]) / (x[-1] - x[0])
    return np.interp(np.linspace(0, share[-1], FRAMES), share, x)


def _with_gap(radii: np.ndarray) -> np.ndarray:
    """The radii with nan where the film has closed, so that no line is drawn along the axis."""
    closed = radii < 1e-6
    inside = closed.copy()
    inside[:, 1:-1] = closed[:, :-2] & closed[:, 1:-1] & closed[:, 2:]
    return np.where(inside, np.nan, radii)


def _profile_layers(run: FilmRun, heights: np.ndarray, radii: np.ndarray) -> list[Layer]:
    """The layers of both sides of the film, r over z; exact profiles are dashed."""
    s = run.film.separation
    layers: list[Layer] = []
    if run.catenoids:
        z = np.linspace(-s / 2, s / 2, FINE)
        for name, catenoid, color in zip(("exact, stable", "exact, unstable"), run.catenoids, (EXACT, 4), strict=True):
            layers.append(_sides(name, catenoid.radius(z), z, dashed=True, color=color))
    else:
        discs = np.array([[-1, -s / 2], [1, -s / 2], [-1, s / 2], [1, s / 2]])
        layers.append(Lines("exact: two discs", discs, starts=np.array([0, 2]), dashed=True, color=EXACT))
    layers.append(_sides("film", _with_gap(radii), np.broadcast_to(heights, radii.shape), width=2.5, color=-2))
    rings = np.array([[-1.0, -s / 2], [1.0, -s / 2], [-1.0, s / 2], [1.0, s / 2]])
    layers.append(Lines("rings", rings, starts=np.arange(4), dots=4.0))
    return layers


def _sides(name: str, radii: np.ndarray, heights: np.ndarray, **rest) -> Lines:
    """radii and heights (M,) or (F, M) as two lines, left and right"""
    right, left = np.stack([radii, heights], -1), np.stack([-radii, heights], -1)
    return Lines(name, np.concatenate([right, left], axis=-2), starts=np.array([0, radii.shape[-1]]), **rest)

"""The picture of a condensate: its density, the phase of a stirred one with its vortices, a curve of what is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demos.physics.bench.panels import over_clock, span
from demos.physics.bench.vortex_markers import vortex_markers
from demos.physics.condensate.checks import counted, fewer, feynman
from demos.physics.condensate.run import Followed
from demos.physics.config import EnergyConfig
from demos.picture import Curve, Field, Layer, Panel, Picture, Readout
from demos.picture.colors import EXACT

MOST_FRAMES = 60  # of the density; of the phase as many
TAIL = 1.5  # beyond the Thomas–Fermi radius


def condensate_picture(config: EnergyConfig, run: Followed) -> Picture:
    found, one = run.run, run.condensate
    if one.dimensions == 1:
        panels = [_line(run), _energy(run)]
    elif one.is_complex:
        panels = [_density(run, True), _phase(run), _count(run)]
    else:
        panels = [_density(run, False), _profile(run), _energy(run)]
    readouts = [Readout("E", found.energies, digits=7), Readout("μ", found.chemical_potentials, digits=7)]
    if one.is_complex:
        readouts.append(Readout("vortices", np.array([float(len(charges)) for _, charges in run.found])))
    what = (
        f"rotating at {one.rotation:g}, {len(run.found[-1][1])} vortices"
        if one.is_complex
        else ("in a lattice" if one.trap == "lattice" else "at rest")
    )
    return Picture(
        panels,
        Readout("step", found.steps.astype(float)),
        readouts,
        seconds=8.0,
        alt=f"A condensate in {'two dimensions' if one.dimensions > 1 else 'one dimension'}, β = "
        f"{one.beta:g}, {what}: its density on its way to the ground state.",
    )


def _window(run: Followed) -> tuple[float, float]:
    """Half the side of the picture, and of the grid"""
    whole = run.condensate.width / 2
    return min(max(run.condensate.cloud_radius, 1.0) + TAIL, whole), whole


def _seen(run: Followed, fields: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The middle of fields (F, n, n), whose nodes fill the panel's side."""
    half, whole = _window(run)
    axis = -whole + np.arange(run.condensate.points) * run.condensate.torus.spacings[0]
    kept = np.flatnonzero(np.abs(axis) <= half)
    return fields[:, kept[0] : kept[-1] + 1, kept[0] : kept[-1] + 1], (float(axis[kept[0]]), float(axis[kept[-1]]))


def _kept(count: int) -> np.ndarray:
    return np.unique(np.round(np.linspace(0, count - 1, min(count, MOST_FRAMES))).astype(int))


def _density(run: Followed, marked: bool) -> Panel:
    seen, side = _seen(run, run.run.densities)
    kept = _kept(len(seen))
    layers: list[Layer] = [Field("|φ|²", seen[kept], at=kept.astype(float), limits=(0.0, _brightest(run)))]
    if marked:  # each is seen as a hole already
        layers.append(replace(vortex_markers(run.found, same=0.5), name="vortices on the density", shown=False))
    return Panel(side, side, layers, title="Density |φ|²", equal=True, weight=1.1)


def _brightest(run: Followed) -> float:
    """The end's own peak, and some room for the way to it"""
    return 1.15 * float(run.run.densities[-1].max())


def _phase(run: Followed) -> Panel:
    phases, side = _seen(run, run.run.phases)
    density, _ = _seen(run, run.run.densities)
    kept = _kept(len(phases))
    strength = np.clip(density[kept] / (0.35 * density[-1].max()), 0, 1) ** 0.5
    layer = Field("phase of φ", phases[kept], colors="cyclic", at=kept.astype(float), strength=strength)
    return Panel(side, side, [layer, vortex_markers(run.found, same=0.5)], title="Phase", equal=True, weight=1.1)


def _count(run: Followed) -> Panel:
    """Vortices inside r, beside Feynman's Ωr² and what the falling density leaves of it."""
    share = np.linspace(0, 1, 101)
    inside = np.clip(share, None, 0.9)
    rigid = feynman(run.condensate, share)
    left = np.maximum(rigid - fewer(run.condensate, inside), 0.0)
    moving = np.stack([counted(run, frame, share) for frame in range(len(run.found))])
    r = share * max(run.condensate.cloud_radius, 0.1)
    seen = share <= 0.85
    top = 1.05 * max(float(moving[-1].max()), float(left[seen].max()), 1.0)
    layers = [
        Curve("Ωr²", r, np.where(rigid <= top, rigid, np.nan), dashed=True, color=4),
        Curve("next order", r[seen], left[seen], dashed=True, color=EXACT),
        Curve("counted", np.r_[r, 2 * r[-1] - r[-2]], moving, stepped=True, color=-2),
    ]
    return Panel(
        (0.0, float(r[-1])), (0.0, top), layers, title="Vortices inside r", x_label="r", y_label="N(r)", weight=0.8
    )


def _profile(run: Followed) -> Panel:
    """|φ|² along the x axis, beside Thomas and Fermi's parabola."""
    one = run.condensate
    half, whole = _window(run)
    x = -whole + np.arange(one.points) * one.torus.spacings[0]
    kept = np.abs(x) <= half
    cut = run.run.densities[:, one.points // 2][:, kept]
    layers: list[Layer] = [Curve("|φ|² at y = 0", x[kept], cut, color=-2, filled=True)]
    if one.beta > 0:
        fine = np.linspace(-half, half, 241)
        layers.append(
            Curve(
                "Thomas–Fermi",
                fine,
                np.clip(one.thomas_fermi - fine**2 / 2, 0, None) / one.beta,
                dashed=True,
                color=EXACT,
            )
        )
    return Panel(
        span(x[kept], margin=0),
        (0.0, 1.12 * _tallest(run, layers)),
        layers,
        title="Profile",
        x_label="x",
        y_label="|φ|²",
        weight=0.9,
    )


def _line(run: Followed) -> Panel:
    """One dimension: the density, the trap in scale, and Thomas and Fermi's cloud."""
    one = run.condensate
    half, _ = _window(run)
    x = one.torus.coordinates()[0].numpy()
    kept = np.abs(x) <= half
    layers: list[Layer] = [Curve("|φ|²", x[kept], run.run.densities[:, kept], color=-2, filled=True)]
    trap = one.potential.numpy()[kept]
    if one.beta > 0 and one.trap == "harmonic":
        cloud = np.clip(one.thomas_fermi - trap, 0, None) / one.beta
        layers.append(Curve("Thomas–Fermi", x[kept], cloud, dashed=True, color=EXACT))
    top = 1.12 * _tallest(run, layers)
    layers.append(
        Curve("trap V, in scale", x[kept], np.where(trap <= trap.max(), trap / trap.max() * top, np.nan), color=4)
    )
    return Panel(
        (float(x[kept][0]), float(x[kept][-1])),
        (0.0, top),
        layers,
        title="Density |φ|²",
        x_label="x",
        y_label="|φ|²",
        weight=1.4,
    )


def _tallest(run: Followed, layers: list[Layer]) -> float:
    """Of what stands at the end: the start may be taller by far, and leaves the panel."""
    return max(float(np.max(layer.y[-1] if layer.y.ndim == 2 else layer.y)) for layer in layers)


def _energy(run: Followed) -> Panel:
    """μ on its way to the table's number."""
    exact = {r.name: r.value for r in run.condensate.system().references}
    mu = run.run.chemical_potentials
    level = {"exact μ": exact["chemical potential"]} if exact else {}
    level |= {"exact E": exact["energy"]} if exact else {}
    values = np.r_[mu[-1], run.run.energies[-1], *level.values()]
    low, high = float(values.min()), float(values.max())
    room = max(0.6 * (high - low), 0.05 * abs(high))
    return over_clock(
        "E and μ",
        np.sqrt(run.run.steps),
        {"μ": mu, "E": run.run.energies},
        exact=level,
        x_label="√step",
        y=(low - 0.3 * room, high + room),
        weight=0.8,
    )

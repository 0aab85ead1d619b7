"""The picture of a condensate: density, phase and vortices if it rotates, and a panel with a known curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demos.common.numbers import number
from demos.physics.bench.panels import span, time_panel
from demos.physics.bench.vortex_markers import vortex_markers
from demos.physics.condensate.observables import net_count
from demos.physics.condensate.reference import density_correction, feynman_count
from demos.physics.condensate.simulate import CondensateRun
from demos.picture import Curve, Field, Layer, Panel, Picture, Readout
from demos.picture.annotations import Mark
from demos.picture.colors import EXACT

MOST_FRAMES = 60  # most frames of the density, and of the phase
TAIL = 1.5  # width shown beyond the Thomas–Fermi radius
REST = 1e-4  # ‖Hφ − μφ‖ at rest: the error of the energy is its square, 1e-8
SAME = 0.5  # largest distance that a vortex moves between two frames


def condensate_picture(run: CondensateRun) -> Picture:
    condensate = run.condensate
    if condensate.dimensions == 1:
        panels = [replace(_density_curve(run), captions=_captions(run)), _energy(run)]
    elif condensate.is_complex:
        panels = [_density(run, True), _phase(run), _vortex_count(run)]
    else:
        panels = [_density(run, False), _profile(run), _energy(run)]
    readouts = [Readout("E", run.energies, digits=7), Readout("μ", run.chemical_potentials, digits=7)]
    if condensate.is_complex:
        readouts.append(Readout("vortices", np.array([float(len(charges)) for _, charges in run.vortices])))
        state = f"rotating at {condensate.rotation:g}, {len(run.vortices[-1][1])} vortices"
    else:
        state = "in a lattice" if condensate.trap == "lattice" else "at rest"
    return Picture(
        panels,
        Readout("step", run.steps.astype(float)),
        readouts,
        seconds=8.0,
        marks=_marks(run),
        alt=f"A condensate in {'two dimensions' if condensate.dimensions > 1 else 'one dimension'}, β = "
        f"{condensate.beta:g}, {state}: its density on its way to the ground state.",
    )


def _captions(run: CondensateRun) -> tuple[str, ...]:
    """The caption of each frame: the vortices of a rotating cloud, else its distance from rest."""
    if run.condensate.is_complex:
        return tuple(_vortex_words(charges) for _, charges in run.vortices)
    return tuple("At rest" if left < REST else f"Settling: {_rounded(left)} from rest" for left in run.residuals)


def _vortex_words(charges: np.ndarray) -> str:
    up, down = int((charges > 0).sum()), int((charges < 0).sum())
    if not up + down:
        return "No vortex"
    if not down:
        return "One vortex" if up == 1 else f"{up} vortices, all turn one way"
    return f"{up} vortices one way, {down} the other"


def _rounded(left: float) -> str:
    return number(left, digits=1) if np.isfinite(left) else "infinitely far"


def _marks(run: CondensateRun) -> list[Mark]:
    """Marks on the time axis: the last antivortex has vanished; the cloud is at rest."""
    steps = run.steps.astype(float)
    if not run.condensate.is_complex:
        still = np.flatnonzero(run.residuals < REST)
        return [Mark(float(steps[still[0]]), f"at rest after {steps[still[0]]:,.0f} steps")] if len(still) else []
    other = np.flatnonzero([bool((charges < 0).any()) for _, charges in run.vortices])
    if not len(other) or other[-1] + 1 >= len(steps):
        return []
    return [Mark(float(steps[other[-1] + 1]), "the last vortex that turned the other way is gone")]


def _window(run: CondensateRun) -> tuple[float, float]:
    """Half the side of the picture, and half the side of the grid."""
    whole = run.condensate.width / 2
    return min(max(run.condensate.cloud_radius, 1.0) + TAIL, whole), whole


def _cropped(run: CondensateRun, fields: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The central part of fields (F, n, n) that is shown, and its extent."""
    half, whole = _window(run)
    axis = -whole + np.arange(run.condensate.points) * run.condensate.torus.spacings[0]
    inner = np.flatnonzero(np.abs(axis) <= half)
    first, last = inner[0], inner[-1]
    return fields[:, first : last + 1, first : last + 1], (float(axis[first]), float(axis[last]))


def _chosen_frames(count: int) -> np.ndarray:
    """The indices of the frames of a field that are shown: all, or `MOST_FRAMES` of them."""
    return np.unique(np.round(np.linspace(0, count - 1, min(count, MOST_FRAMES))).astype(int))


def _density(run: CondensateRun, marked: bool) -> Panel:
    density, side = _cropped(run, run.densities)
    frames = _chosen_frames(len(density))
    layers: list[Layer] = [Field("|φ|²", density[frames], at=frames.astype(float), limits=(0.0, _brightest(run)))]
    if marked:  # each is seen as a hole already
        markers = vortex_markers(run.vortices, same=SAME)
        layers.append(replace(markers, name="vortices on the density", shown=False))
    return Panel(side, side, layers, title="Density |φ|²", equal=True, weight=1.1, captions=_captions(run))


def _brightest(run: CondensateRun) -> float:
    """The largest density on the colour scale: the peak of the last state with a margin."""
    return 1.15 * float(run.densities[-1].max())


def _phase(run: CondensateRun) -> Panel:
    phases, side = _cropped(run, run.phases)
    density, _ = _cropped(run, run.densities)
    frames = _chosen_frames(len(phases))
    strength = np.clip(density[frames] / (0.35 * density[-1].max()), 0, 1) ** 0.5
    layer = Field("phase of φ", phases[frames], colors="cyclic", at=frames.astype(float), strength=strength)
    layers = [layer, vortex_markers(run.vortices, same=SAME)]
    return Panel(side, side, layers, title="Phase", equal=True, weight=1.1)


def _vortex_count(run: CondensateRun) -> Panel:
    """The panel of vortices inside r, with Feynman's Ωr² and its correction for the density gradient."""
    condensate, share = run.condensate, np.linspace(0, 1, 101)
    rigid = feynman_count(condensate, share)
    corrected = np.maximum(rigid - density_correction(condensate, np.clip(share, None, 0.9)), 0.0)
    moving = np.stack([net_count(condensate, vortices, share) for vortices in run.vortices])
    r = share * max(condensate.cloud_radius, 0.1)
    inner = share <= 0.85
    top = 1.05 * max(float(moving[-1].max()), float(corrected[inner].max()), 1.0)
    layers = [
        Curve("Ωr²", r, np.where(rigid <= top, rigid, np.nan), dashed=True, color=4),
        Curve("for a cloud with a thin edge", r[inner], corrected[inner], dashed=True, color=EXACT),
        Curve("counted", np.r_[r, 2 * r[-1] - r[-2]], moving, stepped=True, color=-2),
    ]
    return Panel(
        (0.0, float(r[-1])), (0.0, top), layers, title="Vortices inside r", x_label="r", y_label="N(r)", weight=0.8
    )


def _profile(run: CondensateRun) -> Panel:
    """The panel of |φ|² along the x axis, with the Thomas–Fermi parabola."""
    condensate = run.condensate
    half, whole = _window(run)
    x = -whole + np.arange(condensate.points) * condensate.torus.spacings[0]
    inner = np.abs(x) <= half
    cut = run.densities[:, condensate.points // 2][:, inner]
    layers: list[Layer] = [Curve("|φ|² at y = 0", x[inner], cut, color=-2, filled=True)]
    if condensate.beta > 0:
        fine = np.linspace(-half, half, 241)
        layers.append(
            Curve(
                "Thomas–Fermi",
                fine,
                np.clip(condensate.thomas_fermi - fine**2 / 2, 0, None) / condensate.beta,
                dashed=True,
                color=EXACT,
            )
        )
    return Panel(
        span(x[inner], margin=0),
        (0.0, 1.12 * _tallest(run, layers)),
        layers,
        title="Profile",
        x_label="x",
        y_label="|φ|²",
        weight=0.9,
    )


def _density_curve(run: CondensateRun) -> Panel:
    """The panel of one dimension: density, scaled trap, and Thomas–Fermi density."""
    condensate = run.condensate
    half, _ = _window(run)
    x = condensate.torus.coordinates()[0].numpy()
    inner = np.abs(x) <= half
    layers: list[Layer] = [Curve("|φ|²", x[inner], run.densities[:, inner], color=-2, filled=True)]
    trap = condensate.potential.numpy()[inner]
    if condensate.beta > 0 and condensate.trap == "harmonic":
        cloud = np.clip(condensate.thomas_fermi - trap, 0, None) / condensate.beta
        layers.append(Curve("Thomas–Fermi", x[inner], cloud, dashed=True, color=EXACT))
    top = 1.12 * _tallest(run, layers)
    layers.append(
        Curve("trap V, in scale", x[inner], np.where(trap <= trap.max(), trap / trap.max() * top, np.nan), color=4)
    )
    return Panel(
        (float(x[inner][0]), float(x[inner][-1])),
        (0.0, top),
        layers,
        title="Density |φ|²",
        x_label="x",
        y_label="|φ|²",
        weight=1.4,
    )


def _tallest(run: CondensateRun, layers: list[Layer]) -> float:
    """The top of the panel, from the last frame alone; a start that is much higher is cut off."""
    return max(float(np.max(layer.y[-1] if layer.y.ndim == 2 else layer.y)) for layer in layers)


def _energy(run: CondensateRun) -> Panel:
    """The panel of μ with its reference value."""
    exact = {r.name: r.value for r in run.condensate.system().references}
    mu = run.chemical_potentials
    level = {"exact μ": exact["chemical potential"]} if exact else {}
    level |= {"exact E": exact["energy"]} if exact else {}
    values = np.r_[mu[-1], run.energies[-1], *level.values()]
    low, high = float(values.min()), float(values.max())
    room = max(0.6 * (high - low), 0.05 * abs(high))
    return time_panel(
        "E and μ",
        np.sqrt(run.steps),
        {"μ": mu, "E": run.energies},
        exact=level,
        x_label="step",
        x_scale=2,
        y=(low - 0.3 * room, high + room),
        weight=0.8,
    )

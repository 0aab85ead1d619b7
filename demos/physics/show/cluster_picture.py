"""Pictures of clusters: atoms as spheres, beside them the energy on its way to the exact level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from demos.colors import EXACT, method_color
from demos.physics.lennard_jones import coordination
from demos.physics.show.trace import Followed, at, spread
from demos.physics.system import System
from demos.picture import Curve, Lines, Panel, Picture, Points, Readout, Spheres

FRAMES = 100
FARTHEST = 2.5  # an atom further out than this many radii of the start has left the picture


def atoms(system: System, states: np.ndarray, color: str, name: str = "atoms") -> Spheres:
    """The layer of states (F, N, 3), coloured by "energy" or "neighbours"."""
    x = torch.from_numpy(np.ascontiguousarray(states))
    if color == "neighbours":
        values, label = coordination(x, system.parts["bond"]).numpy().astype(float), "neighbours"
    else:  # two atoms on each other would use up all colours
        values, label = system.parts["pairs"].site_energies(x).clamp(-8, 2).numpy(), "energy of an atom"
    return Spheres(name, states, radius=0.4 * system.parts["radius"] * 2, values=values, value_name=label,
                   bond_length=system.parts["bond"], bond_width=0.1 * system.parts["radius"] * 2)


def cluster_panel(system: System, states: np.ndarray, color: str, **rest) -> Panel:
    """The atoms (F, N, 3) about their centre in a box that holds them."""
    states = states - np.nan_to_num(states).mean(1, keepdims=True)
    radii = np.linalg.norm(states, axis=2).max(1)
    reach = min(float(np.nanmax(radii)), FARTHEST * float(radii[0]))
    half = 0.92 * (reach + system.parts["radius"])
    box = (-half, half)
    return Panel(box, box, [atoms(system, states, color)], z=box, **rest)


def energy_panel(curves: Sequence[tuple[str, np.ndarray, np.ndarray, np.ndarray, int]], x_label: str,
                 levels: Sequence[tuple[str, float]], **rest) -> Panel:
    """Energies and where they are now: curves of (name, x, energy, frames (F, 2) of the moving dot, colour), and
    dashed levels that are known."""
    x = np.concatenate([curve[1] for curve in curves])
    energy = np.concatenate([curve[2] for curve in curves])
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    bottom = min([float(np.nanmin(energy)), *[value for _, value in levels]])
    top = max(min(float(np.nanmax(energy)), max(0.0, bottom + 3 * abs(bottom))), bottom + 1e-3 * max(1, abs(bottom)))
    margin, pad = 0.05 * max(high - low, 1e-9), 0.07 * (top - bottom)
    layers = [Curve(name, np.array([low - margin, high + margin]), np.full(2, value), dashed=True, color=EXACT)
              for name, value in levels]
    for name, places, energies, dots, color in curves:
        line = np.stack([places, np.clip(energies, None, top + 2 * pad)], 1)
        layers.append(Lines(name, line, width=2.2, color=color))
        layers.append(Points(f"{name}, now", np.clip(dots, None, [np.inf, top + pad])[:, None], radius=5.0,
                             labels=np.zeros(1, int), label_names=(name,), label_colors=(color,)))
    return Panel((low - margin, high + margin), (bottom - pad, top + pad), layers, x_label=x_label, y_label="E", **rest)


def run_curve(run: Followed, name: str, color: int) -> tuple[str, np.ndarray, np.ndarray, np.ndarray, int]:
    """One curve of `energy_panel`: over iterations, or over the logarithm of time, which a flow needs."""
    places, x = spread(run, FRAMES), run.x
    if not run.iterates:
        x = np.log10(np.maximum(x, x[1] if len(x) > 1 else 1.0))
    energies = run.energies
    good = np.isfinite(energies)
    dots = np.stack([at(x, places), at(np.where(good, energies, np.nan), places)], 1)
    return name, x[good], energies[good], dots, color


def run_picture(run: Followed, title: str, levels: Sequence[tuple[str, float]], color: str) -> Picture:
    """One run: the cluster, and its energy."""
    places = spread(run, FRAMES)
    states = at(run.states.numpy(), places)
    captions = _captions(run, places)
    body = cluster_panel(run.system, states, color, title=title, captions=captions, weight=1.25)
    flat = energy_panel([run_curve(run, "energy", method_color(run.method))],
                        "iteration" if run.iterates else "log₁₀ t", levels, title="Energy")
    clock = Readout("iteration" if run.iterates else "t", at(run.x, places))
    readouts = (Readout("E", at(run.energies, places), digits=6), Readout("largest force", at(run.forces, places)),
                Readout("gradients", np.rint(at(run.work, places)), digits=6))
    return Picture([body, flat], clock, readouts, seconds=7.0,
                   alt=f"{title}: {len(states[0])} atoms gather, and their energy falls to {run.energies[-1]:.6g}.")


def _captions(run: Followed, places: np.ndarray) -> list[str]:
    bonds = coordination(torch.from_numpy(at(run.states.numpy(), places)), run.system.parts["bond"]).sum(1) // 2
    return [f"{int(number)} bonds" for number in bonds]

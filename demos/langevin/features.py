"""Additions to a cloud's panel: shares of the wells, the region of 95 % of the distribution, the boundary beyond which
Euler's steps diverge. Every number is computed from the run."""

from __future__ import annotations

import math

import numpy as np

from demos.common.numbers import number
from demos.langevin.checks_means import NECK
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun
from demos.picture import Annotation, Lines

MOST_NAMED = 3  # most wells whose shares are written
BELONG = 0.95  # share of a Gaussian in the plane inside the level set of energy −log(1 − 0.95) kT
CORNERS = 97  # points of the line around that region


def captions(setup: Setup, run: MethodRun, frames: int) -> tuple[str, ...]:
    """The caption of each frame: the shares of the wells, or of the funnel's neck; () for a single well."""
    landscape, states = setup.landscape, run.path.states
    names = landscape.well_names
    if landscape.name == "funnel":
        with np.errstate(invalid="ignore"):
            share = (run.states[:, :, 1] < NECK).mean(axis=1)
        texts = [f"{_percent(part)} below y = −3" for part in share]
    elif 1 < len(names) <= MOST_NAMED:
        shown = _captioned(setup, names)
        parts = [(name, (run.labels == names.index(name)).mean(axis=1)) for name in shown]
        texts = [" · ".join(_share(name, part[k]) for name, part in parts) for k in range(len(states))]
    else:
        return ()
    return (*texts, *[texts[-1]] * (frames - len(texts)))


def _captioned(setup: Setup, names: tuple[str, ...]) -> tuple[str, ...]:
    """The wells named in captions: all, or for two wells the one in which the particles did not start."""
    if len(names) > 2:
        return names
    return (names[setup.other_well],)


def _share(well: str, share: float) -> str:
    return f"{well} {_percent(share)}" if len(well) == 1 else f"{_percent(share)} {well}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"


def belonging(setup: Setup, run: MethodRun) -> tuple[list[Lines], list[Annotation]]:
    """On a quadratic potential: the ellipse that contains 95 % of Boltzmann's distribution, and the share of particles
    inside it over the second half of the run. Empty if the ellipse is not inside the view."""
    if not (setup.is_quadratic and setup.is_constant) or run.lost:
        return [], []
    radius = math.sqrt(-2 * math.log(1 - BELONG))
    stiffness, axes = np.linalg.eigh(setup.hessian)
    angle = np.linspace(0, 2 * np.pi, CORNERS)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius * np.sqrt(setup.kT / stiffness)
    line = circle @ axes.T
    (x0, x1), (y0, y1) = setup.landscape.view
    if not (x0 < line[:, 0].min() and line[:, 0].max() < x1 and y0 < line[:, 1].min() and line[:, 1].max() < y1):
        return [], []
    late = run.states[len(run.states) // 2 :].reshape(-1, 2).astype(float)
    inside = float((np.einsum("ni,ij,nj->n", late, setup.hessian, late) <= radius**2 * setup.kT).mean())
    text = f"95 % belong inside the dashed line; here {100 * inside:.0f} %"
    if setup.config.start != "equilibrium":
        text = "95 % belong inside the dashed line"
    return (
        [Lines("95 % of Boltzmann", line, closed=True, dashed=True, width=2.0)],
        [Annotation(text, x1, y0 + 0.06 * (y1 - y0), None, "right")],
    )


def beyond_recall(setup: Setup, run: MethodRun) -> tuple[list[Lines], list[Annotation]]:
    """In the double well (x² − 1)²: lines at the |x| beyond which Euler's steps grow, 4h(x² − 1) > 2."""
    if setup.landscape.name != "double_well" or run.method != "euler" or not run.lost:
        return [], []
    edge = math.sqrt(1 + 1 / (2 * setup.config.step))
    (x0, x1), (y0, y1) = setup.landscape.view
    if edge >= x1:
        return [], []
    line = np.array([[-edge, y0], [-edge, y1], [np.nan, np.nan], [edge, y0], [edge, y1]])
    return (
        [Lines("Beyond: lost", line, dashed=True, width=2.0)],
        [Annotation(f"lost beyond {edge:.3g}", edge, y0 + 0.1 * (y1 - y0), None, "right")],
    )


def well_changes(setup: Setup, run: MethodRun) -> float:
    """The number of changes of the well between frames, per particle and 100 gradient evaluations."""
    changes = (run.labels[1:] != run.labels[:-1]).mean(axis=1).sum()
    return float(100 * changes / max(run.path.evaluations, 1))


def passes(setup: Setup) -> list[Annotation]:
    """Annotations with the height of each pass of a landscape with several."""
    landscape = setup.landscape
    if landscape.name != "muller_brown":
        return []
    return [
        Annotation(f"pass, U = {number(place.energy, digits=2)}", *map(float, place.position), None, "left")
        for place in landscape.saddles
    ]

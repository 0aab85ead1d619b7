"""The picture of planar spins: arrows or colours by their angle, vortices marked, energy and vortices over time."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.physics.bench.panels import dissipation_readout, span, time_panel
from demos.physics.bench.vortex_markers import vortex_markers
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.equilibrium import distances, far_share, known
from demos.physics.xy_magnet.meeting import meeting
from demos.physics.xy_magnet.reference import T_BKT
from demos.physics.xy_magnet.simulate import SpinPath
from demos.physics.xy_magnet.warm_checks import Partners
from demos.picture import Annotation, Arrows, Curve, Field, Layer, Mark, Markers, Panel, Picture, Readout
from demos.picture.colors import EXACT

MOST_ARROWS = 48  # most spins a side that are drawn as arrows; in larger lattices each is a coloured square
COOL, HOT = 0.8, 1.2  # kT below and above the transition, whose distributions are compared
SAME = 5.0  # largest distance, in sites, that a vortex moves between two frames


def picture(config: XYMagnetConfig, run: SpinPath, met: Partners | None) -> Picture:
    """The picture of a run. met: at T > 0, the vortices of the second half with their partners; else None."""
    n = run.model.size
    layers: list[Layer] = [spins(run), vortices(run)]
    pairs = run.pairs
    captions = [
        f"{k:,} vortices, {k:,} antivortices" if k > 1 else "one vortex, one antivortex" if k else "no vortices"
        for k in pairs.tolist()
    ]
    lattice = Panel((0, n), (0, n), layers, equal=True, captions=captions, weight=1.25)
    per_spin = run.energies / n**2
    found = known("energy", n, config.kT) if config.kT > 0 else None
    level = {"exact: all parallel": -2.0 * run.model.coupling} if found is None else {"Monte Carlo": found.value}
    marks: list[Mark] = []
    energy = time_panel("Energy per spin", run.times, {"this run": per_spin}, exact=level, x_label="t", y_label="J")
    if met is not None and len(met.distances):
        count = partner_panel(config, met)
        marks.append(Mark(float(run.times[-1]) / 2, "compared from here"))
    elif not pairs.any() and config.kT == 0:
        count = turn_panel(run)
    elif pairs.max() == 1 and config.kT == 0:
        apart = np.array([_distance(centres, n) for centres, _ in run.vortices])
        count = time_panel(
            "Distance of the pair",
            run.times,
            {"distance": apart},
            x_label="t",
            y_label="sites",
            y=(0.0, 1.08 * float(apart.max())),
        )
        if config.start == "pair":
            marks.append(Mark(meeting(n), f"expected: they meet at {number(meeting(n))}"))
    else:
        count = time_panel(
            "Vortices",
            run.times,
            {"pairs": pairs},
            x_label="t",
            y_label="pairs",
            y=(0.0, 1.08 * max(float(pairs.max()), 1.0)),
        )
    readouts = [Readout("E/L²", per_spin, digits=5)]
    if config.kT == 0:
        residual = run.recorder.balance.residual[:, 0]
        readouts.append(dissipation_readout(np.interp(run.times, run.recorder.times, residual)))
    warm = f" at kT = {config.kT:g}" if config.kT > 0 else ""
    return Picture(
        [lattice, energy, count],
        Readout("t", run.times),
        readouts,
        seconds=8.0,
        alt=f"{n} × {n} planar spins{warm} from {pairs[0]:,} pairs of vortices to {pairs[-1]:,}.",
        marks=marks,
    )


def partner_panel(config: XYMagnetConfig, met: Partners) -> Panel:
    """The panel of the distances between partners, with Monte Carlo at this kT and at one on the other side of the
    transition."""
    edges, truth = distances(config.kT)
    other = HOT if config.kT < T_BKT else COOL
    _, beside = distances(other)
    shares = np.histogram(met.distances, np.r_[edges[:-1], np.inf])[0] / len(met.distances)
    layers: list[Layer] = [
        Curve(f"kT = {other:g}", edges, 100 * beside, stepped=True, color=1),
        Curve("this run", edges, 100 * shares, stepped=True, filled=True, color=-2),
        Curve("Monte Carlo", edges, 100 * truth, stepped=True, dashed=True, color=EXACT),
    ]
    where = float(edges[-3])
    words = [
        Annotation(f"this run: {number(100 * met.far, digits=2)} % farther than 2", where, 62, align="right", color=-2),
        Annotation(f"kT = {other:g}: {number(100 * far_share(other), digits=2)} %", where, 52, align="right", color=1),
    ]
    return Panel(
        (float(edges[0]), float(edges[-1])),
        (0.0, 105.0),
        layers,
        title="Distance to the partner",
        x_label="sites",
        y_label="% of the pairs",
        weight=0.8,
        annotations=words,
    )


def turn_panel(run: SpinPath) -> Panel:
    """The panel of the angle along the middle row, in turns, and of a twist of as many whole turns that is even."""
    n = run.model.size
    rows = np.asarray(run.thetas, dtype=float)[:, n // 2]
    turns = np.unwrap(np.concatenate((rows, rows[:, :1]), 1), axis=1) / (2 * np.pi)
    turns -= turns[:, :1]
    sites = np.arange(n + 1.0)
    even = turns[-1, -1] * sites / n
    return Panel(
        (0.0, float(n)),
        span(turns, even),
        [
            Curve("middle row", sites, turns, color=-2),
            Curve("exact: even twist", sites, even, dashed=True, color=EXACT),
        ],
        title="Angle along a row",
        x_label="x",
        y_label="turns",
        weight=0.8,
    )


def spins(run: SpinPath) -> Layer:
    n = run.model.size
    if n > MOST_ARROWS:
        return Field("angle", np.mod(run.thetas, 2 * np.pi), colors="cyclic", crisp=True)
    sites = np.arange(n) + 0.5
    origins = np.stack(np.meshgrid(sites, sites), -1).reshape(-1, 2)
    angles = run.thetas.reshape(len(run.thetas), -1)
    return Arrows("spins", origins, np.stack((np.cos(angles), np.sin(angles)), -1), shown=True, by_angle=True)


def vortices(run: SpinPath) -> Markers:
    """The layer of vortices. Positions are shifted by ½, because the first spin is drawn at ½."""
    return vortex_markers([(centres + 0.5, charges) for centres, charges in run.vortices], SAME, run.model.size)


def _distance(centres: np.ndarray, size: int) -> float:
    """The distance of two vortices on the torus; 0 where they have vanished."""
    if len(centres) < 2:
        return 0.0
    difference = np.abs(centres[0] - centres[1])
    return float(np.hypot(*np.minimum(difference, size - difference)))

"""The picture of a phase field: the field in motion, and beside it the one curve that its start is about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import label

from demos.physics.bench.panels import balance, over_clock, span
from demos.physics.config import EnergyConfig
from demos.physics.phase_field.checks import DOMAINS, coarsening_window, slope_of, slow_clock, wall_profile
from demos.physics.phase_field.reference import circle_rate
from demos.physics.phase_field.run import FRAMES, RESOLVED, Part
from demos.picture import Curve, Field, Panel, Picture, Readout
from demos.picture.colors import EXACT

MOST_NUMBERS = {64: 90, 128: 72, 256: 36}  # frames of a field on each grid that keep the picture below 1.5 MB
STARTS = {
    "spinodal": "a mixture",
    "nucleation": "small drops",
    "disc": "a disc",
    "two_discs": "two discs",
    "stripe": "a stripe with walls too thin",
    "star": "a star",
    "drawn": "a drawing",
}


def phase_picture(config: EnergyConfig, parts: list[Part]) -> Picture:
    clock = _clock(parts)
    panels = [_field(config, part, clock, len(parts)) for part in parts]
    panels.append(_beside(config, parts, clock))
    readouts = [
        Readout("E" if len(parts) == 1 else f"E ({part.title})", _at(part, clock, part.run.energies), digits=4)
        for part in parts
    ]
    if config.start in ("nucleation", "two_discs"):
        readouts += [
            Readout("drops" if len(parts) == 1 else f"drops ({part.title})", _on(clock, part, drops(part)))
            for part in parts
        ]
    readouts += [
        balance(clock, part.run.times, part.run.residual, "" if len(parts) == 1 else part.title) for part in parts
    ]
    names = " and ".join(part.title for part in parts)
    return Picture(
        panels,
        Readout("t", clock),
        readouts,
        seconds=8.0,
        alt=f"A phase field by {names} from {STARTS[config.start]}, to t = {clock[-1]:.4g}, and its energy.",
    )


def _clock(parts: list[Part]) -> np.ndarray:
    """(F,) times, even in their root; of a run that was lost, its own few."""
    end = max(float(part.run.frame_times[-1]) for part in parts)
    count = FRAMES if not any(part.lost for part in parts) else max(len(part.run.frame_times) for part in parts)
    return np.linspace(0, 1, max(count, 2)) ** 2 * end


def _at(part: Part, clock: np.ndarray, values: np.ndarray) -> np.ndarray:
    """values (S + 1,) of every step at the clock's times; nan past the end of the run"""
    return np.interp(clock, part.run.times, values, right=np.nan if clock[-1] > part.run.times[-1] * 1.001 else None)


def _on(clock: np.ndarray, part: Part, values: np.ndarray) -> np.ndarray:
    """values (F,) of the run's frames at the clock's times"""
    return np.interp(clock, part.run.frame_times, values)


def _field(config: EnergyConfig, part: Part, clock: np.ndarray, count: int) -> Panel:
    size = part.field.size
    places = np.interp(part.run.frame_times, clock, np.arange(len(clock)))
    most = MOST_NUMBERS.get(size, 36) // count
    kept = np.unique(np.round(np.linspace(0, len(places) - 1, min(len(places), most))).astype(int))
    kept = kept[np.r_[True, np.diff(places[kept]) > 1e-6]]
    layer = Field("c", part.run.frames[kept], colors="diverging", limits=(-1.0, 1.0), at=places[kept])
    title = part.title if count > 1 else f"{part.title}, γ = {config.gamma:g}"
    side = (0.0, part.field.length)
    return Panel(side, side, [layer], title=title, equal=True, brush=True, weight=1.0 if count > 1 else 1.2)


def _beside(config: EnergyConfig, parts: list[Part], clock: np.ndarray) -> Panel:
    if config.start == "stripe":
        return _profile(parts[0], clock)
    one, healthy = len(parts) == 1, not any(part.lost for part in parts)
    if one and healthy and config.start in DOMAINS and not parts[0].field.conserved:
        return _shrinking(config, parts[0], clock)
    if one and healthy and config.start == "spinodal":
        return _coarsening(config, parts[0], clock)
    curves = {"E" if one else part.title: _at(part, clock, part.run.energies) for part in parts}
    highest = 3 * max(float(part.run.energies[0]) for part in parts)  # what is lost leaves the panel
    curves = {name: np.where(values <= highest, values, np.nan) for name, values in curves.items()}
    root = np.sqrt(clock)
    return over_clock("Energy", root, curves, x_label="√t", y_label="E")


def _shrinking(config: EnergyConfig, part: Part, clock: np.ndarray) -> Panel:
    """R² over time beside its straight line, while all domains are there."""
    domains = DOMAINS[config.start]
    measured = _on(clock, part, part.squares)
    rate = domains * circle_rate(config.gamma)
    _, first, last = slope_of(config, part)
    law = measured[0] + rate * clock
    law = np.where((law >= 0) & ((clock <= last * 1.0001) | (last == 0)), law, np.nan)
    exact = {f"exact: slope {_signed(rate)}": law}
    if config.method == "semi_implicit" and config.gamma >= RESOLVED:
        slow = measured[0] + rate / slow_clock(config) * clock
        exact[f"this step's own: {_signed(rate / slow_clock(config))}"] = np.where(slow >= 0, slow, np.nan)
    return over_clock(
        "R² = area/π",
        clock,
        {"measured": measured},
        exact=exact,
        x_label="t",
        y_label="R²",
        y=(0.0, 1.06 * float(measured.max())),
    )


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _coarsening(config: EnergyConfig, part: Part, clock: np.ndarray) -> Panel:
    """The size of the domains over ∛t, on which coarsening is a straight line; over √t in L²."""
    power, name = (1 / 3, "∛t") if part.field.conserved else (1 / 2, "√t")
    x = clock**power
    length = np.interp(clock, *part.lengths)
    exact, fitted = {}, []
    window = coarsening_window(config, part)
    if window is not None:
        late = clock >= window[0]
        line = np.polyfit(x[late], length[late], 1)
        fitted = [Curve(f"fitted: straight in {name}", x, np.where(late, np.polyval(line, x), np.nan), dashed=True)]
    slack = 1 - 3 * config.mean**2
    if slack > 0 and part.field.conserved:
        wave = 2 * np.pi * np.sqrt(2 * config.gamma / slack)
        exact["fastest wave"] = np.where(x <= 0.5 * x[-1], wave, np.nan)
    panel = over_clock("Size of the domains", x, {"2π/⟨k⟩": length}, exact=exact, x_label=name, y_label="length")
    return replace(panel, layers=[*fitted, *panel.layers])


def _profile(part: Part, clock: np.ndarray) -> Panel:
    """c along the middle row, beside tanh."""
    n = part.field.size
    x = np.arange(n) * part.field.torus.spacings[0]
    rows = part.run.frames[:, n // 2]
    moving = np.stack([np.interp(clock, part.run.frame_times, column) for column in rows.T], axis=1)
    middle = n // 4
    shown = slice(max(middle - int(8 * part.field.width) - 2, 0), middle + int(8 * part.field.width) + 3)
    layers = [
        Curve("exact: tanh(x/√(2γ))", x[shown], wall_profile(part)[0].numpy()[shown], dashed=True, color=EXACT),
        Curve("c along a row", x[shown], moving[:, shown], color=-2),
    ]
    return Panel(span(x[shown], margin=0.0), (-1.2, 1.2), layers, title="A wall", x_label="x", y_label="c", weight=0.8)


def drops(part: Part) -> np.ndarray:
    """(F,) how many connected domains of {c > 0} there are, around the periodic edges"""
    return np.array([_domains(frame > 0) for frame in part.run.frames], float)


def _domains(inside: np.ndarray) -> int:
    """Labels that touch across an edge are one domain."""
    labels, count = label(inside)
    parent = list(range(count + 1))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for first, last in ((labels[0], labels[-1]), (labels[:, 0], labels[:, -1])):
        for a, b in zip(first, last, strict=True):
            if a and b:
                parent[root(a)] = root(b)
    return len({root(i) for i in range(1, count + 1)})

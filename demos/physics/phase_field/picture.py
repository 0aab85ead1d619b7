"""The picture of a phase field: the moving field, and a panel with the curve that suits its start."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from demos.physics.bench.panels import dissipation_readout, span, time_panel
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.mixture import coarsening_window
from demos.physics.phase_field.model import METRIC_SIGNS
from demos.physics.phase_field.observables import drop_counts
from demos.physics.phase_field.reference import (
    circle_rate,
    fastest_rate,
    fastest_wave,
    semi_implicit_slowdown,
    stripe_profile,
)
from demos.physics.phase_field.shrinking import DOMAINS, RESOLVED, squared_radius_slope
from demos.physics.phase_field.simulate import FRAMES, FieldRun
from demos.picture import Curve, Field, Panel, Picture, Readout
from demos.picture.annotations import Mark
from demos.picture.colors import EXACT

MOST_FRAMES = {64: 90, 128: 72, 256: 36}  # most frames by points a side, which keeps the picture below 1.5 MB
PARTED = 0.5  # least standard deviation of c in a mixture that has separated into domains with c near ±1
STARTS = {
    "spinodal": "a mixture",
    "nucleation": "small drops",
    "disc": "a disc",
    "two_discs": "two discs",
    "stripe": "a stripe with walls too thin",
    "star": "a star",
    "drawn": "a drawing",
}


def phase_picture(config: PhaseFieldConfig, runs: list[FieldRun]) -> Picture:
    """A panel for each field and one for the curve, at times evenly spaced in √t."""
    times, alone = _frame_times(runs), len(runs) == 1
    panels = [_field(config, run, times, len(runs)) for run in runs]
    panels.append(_curve_panel(config, runs, times))
    readouts = [
        Readout("E" if alone else f"E ({run.title})", _step_values(run, times, run.energies), digits=4) for run in runs
    ]
    if config.start in ("nucleation", "two_discs"):
        readouts += [
            Readout("drops" if alone else f"drops ({run.title})", _frame_values(run, times, drop_counts(run.frames)))
            for run in runs
        ]
    readouts += [
        dissipation_readout(np.interp(times, run.times, run.residual), "" if alone else run.title) for run in runs
    ]
    names = " and ".join(run.title for run in runs)
    return Picture(
        panels,
        Readout("t", times),
        readouts,
        seconds=8.0,
        marks=_marks(config, runs, times),
        alt=f"A phase field by {names} from {STARTS[config.start]}, to t = {times[-1]:.4g}, and its energy.",
    )


def _marks(config: PhaseFieldConfig, runs: list[FieldRun], times: np.ndarray) -> list[Mark]:
    """Marks on the time axis: the fastest wave has grown by e; a drop has vanished."""
    field, found = runs[-1].field, []
    if config.start == "spinodal":
        rate = fastest_rate(field, config.mean)
        if rate > 0 and 1 / rate < times[-1]:
            found.append(Mark(1 / rate, f"t = {1 / rate:.3g}: the fastest wave is e times as high"))
    if config.start == "two_discs" and len(runs) == 1:
        counts = drop_counts(runs[0].frames)
        gone = np.flatnonzero(counts < counts[0])
        if len(gone) and counts[0] == 2:
            when = float(runs[0].frame_times[gone[0]])
            found.append(Mark(when, f"t = {when:.4g}: the small drop is gone"))
    return found


def _frame_times(runs: list[FieldRun]) -> np.ndarray:
    """(F,) times evenly spaced in √t; for a diverged run, those of its frames."""
    end = max(float(run.frame_times[-1]) for run in runs)
    count = FRAMES if not any(run.diverged for run in runs) else max(len(run.frame_times) for run in runs)
    return np.linspace(0, 1, max(count, 2)) ** 2 * end


def _step_values(run: FieldRun, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """values (S + 1,) of every step at the picture's times; nan past the end of the run."""
    return np.interp(times, run.times, values, right=np.nan if times[-1] > run.times[-1] * 1.001 else None)


def _frame_values(run: FieldRun, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """values (F,) of the run's frames at the picture's times."""
    return np.interp(times, run.frame_times, values)


def _field(config: PhaseFieldConfig, run: FieldRun, times: np.ndarray, count: int) -> Panel:
    positions = np.interp(run.frame_times, times, np.arange(len(times)))  # fractional indices of the picture's frames
    most = MOST_FRAMES.get(run.field.size, 36) // count
    chosen = np.unique(np.round(np.linspace(0, len(positions) - 1, min(len(positions), most))).astype(int))
    chosen = chosen[np.r_[True, np.diff(positions[chosen]) > 1e-6]]
    layer = Field("c", run.frames[chosen], colors="diverging", limits=(-1.0, 1.0), at=positions[chosen])
    title = f"{METRIC_SIGNS[run.field.metric]}: {run.title}" if count > 1 else f"{run.title}, γ = {config.gamma:g}"
    side = (0.0, run.field.length)
    weight = 1.0 if count > 1 else 1.2
    words = _captions(config, run, times)
    return Panel(side, side, [layer], title=title, equal=True, brush=True, weight=weight, captions=words)


def _captions(config: PhaseFieldConfig, run: FieldRun, times: np.ndarray) -> tuple[str, ...]:
    """The caption of each frame, with its numbers: growing waves, domains and their size, drops, or a radius."""
    if run.diverged:
        return ()
    if config.start == "spinodal":
        spread = _frame_values(run, times, run.frames.std((-2, -1), dtype=np.float64))
        sizes = np.interp(times, *run.domain_lengths)
        pairs = zip(spread, sizes, strict=True)
        return tuple(f"Waves of ±{a:.1g}" if a < PARTED else f"Domains, size {size:.0f}" for a, size in pairs)
    if config.start in ("nucleation", "two_discs"):
        latest = np.searchsorted(run.frame_times, times * (1 + 1e-12), side="right") - 1
        return tuple(f"{n:.0f} {'drop' if n == 1 else 'drops'}" for n in drop_counts(run.frames)[latest.clip(0)])
    if config.start == "disc":
        squares = np.maximum(_frame_values(run, times, run.squared_radii), 0.0)
        return tuple(f"R = {radius:.1f}" if radius > 0 else "Gone" for radius in np.sqrt(squares))
    return ()


def _curve_panel(config: PhaseFieldConfig, runs: list[FieldRun], times: np.ndarray) -> Panel:
    """The panel that suits the start: a wall's profile, R², the size of the domains, or else the energy."""
    if config.start == "stripe":
        return _profile(runs[0], times)
    alone, healthy = len(runs) == 1, not any(run.diverged for run in runs)
    if alone and healthy and config.start in DOMAINS and not runs[0].field.conserved:
        return _shrinking(config, runs[0], times)
    if alone and healthy and config.start == "spinodal":
        return _coarsening(config, runs[0], times)
    curves = {"E" if alone else run.title: _step_values(run, times, run.energies) for run in runs}
    highest = 3 * max(float(run.energies[0]) for run in runs)  # the energy of a diverged run is cut off
    curves = {name: np.where(values <= highest, values, np.nan) for name, values in curves.items()}
    return time_panel("Energy", np.sqrt(times), curves, x_label="t", x_scale=2, y_label="E")


def _shrinking(config: PhaseFieldConfig, run: FieldRun, times: np.ndarray) -> Panel:
    """The panel of R² over time with its exact straight line, while all domains exist."""
    measured = _frame_values(run, times, run.squared_radii)
    rate = DOMAINS[config.start] * circle_rate(config.gamma)
    _, first, last = squared_radius_slope(config, run)
    line = measured[0] + rate * times
    line = np.where((line >= 0) & ((times <= last * 1.0001) | (last == 0)), line, np.nan)
    exact = {f"exact: slope {_signed(rate)}": line}
    if config.method == "semi_implicit" and config.gamma >= RESOLVED:
        slow_rate = rate / semi_implicit_slowdown(config.step, config.stabilizer)
        slow = measured[0] + slow_rate * times
        exact[f"this step's own: {_signed(slow_rate)}"] = np.where(slow >= 0, slow, np.nan)
    return time_panel(
        "R² = area/π",
        times,
        {"measured": measured},
        exact=exact,
        x_label="t",
        y_label="R²",
        y=(0.0, 1.06 * float(measured.max())),
    )


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _coarsening(config: PhaseFieldConfig, run: FieldRun, times: np.ndarray) -> Panel:
    """The panel of the size of the domains over ∛t (√t in L²), where coarsening is a straight line."""
    order: Literal[2, 3] = 3 if run.field.conserved else 2
    name = "∛t" if order == 3 else "√t"
    x = times ** (1 / order)
    length = np.interp(times, *run.domain_lengths)
    exact, fitted = {}, []
    window = coarsening_window(config, run)
    if window is not None:
        late = times >= window[0]
        line = np.polyfit(x[late], length[late], 1)
        fitted = [Curve(f"fitted: straight in {name}", x, np.where(late, np.polyval(line, x), np.nan), dashed=True)]
    wave = fastest_wave(config.gamma, config.mean)
    if wave is not None and run.field.conserved:
        exact["fastest wave"] = np.where(x <= 0.5 * x[-1], wave, np.nan)
    lengths = {"mean wave length": length}
    panel = time_panel("Size of the domains", x, lengths, exact=exact, x_label="t", x_scale=order, y_label="length")
    return replace(panel, layers=[*fitted, *panel.layers])


def _profile(run: FieldRun, times: np.ndarray) -> Panel:
    """The panel of c along the middle row, with tanh."""
    field, n = run.field, run.field.size
    x = np.arange(n) * field.torus.spacings[0]
    rows = run.frames[:, n // 2]
    moving = np.stack([np.interp(times, run.frame_times, column) for column in rows.T], axis=1)
    reach = int(8 * field.width) + 2
    window = slice(max(n // 4 - reach, 0), n // 4 + reach + 1)
    layers = [
        Curve("exact: tanh(x/√(2γ))", x[window], stripe_profile(field)[0].numpy()[window], dashed=True, color=EXACT),
        Curve("c along a row", x[window], moving[:, window], color=-2),
    ]
    return Panel(span(x[window], margin=0.0), (-1.2, 1.2), layers, title="A wall", x_label="x", y_label="c", weight=0.8)

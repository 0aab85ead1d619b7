"""One run: gradients back through time, beside what is known of them. Pure: same config, same bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import counted, number
from demos.common.progress import Progress, checkpoint, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.time.checks import checks_of
from demos.networks.time.config import CELLS, GATED, TimeConfig
from demos.networks.time.law import law_of
from demos.networks.time.measure import draw, measure
from demos.networks.time.picture import Kind, picture

FLAT = 0.3  # largest |log10| of a decay that is called flat: a factor of 2


@demo_run
def run(config: TimeConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The panel of gradients through time as a function of its config."""
    kinds = []
    for index, cell in enumerate(config.cells):
        network = draw(config, cell)
        measured = measure(config, cell, network, part(progress, index, len(config.cells), 0.9))
        kinds.append(Kind(cell, network, measured, law_of(config, cell)))
    drawn, rows = picture(config, kinds), []
    if on_picture is not None:
        on_picture(drawn)
    for kind in kinds:
        checkpoint()
        label = CELLS[kind.cell] if len(config.cells) > 1 else ""
        found = checks_of(config, kind.cell, kind.network, kind.measured, kind.law)
        rows += [row.labelled(label) for row in found]
    notes = tuple(note for kind in kinds for note in notes_of(config, kind))
    return Result(drawn, tuple(rows), {"steps": table(kinds)}, notes, headline=headline(config, kinds, rows))


def notes_of(config: TimeConfig, kind: Kind) -> list[str]:
    if kind.cell in GATED:
        kept = float(kind.measured.gates.mean())
        return [f"{CELLS[kind.cell]}: a step keeps {number(kept)} of the state on average."]
    radius = float(_largest_eigenvalues(kind).mean())
    return [f"{CELLS[kind.cell]}: the largest eigenvalue is {number(radius)} on average."]


def _largest_eigenvalues(kind: Kind) -> np.ndarray:
    """(K,) the largest |eigenvalue| of each network's recurrent matrix."""
    return np.abs(np.linalg.eigvals(kind.network.weights[:, 0].numpy())).max(1)


def headline(config: TimeConfig, kinds: list[Kind], rows: list[Check]) -> str:
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"{wrong.name}: {number(wrong.measured)}, known: {number(wrong.truth or 0.0)}."
    text = "; ".join(f"{CELLS[kind.cell]}: {what_happens(config, kind)}" for kind in kinds)
    return f"{text}."


def what_happens(config: TimeConfig, kind: Kind) -> str:
    decay, steps = float(kind.measured.profile[0].mean()), config.steps - 1
    each = number(10 ** (decay / steps))
    if abs(decay) < FLAT:
        return f"gradients keep their size through {counted(steps, 'step')}, × {each} a step"
    word = "vanish" if decay < 0 else "explode"
    said = f"gradients {word} {number(10.0 ** abs(decay))}-fold through {counted(steps, 'step')}, × {each} a step"
    if kind.cell in GATED or config.recurrence == "orthogonal" or config.networks == 1:
        return said
    radii, factors = _largest_eigenvalues(kind), 10.0 ** kind.measured.profile[0]
    most, least = (f"{number(float(factors[i]))} where it is {radii[i]:.2f}" for i in (radii.argmax(), radii.argmin()))
    return f"{said}. By largest eigenvalue: × {most}, × {least}"


def table(kinds: list[Kind]) -> pd.DataFrame:
    """Columns series, step, factor: by which each step multiplies |∂L/∂s| backward, mean over networks."""
    frames = []
    for kind in kinds:
        logs = kind.measured.profile.mean(1)
        step = np.arange(1, len(logs))
        frames.append(pd.DataFrame({"series": CELLS[kind.cell], "step": step, "factor": 10 ** (logs[:-1] - logs[1:])}))
        first, profile, name = kind.known
        exact = "exact " if kind.law is not None else ""
        known = pd.DataFrame({"step": step[first:], "factor": 10 ** -np.diff(profile)})
        frames.append(known.assign(series=f"{exact}{name} · {CELLS[kind.cell]}"))
    return pd.concat(frames, ignore_index=True)

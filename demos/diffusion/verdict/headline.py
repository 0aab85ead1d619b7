"""The headline: one sentence on the samples of a picture, with the number that decides."""

from __future__ import annotations

import re

from demos.common.numbers import number
from demos.contract import Check, State, Verdict
from demos.contract.wording import judgement, shown
from demos.diffusion.setup import Setup
from demos.diffusion.verdict.expected import expected_of
from demos.diffusion.verdict.lesson import Lesson

UNUSUAL = 0.01  # p-value below which a distance is not called usual


def headline(
    setup: Setup, rows: tuple[Check, ...], labels: list[str], reasons: list[str], lesson: Lesson | None = None
) -> str:
    """The headline of a run.

    rows: all rows about the picture, the distance of each sampler first. labels: of the samplers; reasons: for each,
    why it cannot be compared, "" where it can. lesson: the point of the config, which is said first."""
    verdict = Verdict.of("", rows)
    distances = verdict.rows[: len(labels)]
    lost = [(label, reason) for label, reason in zip(labels, reasons, strict=True) if reason]
    if lost:
        label, reason = lost[0]
        where = f"{label}: {reason}" if len(labels) > 1 else reason
        return f"{_sentence(where)}{_because(setup)}."
    if verdict.state is State.DIFFERS:
        row = next(row for row in verdict.rows if row.state is State.DIFFERS)
        return f"{row.name}: {shown(row, row.measured)}, {judgement(row)}."
    if verdict.state is State.AGREES:
        return _after(lesson, distances) or _agreeing(setup, distances)
    far = [row for row in distances if row.state is State.PREDICTED]
    if not far:
        row = next(row for row in verdict.rows if row.state is State.PREDICTED)
        if sentence := _after(lesson, distances, "" if row.name.startswith("Histogram of x at σ") else _reason(row)):
            return sentence
        values = f"{shown(row, row.measured)} instead of {shown(row, row.truth)}"
        if on_the_way := re.match(r"Histogram of x (at σ = [^:]+)", row.name):
            differs = f"on the way, {on_the_way[1]}, x was spread otherwise (χ² {values})"
        else:
            differs = f"but “{row.name}” is {values}"
        return f"{_agreeing(setup, distances)[:-1]}; {differs}, {_reason(row)}."
    null = expected_of(setup).null
    two = f"two true samples are {number(null.mean, digits=2)} ± {number(null.spread, digits=1)} apart"
    if len(labels) == 1:
        if lesson is not None and lesson.text and lesson.caused:
            return f"{lesson.text}, {_reason(far[0])}."
        return f"{far[0].name} {number(far[0].measured)}, where {two}: {_reason(far[0])}."
    each = ", ".join(f"{label} {number(row.measured, digits=2)}" for label, row in zip(labels, distances, strict=True))
    return f"Distance to {setup.asked_name}: {each}; {two}."


def _after(lesson: Lesson | None, distances: tuple[Check, ...], reason: str = "") -> str:
    """The clause of the lesson where the samples end as near to the data as true ones; "" where there is none."""
    if lesson is None or not lesson.text or min(1 - row.percentile / 100 for row in distances) < UNUSUAL:
        return ""
    if reason and lesson.caused:
        return f"{lesson.text}, {reason}."
    who = (
        "both samplers end" if len(distances) == 2 else "all samplers end" if len(distances) > 2 else "the samples end"
    )
    return f"{lesson.text}; {who} as near to the data as true points."


def _agreeing(setup: Setup, distances: tuple[Check, ...]) -> str:
    count = f"{len(setup.start):,}"
    chances = [1 - row.percentile / 100 for row in distances]
    written = ", ".join(number(p, digits=2) if p >= 0.001 else "below 0.002" for p in chances)
    if min(chances) < UNUSUAL:
        return f"{count} samples, a little further from {setup.asked_name} than most sets of true ones (p = {written})."
    if len(distances) == 1:
        return f"{count} samples, no further from {setup.asked_name} than {count} true ones (p = {written})."
    return f"All samplers end no further from {setup.asked_name} than {count} true points do (p = {written})."


def _because(setup: Setup) -> str:
    config = setup.config
    if "sde" in config.samplers and config.stochasticity > 1:
        return f": {config.evaluations} evaluations are too few for λ = {config.stochasticity:g}"
    if config.score_error:
        return f": the score is bent by {config.score_error:g}"
    if config.guided and config.guidance > 1:
        return f", with guidance w = {config.guidance:g}"
    return f", with {config.evaluations} evaluations"


def _reason(row: Check) -> str:
    return f"as {row.predicted_by} predicts" if row.predicted is not None else row.explained


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]

"""The headline of a film: one sentence with the number that decides."""

from __future__ import annotations

from collections.abc import Sequence

from demos.contract import Check, State
from demos.contract.verdict import Verdict
from demos.contract.wording import judgement
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.simulate import FilmRun


def headline(config: FilmConfig, run: FilmRun, rows: Sequence[Check]) -> str:
    """The headline of a run, chosen by the state of its rows."""
    state = Verdict.of("", rows).state
    named = {row.name: row for row in rows}
    if run.lost:
        return f"The film is lost: {run.path.status}."
    if config.method == "euler" and config.step > run.step_limit:
        times = config.step / run.step_limit
        end = "is torn, which says nothing about films" if run.snapped else "trembles and never rests"
        return f"Too large a step: {times:.2g} times what explicit steps can take, so the film {end}."
    if state is State.DIFFERS:
        row = next(row for row in rows if row.state is State.DIFFERS)
        return f"This is not how a film moves: {row.name} is {judgement(row)}."
    closing = named.get("time when it closes")
    if closing is not None and run.snapped:
        when, words = closing.measured, "as the film's own equation says"
        if closing.state is State.NOT_COMPARABLE:
            words = f"the time is not compared: {closing.incomparable}"
        elif closing.state is State.PREDICTED:
            off = abs(closing.measured / closing.truth - 1)
            words = f"{off:.1%} from the truth {closing.truth:.4g}, {closing.explained}"
        elif closing.truth is not None:
            words = f"the film's own equation says {closing.truth:.4g}"
        return f"The film snapped at t = {when:.4g}; {words}."
    if run.snapped:
        return f"The film snapped: two discs of area {run.areas[-1]:.4g} R² are left."
    if not run.at_rest:
        speed = f"its fastest point moves by {run.speed:.2g} R a unit of time"
        return f"Still on its way: the neck is {run.neck:.4g} R, {speed}."
    neck = named["neck at the end"]
    if neck.state is State.NOT_COMPARABLE:
        return f"At rest with a neck of {run.neck:.4g} R, where no smooth film spans the rings."
    ways = named.get("ways down from there")
    kind = "catenoid" if ways is None or ways.truth == 0 else "unstable catenoid"
    off = abs(neck.difference)
    words = f"At rest on the {kind}: neck {neck.measured:.5f} R, exact {neck.truth:.5f} R, {off:.1g} apart"
    unread = next((row.incomparable for row in rows if row.state is State.NOT_COMPARABLE), "")
    if unread:
        return f"{words}; when it got there is not compared: {unread}."
    late = ", but it got there too late or too early, as these steps predict" if state is State.PREDICTED else ""
    return f"{words}{late}."

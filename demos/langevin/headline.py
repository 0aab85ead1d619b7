"""One plain sentence about this picture, with the number that decides."""

from __future__ import annotations

from demos.common.numbers import number
from demos.contract import Check, State
from demos.contract.verdict import worst
from demos.contract.wording import judgement, percent, shown
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun
from demos.langevin.studies.escape import Escape

LEADING = ("mean time to reach", "fraction in", "variance across", "free energy above", "mean energy", "gap between")


def headline(setup: Setup, runs: list[MethodRun], rows: list[Check], escape: Escape | None) -> str:
    """From the rows' states: what differs comes first, then what cannot be compared, then the lesson."""
    if not rows:
        return "Nothing is known to hold this picture against."
    about = tuple(row for row in rows if row.about == "picture")
    state = worst(tuple(row.state for row in about))
    first = next(row for row in about if row.state is state)
    ended = next((row for row in about if row.name.startswith("fraction of particles")), None)
    if state is State.DIFFERS:
        return _sentence(f"{first.name}: {_value(first)}, {judgement(first)}")
    if ended is not None:
        return _ended(setup, ended, about)
    if state is State.NOT_COMPARABLE:
        return _sentence(f"Not to be compared: {first.incomparable}")
    timed = next((row for row in about if row.name.startswith("mean time to reach")), None)
    if timed is not None and escape is not None and state is not State.NO_TRUTH:
        return _time(timed, escape)
    lead = _leading(setup, about, state)
    if state is State.PREDICTED:
        return _off(runs, lead, about)
    if state is State.NO_TRUTH:
        return _sentence(f"{lead.name}: {_value(lead)}; no truth is known: {lead.why}")
    return _agreeing(setup, lead, about)


def _leading(setup: Setup, rows: tuple[Check, ...], state: State) -> Check:
    for word in LEADING:
        for row in rows:
            if row.name.startswith(word) and (state is not State.PREDICTED or row.state is state):
                return row
    return next((row for row in rows if row.state is state), rows[0])


def _off(runs: list[MethodRun], row: Check, rows: tuple[Check, ...]) -> str:
    """Off the truth, as the step predicts; and what a compared method does in the same quantity."""
    expected = f"{shown(row, row.predicted)} predicted for this step" if row.predicted is not None else row.explained
    apart = _apart(row)
    text = f"{_name(row)}: {_value(row)}, {apart} the truth, {shown(row, row.truth)} ({expected})"
    quantity = row.name.partition(" · ")[0]
    other = next((r for r in rows if r is not row and r.name.partition(" · ")[0] == quantity), None)
    if other is not None and len(runs) > 1:
        label = other.name.partition(" · ")[2]
        if other.state is State.AGREES:
            text += f". {label} shows no error: {_value(other)}"
        elif other.state is State.PREDICTED:
            text += f". {label}: {_value(other)}"
    return _sentence(text)


def _agreeing(setup: Setup, row: Check, rows: tuple[Check, ...]) -> str:
    text = f"{_name(row)}: {_value(row)}"
    if row.truth is not None:
        text += f"; exact {shown(row, row.truth)}"
    elif row.predicted is not None:
        text += f"; predicted {shown(row, row.predicted)}"
    others = len(rows) - 1
    if others:
        text += f". {others} more comparison{'s' if others > 1 else ''} agree{'' if others > 1 else 's'}"
    return _sentence(text)


def _time(row: Check, escape: Escape) -> str:
    """How long a passage takes, and what the textbook formula says."""
    share = escape.kramers / escape.exact - 1
    off = f"{percent(abs(share)).lstrip('+')} too {'short' if share < 0 else 'long'}"
    return _sentence(
        f"A particle needs {_value(row)} time units to reach the next well; exact {shown(row, row.truth)}. Kramers' "
        f"formula gives {number(escape.kramers)}, {off}: "
        f"it assumes a barrier of many kT, and this one is {number(escape.barrier, digits=2)} kT high"
    )


def _ended(setup: Setup, row: Check, rows: tuple[Check, ...]) -> str:
    """Particles were lost, or ran away."""
    count = round(row.measured * setup.config.particles)
    what = "lost" if "lost" in row.name else "away"
    label = row.name.partition(" · ")[2]
    who = f"{label}: " if label else ""
    share = f"{_hundredths(row.measured)} of the particles {'are lost' if what == 'lost' else 'ran away'}"
    if row.measured < 0.005:
        share = f"{count:,} of {setup.config.particles:,} particles {'are lost' if what == 'lost' else 'ran away'}"
    limit = f"{who}Too large a step: {share}"
    if row.predicted and row.meets_prediction:
        return _sentence(f"{limit}, as predicted ({_hundredths(row.predicted)})")
    return _sentence(f"{limit}, where the equation loses none")


def _hundredths(share: float) -> str:
    return f"{number(100 * share, digits=2 if share < 0.995 else 3)} %"


def _name(row: Check) -> str:
    return row.name[:1].upper() + row.name[1:]


def _value(row: Check) -> str:
    error = f" ± {number(row.uncertainty, digits=2)}" if row.uncertainty else ""
    return f"{shown(row, row.measured)}{error}"


def _apart(row: Check) -> str:
    if row.truth is None or abs(row.truth) <= 0.05 * abs(row.measured):
        return "off"
    share = row.difference / row.truth
    return f"{percent(abs(share)).lstrip('+')} {'above' if row.difference > 0 else 'below'}"


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."

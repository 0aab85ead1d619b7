"""The headline: one sentence about the picture, with the number that decides."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import counted, number
from demos.common.schedules import Cooling
from demos.contract import Check, State
from demos.contract.verdict import worst
from demos.contract.wording import judgement, percent, shown
from demos.langevin.checks_means import ALONG, observables, valley
from demos.langevin.features import well_changes
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.samplers import has_momentum
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun
from demos.langevin.studies.escape import Escape

CLEAR = 3.0  # standard errors by which a mean must differ from the bottom to be on one side of it
LEADING = ("mean time to reach", "fraction in", "variance across", "free energy above", "mean energy", "gap between")


def headline(setup: Setup, runs: list[MethodRun], rows: list[Check], escape: Escape | None) -> str:
    """The headline of a run: on a row that differs, else on one that cannot be compared, else on the config's main
    result."""
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
        return _off(setup, runs, lead, about)
    if state is State.NO_TRUTH:
        return _sentence(f"{lead.name}: {_value(lead)}; no truth is known: {lead.why}")
    return _agreeing(setup, runs, lead, about)


def _leading(setup: Setup, rows: tuple[Check, ...], state: State) -> Check:
    words = LEADING
    if has_momentum(setup.config.method) and setup.is_quadratic and setup.config.start in ("point", "cloud"):
        words = (ALONG, *LEADING)
    for word in words:
        for row in rows:
            if row.name.startswith(word) and (state is not State.PREDICTED or row.state is state):
                return row
    return next((row for row in rows if row.state is state), rows[0])


def _off(setup: Setup, runs: list[MethodRun], row: Check, rows: tuple[Check, ...]) -> str:
    """The sentence on a row that differs from the truth as predicted for the step, and on a compared method's value."""
    quantity, _, label = row.name.partition(" · ")
    other = next((r for r in rows if r is not row and r.name.partition(" · ")[0] == quantity), None)
    if quantity.startswith("variance") and row.truth:
        text = _spread(quantity, label or runs[0].label, row)
    else:
        expected = (
            f"{shown(row, row.predicted)} predicted for this step" if row.predicted is not None else row.explained
        )
        text = f"{_name(row)}: {_value(row)}, {_apart(row)} the truth, {shown(row, row.truth)} ({expected})"
    if other is not None and len(runs) > 1:
        label = other.name.partition(" · ")[2]
        if other.state is State.AGREES:
            text += f". {label} shows no error: {_value(other)}"
        elif other.state is State.PREDICTED:
            text += f". {label}: {_value(other)}"
    return _sentence(text)


def _spread(quantity: str, label: str, row: Check) -> str:
    """A variance that is too large or too small: "Euler–Maruyama has 81 % too much variance across the valley"."""
    where = quantity.removeprefix("variance ").partition(" /")[0]
    assert row.truth
    too = "too much" if row.difference > 0 else "too little"
    share = row.difference / row.truth
    amount = f"{number(1 + share, digits=2)} times the" if share >= 1 else f"{_hundredths(abs(share))} {too}"
    text = f"{label} has {amount} variance {where}"
    if row.predicted is None:
        return text
    known = row.predicted / row.truth - 1
    says = f"{number(1 + known, digits=2)} times" if share >= 1 else _hundredths(abs(known))
    return f"{text}; theory for this step says {says}"


def _agreeing(setup: Setup, runs: list[MethodRun], row: Check, rows: tuple[Check, ...]) -> str:
    quantity, _, label = row.name.partition(" · ")
    if len(runs) > 1 and 1 < len(setup.landscape.well_names) and len({len(run.times) for run in runs}) == 1:
        return _pace(setup, runs)
    if quantity.startswith("fraction in"):
        return _share(setup, runs[0], row, label)
    if quantity == ALONG and not runs[0].is_overdamped:
        return _swing(setup, runs[0], row)
    over = next((r for r in rows if r.name.startswith("free energy over its bound")), None)
    if over is not None:
        return _sentence(
            f"The free energy never exceeds its bound e^{{−2kt}}: it reaches {_hundredths(over.measured)} of it. "
            f"At t = {runs[0].end:.4g} it is {_value(rows[0])}; exact {shown(rows[0], rows[0].truth)}"
        )
    text = f"{_name(row)}: {_value(row)}"
    if row.truth is not None:
        text += f"; exact {shown(row, row.truth)}"
    elif row.predicted is not None:
        text += f"; predicted {shown(row, row.predicted)}"
    others = len(rows) - 1
    if others:
        text += f". {others} more comparison{'s' if others > 1 else ''} agree{'' if others > 1 else 's'}"
    return _sentence(text)


def _share(setup: Setup, run: MethodRun, row: Check, label: str) -> str:
    """The sentence on the share of a well at the end of a run not yet in equilibrium: measured, exact, equilibrium."""
    name = row.name.partition(" · ")[0]
    who = f"{label}: " if label else ""
    error = f" ± {100 * row.uncertainty:.1f}" if row.uncertainty else ""
    share = _hundredths(row.measured, error, _digits(row.measured))
    text = f"{who}{share} of the particles are {name.removeprefix('fraction ')}"
    on_its_way = setup.config.start != "equilibrium" and row.truth is not None
    if on_its_way:
        text = f"At t = {run.end:.4g}, {text}"
    if row.truth is not None:
        text += f"; exact {_hundredths(row.truth, digits=_digits(row.truth))}"
    rest = _at_rest(setup, run, name) if on_its_way else None
    if rest is not None and row.truth is not None and abs(rest - row.truth) > 0.005:
        kT = "in equilibrium" if setup.is_constant else f"in equilibrium at kT = {_last_temperature(setup, run):.3g}"
        text += f", {kT} {_hundredths(rest)}"
    return _sentence(text)


def _at_rest(setup: Setup, run: MethodRun, name: str) -> float | None:
    """The share in Boltzmann's distribution at the last temperature; None where the box does not contain it."""
    function = observables(setup.landscape, setup.other_well).get(name)
    if function is None or not setup.is_confined:
        return None
    return boltzmann(setup.landscape, _last_temperature(setup, run)).mean(function, name)


def _last_temperature(setup: Setup, run: MethodRun) -> float:
    return setup.kT if not isinstance(setup.temperature, Cooling) else float(setup.temperature(run.end))


def _swing(setup: Setup, run: MethodRun, row: Check) -> str:
    """The sentence on how often the mean along the valley passes through the bottom, and where it ends."""
    along = run.states @ valley(setup.landscape).numpy().astype(np.float32)
    mean, spread = along.mean(axis=1), along.std(axis=1)
    clear = mean[np.abs(mean) > CLEAR * spread / np.sqrt(run.states.shape[1])]
    passes = int((np.sign(clear[1:]) != np.sign(clear[:-1])).sum())
    often = "never passes" if not passes else f"passes {passes} time{'s' if passes > 1 else ''} through"
    text = f"Along the valley the mean {often} the bottom; at t = {run.end:.4g} it is {_value(row)}"
    return _sentence(f"{text}; exact {shown(row, row.truth)}" if row.truth is not None else text)


def _pace(setup: Setup, runs: list[MethodRun]) -> str:
    """The sentence on how fast methods change wells, if all have the right shares."""
    each = ", ".join(f"{number(well_changes(setup, run), digits=2)} times by {run.label}" for run in runs)
    return _sentence(f"All shares are right. In 100 gradient evaluations a particle changes wells {each}")


def _time(row: Check, escape: Escape) -> str:
    """The sentence on the escape time, and on the value of Kramers' formula."""
    share = escape.kramers / escape.exact - 1
    off = f"{percent(abs(share)).lstrip('+')} too {'short' if share < 0 else 'long'}"
    return _sentence(
        f"A particle needs {_value(row)} time units to reach the next well; exact {shown(row, row.truth)}. Kramers' "
        f"formula gives {number(escape.kramers)}, {off}: "
        f"it assumes a barrier of many kT, and this one is {number(escape.barrier, digits=2)} kT high"
    )


def _ended(setup: Setup, row: Check, rows: tuple[Check, ...]) -> str:
    """The sentence on particles that were lost or ran away."""
    necks = [each for each in rows if each.name.startswith("fraction in the neck")]
    if len(necks) > 1 and necks[0].truth is not None and row.meets_prediction:
        each = ", ".join(f"{neck.name.partition(' · ')[2]} {_hundredths(neck.measured)}" for neck in necks)
        gone = f"{_hundredths(row.measured)} of {row.name.partition(' · ')[2]}'s particles run away, as predicted"
        return _sentence(f"{_hundredths(necks[0].truth)} belong in the neck, y < −3: {each} are there; {gone}")
    count = round(row.measured * setup.config.particles)
    what = "lost" if "lost" in row.name else "away"
    label = row.name.partition(" · ")[2]
    who = f"{label}: " if label else ""
    share = f"{_hundredths(row.measured)} of the particles {'are lost' if what == 'lost' else 'ran away'}"
    if row.measured < 0.005:
        share = (
            f"{count:,} of {counted(setup.config.particles, 'particle')} {'are lost' if what == 'lost' else 'ran away'}"
        )
    limit = f"{who}Too large a step: {share}"
    if row.predicted and row.meets_prediction:
        return _sentence(f"{limit}, as predicted ({_hundredths(row.predicted)})")
    return _sentence(f"{limit}, where the equation loses none")


def _hundredths(share: float, error: str = "", digits: int = 2) -> str:
    return f"{number(100 * share, digits=digits if share < 0.995 else 3)}{error} %"


def _digits(share: float) -> int:
    """The digits with which a share is written, to a tenth of a percent."""
    return 3 if share >= 0.1 else 2


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

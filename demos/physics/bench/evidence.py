"""Claims of scenes, as functions of the rows and headline of a result."""

from __future__ import annotations

from collections.abc import Callable

from demos.contract import Check, Result, State
from demos.contract.scene import Claim, Evidence
from demos.contract.wording import judgement, shown

ABOVE, HELD = "energy above the best known minimum", "ways to move without raising the energy"


def row(result: Result, name: str) -> Check:
    """The first row whose name begins with `name`. Raises KeyError where there is none."""
    for check in result.checks:
        if check.name.startswith(name):
            return check
    raise KeyError(name)


def that(name: str, holds: Callable[[Check], bool]) -> Claim:
    """The claim that `holds` is true of the row `name`."""

    def claim(result: Result) -> Evidence:
        found = row(result, name)
        return Evidence(holds(found), f"{name}: {shown(found, found.measured)} {found.unit}, {judgement(found)}")

    return claim


def is_best(result: Result) -> Evidence:
    """The claim that the best known minimum is reached, to all published digits."""
    found = row(result, ABOVE)
    return Evidence(found.state is State.AGREES, f"{shown(found, found.measured)} above the best known")


def stuck(low: float, high: float) -> Claim:
    """The claim that the end is a minimum whose energy is between low and high above the best known."""

    def claim(result: Result) -> Evidence:
        above, held = row(result, ABOVE), row(result, HELD)
        holds = low <= above.measured <= high and held.state is State.AGREES
        return Evidence(holds, f"{above.measured:.4g} above the best known; {held.note}")

    return claim

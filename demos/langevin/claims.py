"""The statements of the scenes as functions of a run, so that the tests can check them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from demos.contract import Check, Result, State
from demos.contract.scene import Claim, Evidence
from demos.contract.wording import shown
from demos.landscapes import LANDSCAPES
from demos.langevin.second_panel import CURVE
from demos.picture import Curve, Lines, Points

PASSING = (State.AGREES, State.PREDICTED)


def row_of(result: Result, name: str) -> Check | None:
    """The first row about the picture whose name contains all words of `name`."""
    return next((row for row in result.verdict.rows if all(word in row.name for word in name.split("|"))), None)


def claim(*parts: tuple[str, Callable[[Check], bool]]) -> Claim:
    """The claim that each named row exists, agrees with its true or predicted value, and satisfies its condition."""

    def evidence(result: Result) -> Evidence:
        words, holds = [], True
        for name, test in parts:
            row = row_of(result, name)
            holds = holds and row is not None and row.state in PASSING and bool(test(row))
            words.append(f"{name}: {'no row' if row is None else shown(row, row.measured)}")
        return Evidence(holds, "; ".join(words))

    return evidence


def between(low: float, high: float) -> Callable[[Check], bool]:
    return lambda row: low <= row.measured <= high


def meets_truth(row: Check) -> bool:
    return row.meets_truth


def misses_truth(row: Check) -> bool:
    return row.truth is not None and not row.meets_truth


def all_of(*claims: Claim) -> Claim:
    """The claim that all of the given claims hold."""

    def evidence(result: Result) -> Evidence:
        found = [one(result) for one in claims]
        return Evidence(all(one.holds for one in found), "; ".join(one.numbers for one in found))

    return evidence


def heights(landscape: str, *rounded: float) -> Claim:
    """The claim that the passes of the landscape have these energies, as whole numbers, the highest first."""
    found = sorted((place.energy for place in LANDSCAPES[landscape].saddles), reverse=True)
    words = "passes at " + ", ".join(f"{energy:.4g}" for energy in found)
    return lambda result: Evidence([round(energy) for energy in found] == list(rounded), words)


def fades(share: float, after: float) -> Claim:
    """The claim that the mean of x stays within its envelope, which falls to `share` in the time `after`."""

    def evidence(result: Result) -> Evidence:
        layers = result.picture.panels[1].layers
        x, high = next(each for each in layers if isinstance(each, Lines)).positions[: 4 * CURVE].T
        mean = next(each for each in layers if isinstance(each, Curve) and each.name == "Particles")
        bound = np.interp(mean.x, x, high)
        found = float(np.interp(after, x, high) / high[0])
        holds = abs(found - share) < 0.005 and bool((np.abs(mean.y) < 1.02 * bound + 0.05).all())
        return Evidence(holds, f"the envelope falls to {found:.3f} by t = {after:g}")

    return evidence


def walks_faster(low: float, high: float) -> Claim:
    """The claim that the second method changes wells between frames `low` to `high` times as often as the first."""

    def evidence(result: Result) -> Evidence:
        clouds = [next(x for x in panel.layers if isinstance(x, Points)) for panel in result.picture.panels]
        first, second = ((cloud.labels[1:] != cloud.labels[:-1]).mean() for cloud in clouds)
        return Evidence(low <= second / first <= high, f"{second / first:.3g} times as often")

    return evidence

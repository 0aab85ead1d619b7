"""Claims of the scenes: tests of their sentences, computed from the results of their runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from demos.contract import Check, Result, State
from demos.contract.scene import Claim, Evidence
from demos.contract.wording import shown
from demos.picture import Points

PASSING = (State.AGREES, State.PREDICTED)


def row_of(result: Result, name: str) -> Check | None:
    """The first row about the picture whose name contains all parts of `name`, separated by |; or None."""
    return next((row for row in result.verdict.rows if all(word in row.name for word in name.split("|"))), None)


def row(name: str, test: Callable[[Check], bool]) -> Claim:
    """The claim that the named row exists, agrees or differs as predicted, and passes the test."""

    def evidence(result: Result) -> Evidence:
        found = row_of(result, name)
        holds = found is not None and found.state in PASSING and bool(test(found))
        return Evidence(holds, f"{name}: {'no row' if found is None else shown(found, found.measured)}")

    return evidence


def fate(method: str, **wanted: str) -> Claim:
    """The claim that a method's row in the table of predictions has these entries: predicted=…, measured=…, judged=…

    method: its label.
    """

    def evidence(result: Result) -> Evidence:
        table = result.tables["predictions"]
        mine = table[table["method"] == method]
        entries = mine.iloc[0].to_dict() if len(mine) else {}
        return Evidence(
            bool(entries) and all(entries[name] == value for name, value in wanted.items()), f"{method}: {entries}"
        )

    return evidence


def steps(method: str, low: float, high: float) -> Claim:
    """The claim that a method took from `low` to `high` steps."""

    def evidence(result: Result) -> Evidence:
        table = result.tables["predictions"]
        text = table[table["method"] == method]["steps, measured"].iloc[0].replace(",", "")
        return Evidence(text.isdigit() and low <= float(text) <= high, f"{method}: {text} steps")

    return evidence


def distance(method: str, low: float, high: float) -> Claim:
    """The claim that a method's largest distance from the exact flow at the same t is from `low` to `high`."""

    def evidence(result: Result) -> Evidence:
        table = result.tables["distance"]
        most = float(table[table["series"] == method]["distance"].max())
        return Evidence(low <= most <= high, f"{method}: {most:.3g} from the flow")

    return evidence


def lowest_loss(method: str, low: float, high: float) -> Claim:
    """The claim that the last loss of a method in the recorded table is from `low` to `high`."""

    def evidence(result: Result) -> Evidence:
        table = result.tables["loss"]
        last = float(table[table["series"] == method]["loss"].dropna().iloc[-1])
        return Evidence(low <= last <= high, f"{method}: last loss {last:.3g}")

    return evidence


def both(*claims: Claim) -> Claim:
    def evidence(result: Result) -> Evidence:
        found = [claim(result) for claim in claims]
        return Evidence(all(one.holds for one in found), "; ".join(one.numbers for one in found))

    return evidence


def between(low: float, high: float) -> Callable[[Check], bool]:
    return lambda check: low <= check.measured <= high


def ended(method: str, x: float, y: float, within: float) -> Claim:
    """The claim that a method's path in the picture ends within a distance `within` of (x, y)."""

    def evidence(result: Result) -> Evidence:
        points = _points(result, method)[-1, 0]
        apart = float(np.hypot(points[0] - x, points[1] - y))
        return Evidence(apart <= within, f"{method} ends at ({points[0]:.3g}, {points[1]:.3g})")

    return evidence


def wanders(method: str, least: float) -> Claim:
    """The claim that the last two points of a method's path are at least `least` apart."""

    def evidence(result: Result) -> Evidence:
        points = _points(result, method)[:, 0]
        moved = float(np.linalg.norm(points[-1] - points[-2]))
        return Evidence(moved > least, f"{method}: the last move is {moved:.3g}")

    return evidence


def rests(method: str, most: float) -> Claim:
    """The claim that the last two points of a method's path are at most `most` apart."""

    def evidence(result: Result) -> Evidence:
        moved = wanders(method, most)(result)
        return Evidence(not moved.holds, moved.numbers)

    return evidence


def _points(result: Result, method: str) -> np.ndarray:
    layers = result.picture.panels[0].layers
    return next(layer.positions for layer in layers if isinstance(layer, Points) and layer.name == method)


def differs(low: float, high: float) -> Claim:
    """The claim that the basins of the method and the flow differ in a fraction of the view from `low` to `high`."""

    def evidence(result: Result) -> Evidence:
        share = float(result.tables["basins"]["differing"].iloc[0])
        return Evidence(low <= share <= high, f"{share:.1%} of the view differ")

    return evidence

"""The checks of a run: measured values against the truth and against what theory predicts for the method's rate."""

from __future__ import annotations

import math

import numpy as np

from demos.common.numbers import counted
from demos.contract import Check
from demos.descent import linear
from demos.descent.checks_end import LINEAR_SHARE, NEAREST, WINDOW, end_checks
from demos.descent.checks_implicit import descent_checks
from demos.descent.checks_rescaled import move_checks, swing_checks
from demos.descent.checks_sharpness import sharpness_checks
from demos.descent.flow_replay import flow_replay
from demos.descent.measured import LOST, STAYED, Measured
from demos.descent.modified import Departure, departure
from demos.descent.prediction import QUADRATICS, Prediction, axes_of, curvature_along, parabola_radius
from demos.descent.replay import largest_difference
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun
from demos.landscapes.test_functions import borders

FEWEST = 4  # the least number of steps of a window
SERIES_RATE = 0.6  # the largest rate × curvature at which the modified flow is used
SERIES = 0.3  # the largest third term of the modified flow over the second at which the series is used
DISTANCE = "largest distance from the exact flow"
NEAR_BORDER = 1e-6  # view diagonals


def method_checks(setup: Setup, run: MethodRun, predicted: list[Prediction], measured: list[Measured]) -> list[Check]:
    """The checks of one method at its rate."""
    rows = [*_rate(setup, run), *_steps(setup, run, predicted[0], measured[0]), *_moves(setup, run)]
    early = swing_checks(setup, run, measured) + sharpness_checks(setup, run, predicted, measured)
    return early + move_checks(setup, run) + descent_checks(setup, run) + rows


def _rate(setup: Setup, run: MethodRun) -> list[Check]:
    """The factor by which the distance from the minimum changes in each step, compared with the linear recursion.

    Measured over a window in which the gradient is linear, of the first start that has one; [] if none has.
    """
    if not linear.is_linear(run.method):
        return []
    for start in range(run.states.shape[1]):
        found = _window(setup, run, start)
        if found is None:
            continue
        index, first, last = found
        place = setup.surface.minima[index]
        values, vectors = axes_of(setup.surface, place)
        options = setup.config.options_of(run.method)
        parts = (run.states[first : last + 1, start] - place.position) @ vectors
        begin = parts[:2].copy()
        pairs = np.array([linear.recursion(run.method, setup.config.rate(run.method), v, options) for v in values])
        if (pairs[:, 1] == 0).all():
            begin[1] = pairs[:, 0] * begin[0]
        elif first == 0:
            begin[1] = pairs.sum(axis=1) * begin[0]
        expected = linear.continued(run.method, setup.config.rate(run.method), values, options, begin, last - first)
        steps = last - first - 1
        factors = [(_size(rows) / _size(rows, 0)) ** (1 / steps) for rows in (parts, expected)]
        where = "everywhere" if _is_quadratic(setup) else f"from step {first:,}, near {place.name}"
        return [
            Check(
                "factor a step",
                factors[0],
                None,
                floor=max(3 * LINEAR_SHARE * factors[1] / steps, 1e-9),
                predicted=factors[1],
                predicted_by="the curvatures at this minimum",
                source="linear recursion in the eigen-directions of the Hessian at the minimum",
                note=f"By which the distance from the minimum changes; over {counted(steps, 'step')}, {where}.",
            )
        ]
    return []


def _size(parts: np.ndarray, at: int = -2) -> float:
    """The norm of two consecutive points together, which does not vanish where an oscillation crosses 0."""
    return float(np.linalg.norm(parts[at : at + 2] if at >= 0 else parts[at:]))


def _window(setup: Setup, run: MethodRun, start: int) -> tuple[int, int, int] | None:
    """(index of the minimum, first step, last step) of a window in which the recursion is linear, or None."""
    path, scale, surface = run.states[:, start], setup.scale, setup.surface
    minima = np.array([place.position for place in surface.minima])
    with np.errstate(invalid="ignore", over="ignore"):
        good = np.cumprod(np.abs(path).max(axis=1) < 10 * LOST * scale).astype(bool)
    path = path[good]
    if len(path) < FEWEST + 1 or not len(minima):
        return None
    nearest = int(np.linalg.norm(minima - path[-1], axis=1).argmin())
    place = surface.minima[nearest]
    low, high = place.eigenvalues
    if not math.isfinite(low) or low <= 1e-9 * high:
        return None
    distance = np.linalg.norm(path - minima[nearest], axis=1)
    first = 0
    if not _is_quadratic(setup):
        radius = parabola_radius(surface, place, LINEAR_SHARE * low / high)
        if radius < 10 * NEAREST * scale:
            return None
        outside = np.nonzero(distance > radius)[0]
        first = int(outside[-1]) + 1 if len(outside) else 0
    if first >= len(path) or distance[first] < 10 * NEAREST * scale:
        return None
    small = np.nonzero(distance[first:] < max(WINDOW * distance[first], NEAREST * scale))[0]
    last = first + int(small[0]) if len(small) else len(path) - 1
    return (nearest, first, last) if last - first >= FEWEST else None


def _is_quadratic(setup: Setup) -> bool:
    return setup.surface.name in QUADRATICS


def _steps(setup: Setup, run: MethodRun, predicted: Prediction, measured: Measured) -> list[Check]:
    """The number of steps, which is known on a quadratic landscape."""
    settled = run.steps - predicted.steps >= max(3.0, 2 * STAYED * run.steps)
    if not _is_quadratic(setup) or not math.isfinite(predicted.steps) or not settled:
        return []
    return [
        Check(
            "steps to a thousandth of the view",
            measured.steps,
            None,
            floor=1.0,
            predicted=predicted.steps,
            predicted_by="the linear recursion",
            source="linear recursion from the start",
        )
    ]


def _moves(setup: Setup, run: MethodRun) -> list[Check]:
    off = largest_difference(setup, run)
    if off is None:
        return []
    return [
        Check(
            "moves made again: largest difference",
            off,
            0.0,
            floor=1e-5,
            source="each recorded step once more, by code of its own, from where it began",
            note="In parts of the move's length.",
        )
    ]


def departure_checks(setup: Setup, run: MethodRun) -> list[Check]:
    """The distance of the path from the exact flow, compared with the prediction of the modified flow.

    The modified flow is a series in rate × curvature: the allowed difference is twice its last term, and if rate ×
    curvature is large along the path there is no check.
    """
    if run.rate * float(curvature_along(setup)[:, 0].max()) > SERIES_RATE or (found := departure(setup, run)) is None:
        return []
    last_term = np.abs(found.three - found.two)
    most, at = float(found.three.max()), int(found.three.argmax())
    if not most > 1e-6 * setup.scale or last_term.max() > SERIES * most:
        return []
    scale = setup.scale
    rows = [
        Check(
            DISTANCE,
            float(found.measured.max()),
            0.0,
            floor=2 * float(last_term.max()) + 1e-7 * scale,
            predicted=most,
            predicted_by="backward error analysis at this rate",
            source="the exact flow is where a vanishing rate leads",
            note=f"Predicted at step {found.steps[at]:,}.",
        )
    ]
    epsilon = setup.config.tolerance * scale
    early, late = (_first_beyond(found, found.three + sign * 2 * last_term, epsilon) for sign in (1, -1))
    predicted, measured = (_first_beyond(found, part, epsilon) for part in (found.three, found.measured))
    if None in (early, predicted, late, measured):
        return rows
    spacing = int(np.diff(found.steps).max())
    return [
        *rows,
        Check(
            "first step farther than ε from the flow",
            float(measured),  # type: ignore[arg-type]
            None,
            floor=float(max(late - predicted, predicted - early) + spacing),  # type: ignore[operator]
            predicted=float(predicted),  # type: ignore[arg-type]
            predicted_by="backward error analysis",
            source="modified flow of third order",
            note=f"ε = {epsilon:.3g}.",
        ),
    ]


def _first_beyond(found: Departure, distances: np.ndarray, epsilon: float) -> int | None:
    beyond = np.nonzero(distances > epsilon)[0]
    return int(found.steps[beyond[0]]) if len(beyond) else None


def flow_checks(setup: Setup) -> list[Check]:
    """The checks of the exact flow: its pieces, its energy, and its end."""
    found = flow_replay(setup)
    if found is None:
        return []
    rows = []
    if math.isfinite(found.drop) and found.drop > 1e-6 * found.energy:
        rows.append(
            Check(
                "energy that the flow has lost",
                found.drop,
                found.spent,
                floor=1e-3 * abs(found.spent) + 1e-9 * found.energy,
                source="∫|∇E|² dt along the flow: dE/dt = −|∇E|²",
            )
        )
    rows += [
        Check("pieces of the flow on which E rises", found.rises, 0.0, source="dE/dt = −|∇E|² ≤ 0"),
        Check(
            "pieces of the flow integrated again: largest difference",
            found.off,
            0.0,
            floor=2e-3,
            source="RK4 by code of its own, from each recorded place to the next",
            note=f"In parts of the piece's length; {found.pieces:,} pieces.",
        ),
    ]
    return [*_basins(setup), *end_checks(setup), *rows]


def _basins(setup: Setup) -> list[Check]:
    """The basins of a separable landscape, which are exact rectangles."""
    lines = borders(setup.surface)
    if lines is None:
        return []
    starts, minima = setup.starts.numpy(), np.array([place.position for place in setup.surface.minima])
    (low, high) = np.array(setup.surface.view).T
    inside = ((starts > low) & (starts < high)).all(1)
    clear = inside.copy()
    for axis, at in enumerate(lines):
        clear &= (np.abs(starts[:, axis, None] - at) > NEAR_BORDER * setup.scale).all(1)
    cell = [_cells(starts, lines), _cells(minima, lines)]
    own = np.array([int(np.nonzero((cell[1] == mine).all(1))[0][0]) for mine in cell[0]])
    rows = []
    if clear.any():
        rows.append(
            Check(
                "starts that flow to the minimum of their basin",
                float(np.sum(setup.destinations[clear] == own[clear])),
                float(clear.sum()),
                source="the basins' exact borders: where the slope across turns its sign",
            )
        )
    if setup.config.start == "grid":
        count, between = setup.config.count, sum(map(len, lines))
        if between <= 0.3 * count:
            lowest = int(np.argmin([place.energy for place in setup.surface.minima]))
            rows.append(
                Check(
                    f"share of starts that flow to {setup.surface.minima[lowest].name}",
                    float(np.mean(setup.destinations == lowest)),
                    _area(setup, lines, lowest),
                    floor=between / count,
                    source="the exact area of its basin in the view",
                    note="The floor is the share of a grid's cells that a border can cut.",
                )
            )
    return rows


def _cells(points: np.ndarray, lines: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return np.stack([np.searchsorted(at, points[:, axis]) for axis, at in enumerate(lines)], axis=1)


def _area(setup: Setup, lines: tuple[np.ndarray, np.ndarray], index: int) -> float:
    """The fraction of the view that is covered by the basin of this minimum."""
    share = 1.0
    for axis, at in enumerate(lines):
        low, high = setup.surface.view[axis]
        edges = np.concatenate([[low], at, [high]])
        cell = int(np.searchsorted(at, setup.surface.minima[index].position[axis]))
        share *= (edges[cell + 1] - edges[cell]) / (high - low)
    return share

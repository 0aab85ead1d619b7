"""Checks of a network against the exact solution: energy, value at the centre, gradient, and that every layer changed.

The result of a network of this width after this number of iterations is predicted from other networks; see `reach`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np
import torch

from demos.common.numbers import number
from demos.contract import Check, State
from demos.physics.bench.config import method_label
from demos.physics.deep_ritz.config import DeepRitzConfig
from demos.physics.deep_ritz.learning import DIVERGED, Learning
from demos.physics.deep_ritz.model import DeepRitz
from demos.physics.deep_ritz.reach import JUMP, Reach, log_error, reach
from demos.physics.deep_ritz.reference import SOURCE, exact_centre, exact_energy

FINE = 40  # Gauss points a side in the checks: 64 change the distance by less than 1e-7 of it
TRAINED = 0.05  # largest E − E*, as a share of |E*|, of a network that has learned
LIKE = (0.03, 0.1)  # range of L-BFGS's longest move in which it converges as with `reach.STEP`
WORK_NODES, WORK_FLOOR = 24, 1e-3  # Gauss points on the line between two sets of weights; tolerance of the work


@dataclass(frozen=True)
class Outcome:
    """The network of the last frame. share: (E − E*)/|E*|; distance: ½∫|∇(u − u*)|²; trouble: why it cannot be
    compared, or ""; known: the result that such a network is known to reach; jumped: whether its last steps led far
    uphill."""

    gap: float
    distance: float
    centre: float
    trouble: str
    known: Reach | None
    jumped: bool = False

    @property
    def share(self) -> float:
        return self.gap / abs(exact_energy())


def outcome(config: DeepRitzConfig, run: Learning) -> Outcome:
    """The outcome of the last frame, with a finer quadrature than in training."""
    last, fine = run.weights[-1:], DeepRitz(run.model.width, FINE)
    gap = float(fine.energy(last)) - exact_energy()
    done = config.iterations
    trouble = ""
    if run.status.diverged:
        trouble = run.status.message
    elif run.diverged_at is not None:
        trouble = f"diverged: by iteration {run.diverged_at:,} the energy is past {DIVERGED:,.0f}"
    elif not gap <= TRAINED * abs(exact_energy()):
        above = number(100 * gap / abs(exact_energy()), digits=2)
        times = "1 iteration" if done == 1 else f"{done:,} iterations"
        trouble = f"not trained: after {times} the energy is {above} % above the minimum"
    usual = config.method == "lbfgs" and LIKE[0] <= config.step <= LIKE[1]
    jumped = len(run.gaps) > 1 and gap > JUMP * float(run.gaps[:-1].min())
    known = reach(config.width, config.iterations) if usual and not jumped else None
    return Outcome(gap, float(fine.distance(last)), float(fine.centre(last)), trouble, known, jumped)


def checks(config: DeepRitzConfig, run: Learning, end: Outcome) -> list[Check]:
    """The rows about the picture, then the self-tests."""
    return [*solution_checks(config, end), *learning_checks(run, end), *move_checks(config, run), identity_check(end)]


def solution_checks(config: DeepRitzConfig, end: Outcome) -> list[Check]:
    """Rows of energy, value at the centre and gradient against the exact solution, with the predictions of `reach`."""
    known, root = end.known, sqrt(max(end.distance, 0.0) / abs(exact_energy()))
    by = f"{config.iterations:,} iterations of L-BFGS"
    unfinished = (
        ""
        if known
        else "its last steps jumped uphill, as those of L-BFGS can"
        if end.jumped
        else f"{config.iterations:,} iterations of {method_label(config.method)} are not the minimum"
    )
    away = abs(end.centre - exact_centre())
    slopes = 0.0 if known is None else sqrt(known.share)
    return [
        Check(
            "energy above the exact minimum",
            100 * end.share,
            0.0,
            unit="%",
            floor=1e-6,
            predicted=None if known is None else 100 * known.share,
            predicted_error=0.0 if known is None else log_error(100 * known.share, known.spread, 100 * end.share),
            predicted_by=by,
            source=f"E* = −½∫u*: {SOURCE}",
            note="no network is below it",
            explained=unfinished,
            incomparable=end.trouble,
        ),
        Check(
            "u in the middle",
            end.centre,
            exact_centre(),
            floor=1e-9,
            predicted=None if known is None else exact_centre(),
            predicted_error=0.0 if known is None else known.centre,
            sigmas=6.0,
            predicted_by=by,
            source=SOURCE,
            explained="no farther than its energy allows" if away <= centre_bound(end.distance) else "",
            incomparable=end.trouble,
        ),
        Check(
            "error of ∇u",
            100 * root,
            0.0,
            unit="%",
            floor=1e-4,
            predicted=None if known is None else 100 * slopes,
            predicted_error=0.0 if known is None else log_error(100 * slopes, known.spread / 2, 100 * root),
            predicted_by=by,
            source="∫|∇(u − u*)|² over the square, against ∫|∇u*|²",
            explained=unfinished,
            incomparable=end.trouble,
        ),
    ]


def learning_checks(run: Learning, end: Outcome) -> list[Check]:
    """Rows that every layer has changed, and that the energy fell by the work of the gradient along the path."""
    first, last = run.weights[:1], run.weights[-1:]
    layers = run.model.net.matrices(last - first)
    moved = sum(bool((layer != 0).any()) for layer in layers)
    fallen = float(run.model.energy(first) - run.model.energy(last))
    diverged = end.trouble if run.status.diverged or run.diverged_at is not None else ""
    lost, trouble = float("nan"), diverged or ("" if moved and fallen else "no weight has moved")
    if not trouble:
        fine, coarse = (work(run, first, last, nodes) for nodes in (WORK_NODES, WORK_NODES // 2))
        lost = 100 * (1 - fine / fallen)
        if abs(fine - coarse) > WORK_FLOOR * abs(fine):
            trouble = "the weights have gone too far for a straight line"
    return [
        Check(
            "layers that have learned", moved, len(layers), source="the layers of the network", incomparable=diverged
        ),
        Check(
            "energy fallen, but not by the gradient",
            lost,
            0.0,
            unit="%",
            floor=100 * WORK_FLOOR,
            source="E(0) − E = ∫∇E·dw from the first weights to the last, on a straight line",
            incomparable=trouble,
        ),
    ]


def move_checks(config: DeepRitzConfig, run: Learning) -> list[Check]:
    """The row that bounds the change of a weight between two frames: L-BFGS moves no weight by more than the step in an
    iteration. No row for methods without such a limit."""
    if config.method != "lbfgs" or run.status.diverged or run.diverged_at is not None or len(run.weights) < 2:
        return []
    moves = run.weights.diff(dim=0).abs().amax(1).numpy() / np.maximum(np.diff(run.iterations), 1)
    return [
        Check(
            "largest move of a weight in an iteration",
            float(moves.max()),
            config.step,
            floor=1e-9 * config.step,
            bound="upper",
            source="the longest move of L-BFGS",
        )
    ]


def work(run: Learning, first: torch.Tensor, last: torch.Tensor, count: int) -> float:
    """−∫∇E·dw on the straight line from `first` to `last` (1, P) by `count` Gauss points: it equals the fall of E."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    way = last - first
    return -sum(
        0.5 * float(w) * float((run.model.gradient(first + 0.5 * (float(s) + 1) * way) * way).sum())
        for s, w in zip(nodes, weights, strict=True)
    )


def identity_check(end: Outcome) -> Check:
    """A self-test of E − E* = ½∫|∇(u − u*)|², which holds for every network, trained or not."""
    return Check(
        "E − E*",
        end.gap,
        end.distance,
        floor=1e-5 * abs(end.distance) + 1e-12,
        source="½∫|∇(u − u*)|², Green's identity",
        about="code",
    )


def centre_bound(distance: float) -> float:
    """The largest error at a point of a network whose error e has no detail finer than δ = 1/FINE.

    |e| ≤ ‖∇e‖ √(ln(1/δ)/2π) in the plane, and ‖∇e‖² is twice the distance ½∫|∇e|².
    """
    return sqrt(2 * max(distance, 0.0) * log(FINE) / (2 * pi))


def headline(config: DeepRitzConfig, rows: list[Check], end: Outcome, warned: bool) -> str:
    """The headline: how far the network is from the exact solution, or why it is not near it."""
    if end.trouble:
        return f"{end.trouble[:1].upper()}{end.trouble[1:]}."
    red = next((row for row in rows if row.about == "picture" and row.state is State.DIFFERS), None)
    if red is not None:
        wanted = red.truth if red.predicted is None else red.predicted
        return f"Not as it should be: {red.name} is {number(red.measured)}, {number(wanted or 0.0)} was expected."
    past = ", with a learning rate past its stability limit" if warned else ""
    return (
        f"After {config.iterations:,} iterations the energy is {number(100 * end.share, digits=2)} % above the exact "
        f"minimum and the middle is {number(end.centre)}, exactly {number(exact_centre())}{past}."
    )

"""Rows of the verdict: the sharpness at the edge and by another way, the loss, and every step made again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.common.random_streams import generator
from demos.contract import Check
from demos.descent.edge.by_hand import gradients, largest_eigenvalue, repeated
from demos.descent.edge.config import EdgeConfig
from demos.descent.edge.network import EVERY, Trained, data

MEDIAN, LOSS = "sharpness × lr/2, median of the second half", "loss, median of the last quarter"
RISES, AGAIN = "steps below the edge that raise the loss", "steps made again by hand"
HIGHEST, END, LOSSES = "sharpness × lr/2 at its highest", "sharpness × lr/2 at the end", "drawn loss"
COHEN = "Cohen et al. 2021: it stays at 2/lr"
HOVERS = 0.05  # of the median: the published curves hover at 1 and are not exactly there
SETTLED = 1_500  # steps at the edge after which the first overshoot is over
BELOW = 0.9  # sharpness × lr/2 up to which a step is surely below the edge
LANCZOS = 1e-4  # relative error allowed to a sharpness
REPEATED = 1e-6  # relative: rounding, which grows in EVERY steps at the edge
STILL = 1e-6  # a move of weights below which rounding is not small beside it
GROWS = 1e3  # growth of a small error beyond which the steps of a diverging run cannot be made again
SMALL = 1e-9
ROUNDING = 1e-9  # relative, of a loss


@dataclass(frozen=True)
class Seen:
    """What follows from a training. level (F,): sharpness × lr/2, as drawn. crossing: the first frame at or above 1; F
    if there is none. ends (F − 1, D), ways (F − 1, EVERY + 1): the steps made again by hand, and the losses on the way.
    below (F − 1,): whether the steps to the next frame are surely below the edge; up (F − 1,): how many raise the loss.
    finite: the number of frames before a divergence."""

    level: np.ndarray
    crossing: int
    ends: np.ndarray
    ways: np.ndarray
    below: np.ndarray
    up: np.ndarray
    finite: int

    @property
    def diverged(self) -> bool:
        return self.finite < len(self.level)

    @property
    def reached(self) -> bool:
        return self.crossing < len(self.level)

    @property
    def settled(self) -> bool:
        """Whether the second half of the run is late enough after the crossing."""
        frames = len(self.level)
        return self.crossing <= frames // 3 and (frames - self.crossing) * EVERY >= SETTLED

    @property
    def median(self) -> float:
        return float(np.median(self.level[len(self.level) // 2 :]))

    @property
    def last_loss(self) -> slice:
        return slice(-max(2, len(self.level) // 4), None)


def look(config: EdgeConfig, trained: Trained) -> Seen:
    level = trained.sharpness * config.lr / 2
    above = np.flatnonzero(level >= 1)
    crossing = int(above[0]) if len(above) else len(level)
    ends, ways = repeated(trained.weights, *data(config.degree), config.width, config.lr)
    first = np.flatnonzero(~(level < BELOW))
    below = np.arange(len(ends)) + 1 < (first[0] if len(first) else len(level))
    up = (ways[:, 1:] > ways[:, :-1] + 1e-12 * ways[:, :1]).sum(1)
    lost = np.flatnonzero(~np.isfinite(level) | ~np.isfinite(trained.losses))
    return Seen(level, crossing, ends, ways, below, up, int(lost[0]) if len(lost) else len(level))


def checks(config: EdgeConfig, trained: Trained, seen: Seen) -> list[Check]:
    """All rows, the most informative first."""
    rises = rise_rows(seen)
    if not seen.reached and not seen.diverged:
        return [*rises, *eigenvalue_rows(config, trained, seen), *again_rows(config, trained, seen)]
    rows = [median_row(seen)] + ([loss_row(trained, seen)] if seen.reached else [])
    return [*rows, *eigenvalue_rows(config, trained, seen), *rises, *again_rows(config, trained, seen)]


def rise_rows(seen: Seen) -> list[Check]:
    """Below the edge no step raises the loss."""
    if not seen.below.any():
        return []
    row = Check(
        RISES,
        float(seen.up[seen.below].sum()),
        0.0,
        source="descent lemma: with a sharpness below 2/lr each step lowers the loss",
        note=f"of {int(seen.below.sum()) * EVERY:,}, with sharpness × lr/2 below {BELOW:g}",
    )
    return [row]


def median_row(seen: Seen) -> Check:
    trouble = "" if seen.settled else "it has not been at the edge for long enough"
    if seen.diverged:
        trouble = "the descent has diverged"
    return Check(MEDIAN, seen.median, 1.0, floor=HOVERS, source=COHEN, incomparable=trouble)


def loss_row(trained: Trained, seen: Seen) -> Check:
    return Check(
        LOSS,
        float(np.median(trained.losses[seen.last_loss])),
        float(trained.losses[seen.crossing]),
        bound="upper",
        source="the loss where the sharpness reached 2/lr: it goes on falling",
        note=f"reached at step {seen.crossing * EVERY:,}",
        incomparable="the descent has diverged" if seen.diverged else "",
    )


def eigenvalue_rows(config: EdgeConfig, trained: Trained, seen: Seen) -> list[Check]:
    """The drawn sharpness, by Lanczos iteration, beside the largest eigenvalue of the whole Hessian."""
    if not seen.finite:
        return []
    highest, end = int(np.argmax(seen.level[: seen.finite])), seen.finite - 1
    rows = []
    for name, frame in ((HIGHEST, highest), (END, end)):
        if name == END and frame == highest:
            continue
        due = largest_eigenvalue(trained.weights[frame], *data(config.degree), config.width) * config.lr / 2
        rows.append(
            Check(
                name,
                float(seen.level[frame]),
                due,
                floor=LANCZOS * abs(due),
                source=f"all {config.numbers:,} eigenvalues of the Hessian, by differences of a gradient by hand",
                note=f"step {frame * EVERY:,}",
            )
        )
    return rows


def again_rows(config: EdgeConfig, trained: Trained, seen: Seen) -> list[Check]:
    """Every step from each frame to the next, and the drawn losses, without autograd."""
    weights = trained.weights[: seen.finite]
    if len(weights) < 2:
        return []
    moves = np.abs(np.diff(weights, axis=0)).max(1)
    apart = np.abs(seen.ends[: len(moves)] - weights[1:]).max(1) / np.maximum(moves, STILL)
    if seen.diverged:
        apart = apart[growth(config, weights) < GROWS]
    due = gradients(weights, *data(config.degree), config.width)[0]
    off = np.abs(trained.losses[: seen.finite] / due - 1)
    source = "gradient descent by the chain rule, written out without autograd"
    rows = [] if not len(apart) else [
        Check(AGAIN, _worst(apart), 0.0, floor=REPEATED, source=source,
              note=f"relative to the move, the worst of {len(apart):,} times {EVERY} steps")
    ]  # fmt: skip
    return [
        *rows,
        Check(LOSSES, _worst(off), 0.0, floor=ROUNDING, source=source, note="relative, the worst of all moments"),
    ]  # fmt: skip


def growth(config: EdgeConfig, weights: np.ndarray) -> np.ndarray:
    """(F − 1,): how many times a small error of each frame but the last has grown at the next one."""
    error = SMALL * generator(0, "errors").standard_normal(weights.shape)
    near, far = (
        repeated(each, *data(config.degree), config.width, config.lr)[0] for each in (weights, weights + error)
    )
    with np.errstate(over="ignore", invalid="ignore"):
        return np.linalg.norm(far - near, axis=1) / np.linalg.norm(error[:-1], axis=1)


def _worst(values: np.ndarray) -> float:
    return float(np.nan_to_num(values, nan=np.inf).max())

"""Checks of the optimizer's steps and of clipping against their formulas."""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.common.numbers import counted
from demos.contract import Check
from demos.networks.training.config import OPTIMIZER_LABELS, TrainingConfig
from demos.networks.training.muon import direction_rows
from demos.networks.training.optimizers import MUON_LARGEST, MUON_STEPS
from demos.networks.training.train import Trained, matrices

UNIT = 2.0**-24  # half the spacing of float32 at 1: relative rounding of a weight
RESOLVED = 1e-3  # largest rounding of the weights, relative to a step, at which the step is compared
BFLOAT = 2.0**-8  # the spacing of bfloat16 at 1, in which Muon computes its step
NORMS = 2e-5  # relative error of norms in float32
LARGEST = 1e18  # largest norm whose square float32 can represent
STEP, CLIPPED = "step of a layer over its formula", "|g| after clipping over its formula"
SHARE = "|Δθ| / |θ| over lr"


def step_rows(config: TrainingConfig, trained: Trained) -> list[Check]:
    """Rows of |Δθ| of the layers and steps in the picture, against the optimizer's equations for the same gradients."""
    rows = matrices(trained.run)
    update, weight = (trained.run.series[name][:, rows] for name in ("update", "weight"))
    count = min(len(update), len(trained.due))
    update, weight, due = update[:count], weight[:count], trained.due[:count, : len(rows)]
    muon, whole = config.optimizer == "muon", update
    if muon:  # all layers together: in single layers rounding dominates directions without gradient
        update, weight, due = (np.sqrt((part**2).sum(1, keepdims=True)) for part in (update, weight, due))
    with np.errstate(divide="ignore", invalid="ignore"):
        known = _resolved(due, weight)
        ratio = update / due
        off = np.nan_to_num(np.abs(ratio - 1), nan=np.inf)  # a step of nan is the largest deviation
    if not known.any():
        return []
    worst = np.unravel_index(np.argmax(np.where(known, off, -1)), ratio.shape)
    found = [
        Check(
            STEP,
            float(ratio[worst]),
            1.0,
            floor=(BFLOAT if muon else 0.0) + RESOLVED + NORMS,
            source=f"the equations of {OPTIMIZER_LABELS[config.optimizer].split(':')[0]}, from all gradients so far",
            note=("all layers" if muon else f"layer {worst[1] + 1}")
            + f" at step {trained.steps[worst[0]]}, the worst of {int(known.sum())}",
        )
    ]
    apart = trained.apart[:count]
    sizes = np.sqrt((due**2).sum(1)), np.sqrt((weight**2).sum(1))
    clear = _resolved(*sizes)
    if clear.any():
        found.append(
            Check(
                "step beside its formula, |difference| / |Δθ|",
                float(apart[clear].max()),
                0.0,
                floor=(BFLOAT if muon else 0.0) + RESOLVED + NORMS,
                source="the same equations, component by component",
                note=f"the worst of {counted(int(clear.sum()), 'step')}",
            )
        )
    if muon:
        shapes = [trained.run.layers[row].size for row in rows]
        found += [*direction_rows(trained.directions), *muon_rows(config, whole, shapes)]
    if config.optimizer == "lars":
        own = np.sqrt(np.maximum(weight**2 - trained.frozen**2, 0))
        moving = _resolved(due, weight)
        if moving.any():
            share = (update / own)[moving] / config.lr
            found.append(
                Check(
                    SHARE,
                    float(share[np.argmax(np.nan_to_num(np.abs(share - 1), nan=np.inf))]),
                    1.0,
                    floor=RESOLVED + NORMS,
                    source="You et al. 2017: every layer moves by lr of its size",
                    note="the worst layer and step; biases do not move",
                )
            )
    return found


def _resolved(due: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Which steps can be compared: those whose predicted size is far above the rounding of the weights."""
    with np.errstate(invalid="ignore"):
        return (due < LARGEST) & ~(UNIT * weight >= RESOLVED * due)


def muon_rows(config: TrainingConfig, update: np.ndarray, sizes: list[int]) -> list[Check]:
    """The row that no singular value of Muon's step exceeds the largest value of its quintic."""
    n, inputs = config.width, 2 if config.classes else 1
    shapes = [(n, inputs), *[(n, n)] * (len(sizes) - 2), (inputs, n)]
    most = np.array([config.lr * sqrt(max(1, m / k) * min(m, k)) for m, k in shapes])
    share = update / most
    return [
        Check(
            "largest |Δθ| over lr √(max(1, m/n) rank)",
            float(np.nanmax(share)),
            MUON_LARGEST,
            bound="upper",
            floor=MUON_STEPS * BFLOAT,
            source="the quintic's largest value: Muon's steps do not know how large the gradient is",
            note=f"the smallest is {float(np.nanmin(share)):.2f}; 1 where all directions are filled",
        )
    ]


def clip_rows(config: TrainingConfig, trained: Trained) -> list[Check]:
    """The row of |g| after clipping: n where n ≤ max, else max · n/(n + 10⁻⁶)."""
    if not config.clip:
        return []
    before, after = trained.run.total("gradient"), trained.run.total("clipped")
    known = np.isfinite(before) & np.isfinite(after) & (before > 0)
    if not known.any():
        return []
    n = before[known]
    due = n * np.minimum(1.0, config.clip / (n + 1e-6))
    ratio = after[known] / due
    share = float((n > config.clip).mean())
    return [
        Check(
            CLIPPED,
            float(ratio[np.argmax(np.abs(ratio - 1))]),
            1.0,
            floor=NORMS,
            source="min(1, max/(n + 10⁻⁶)) · n",
            note=f"the worst of {counted(int(known.sum()), 'step')}; {share:.0%} of them were clipped",
        )
    ]

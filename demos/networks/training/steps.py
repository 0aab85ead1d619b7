"""Rows about the optimizer's steps: each beside its own formula, and clipping beside its own."""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.contract import Check
from demos.networks.training.config import OPTIMIZER_LABELS, TrainingConfig
from demos.networks.training.optimizers import MUON_LARGEST
from demos.networks.training.train import Trained, matrices

UNIT = 2.0**-24  # half the spacing of float32 beside 1: what a weight's rounding adds to a step
RESOLVED = 1e-3  # of a step: where the weights' rounding is less than that
BFLOAT = 0.25  # of Muon's step: bfloat16 rounds by 2⁻⁹, and the quintic raises empty directions 3.4445⁵ = 485-fold
NORMS = 2e-5  # of norms in float32
STEP, CLIPPED = "step of a layer over its formula", "|g| after clipping over its formula"
SHARE = "|Δθ| / |θ| over lr"


def step_rows(config: TrainingConfig, trained: Trained) -> list[Check]:
    """|Δθ| of the layers and steps on the picture, beside what the optimizer's equations make of the gradients."""
    rows = matrices(trained.run)
    update, weight = (trained.run.series[name][:, rows] for name in ("update", "weight"))
    count = min(len(update), len(trained.due))
    update, weight, due = update[:count], weight[:count], trained.due[:count, : len(rows)]
    muon, whole = config.optimizer == "muon", update
    if muon:  # of all layers together: what rounding in bfloat16 makes of one layer's empty directions is chance
        update, weight, due = (np.sqrt((part**2).sum(1, keepdims=True)) for part in (update, weight, due))
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.isfinite(update) & np.isfinite(due) & (UNIT * weight < RESOLVED * due)
        ratio = update / due
    if not known.any():
        return []
    worst = np.unravel_index(np.argmax(np.where(known, np.abs(ratio - 1), -1)), ratio.shape)
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
    sizes = np.sqrt(np.nansum(due**2, 1)), np.sqrt(np.nansum(weight**2, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        clear = np.isfinite(apart) & (UNIT * sizes[1] < RESOLVED * sizes[0])
    if clear.any():
        found.append(
            Check(
                "step beside its formula, |difference| / |Δθ|",
                float(apart[clear].max()),
                0.0,
                floor=RESOLVED + NORMS,
                source="the same equations, component by component",
                note=f"the worst of {int(clear.sum())} steps",
            )
        )
    if muon:
        shapes = [trained.run.layers[row].size for row in rows]
        found += muon_rows(config, whole, shapes)
    if config.optimizer == "lars":
        own = np.sqrt(np.maximum(weight**2 - trained.frozen**2, 0))
        moving = np.isfinite(update) & (UNIT * weight < RESOLVED * update)
        if moving.any():
            share = (update / own)[moving] / config.lr
            found.append(
                Check(
                    SHARE,
                    float(share[np.argmax(np.abs(share - 1))]),
                    1.0,
                    floor=RESOLVED + NORMS,
                    source="You et al. 2017: every layer moves by lr of its size",
                    note="the worst layer and step; biases do not move",
                )
            )
    return found


def muon_rows(config: TrainingConfig, update: np.ndarray, sizes: list[int]) -> list[Check]:
    """Muon's step has no singular value above the quintic's largest, whatever the gradient."""
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
            floor=BFLOAT,
            source="the quintic's largest value: Muon's steps do not know how large the gradient is",
            note=f"the smallest is {float(np.nanmin(share)):.2f}; 1 where all directions are filled",
        )
    ]


def clip_rows(config: TrainingConfig, trained: Trained) -> list[Check]:
    """|g| after clipping: n where n ≤ max, else max · n/(n + 10⁻⁶)."""
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
            note=f"the worst of {int(known.sum())} steps; {share:.0%} of them were clipped",
        )
    ]

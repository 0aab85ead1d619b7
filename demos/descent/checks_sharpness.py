"""The check of Adam's stability: where it has settled, its preconditioned sharpness is below 2(1 + β₁)/(1 − β₁)/rate.

With the decay β₁ = 0.9 that is 38/rate (Cohen et al., arXiv:2207.14484). Within the memory of v, 1/(1 − β₂) steps, the
slopes of the way keep it below; later v forgets them, and the sharpness rises to the limit.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from demos.contract import Check
from demos.descent.measured import CONVERGES, HOVERING, OSCILLATES, Measured
from demos.descent.prediction import SETTLES, Prediction
from demos.descent.rescaled import sharpness_limit
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun

GROWTH = 30.0  # ln of the factor from rounding to a visible oscillation, 10¹³
SHARPNESS = "rate × preconditioned sharpness at the end"


def sharpness_checks(
    setup: Setup, run: MethodRun, predicted: list[Prediction], measured: list[Measured]
) -> list[Check]:
    """The row of the first start that settled as predicted; [] if none did, or for other methods."""
    if run.method not in ("adam", "adamw"):
        return []
    for start, (said, found) in enumerate(zip(predicted, measured, strict=True)):
        if said.fate != SETTLES or found.fate not in (CONVERGES, OSCILLATES):
            continue
        sharpness = preconditioned_sharpness(setup, run, start)
        if sharpness is None:
            continue
        options = setup.config.all_options_of(run.method)
        limit = sharpness_limit(options)
        # above the limit by z an oscillation grows by eᶻ a step; z rises as v forgets, by limit (1 − β₂)/2 a step
        unseen = math.sqrt(2 * GROWTH * limit * (1 - options["beta2"]) / 2)
        return [
            Check(
                SHARPNESS,
                setup.config.rate(run.method) * sharpness,
                limit,
                floor=unseen,
                bound="upper",
                source="a minimum is stable for Adam below 2(1 + β₁)/(1 − β₁), with v held fixed",
                note="The largest eigenvalue of the Hessian divided by √v in each coordinate; hence it settles early.",
            )
        ]
    return []


def preconditioned_sharpness(setup: Setup, run: MethodRun, start: int) -> float | None:
    """The largest eigenvalue of D^(−1/2) H D^(−1/2), D = √v̂ + ε, at the last state, from the recorded states.

    A coordinate that never moved is left out: v is 0 there. None if none moved, or if a number is not finite.
    """
    options, path = setup.config.all_options_of(run.method), run.states[:, start]
    with np.errstate(all="ignore"):
        slopes = setup.surface.gradient(torch.from_numpy(np.ascontiguousarray(path[:-1]))).numpy()
        weights = options["beta2"] ** np.arange(len(slopes))[::-1]
        scale = np.sqrt(weights @ np.square(slopes) / weights.sum()) + options["epsilon"]
    moved = np.ptp(path, axis=0) > HOVERING * setup.scale
    hessian = setup.surface.hessian(torch.from_numpy(path[-1:].copy()))[0].numpy()
    if not moved.any() or not (np.isfinite(scale).all() and np.isfinite(hessian).all()):
        return None
    divided = hessian / np.sqrt(np.outer(scale, scale))
    return float(np.linalg.eigvalsh(divided[np.ix_(moved, moved)])[-1])

"""One run: slopes of the root towards 0, and numbers that descend it, compared with the exact derivative."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.sqrt.config import SqrtConfig
from demos.networks.sqrt.picture import picture
from demos.networks.sqrt.root import descend, root, slope, slope_by_autograd, step_by_hand

DECADES = 16  # decades of x below 1; then x = 0
ROUNDING = 1e-12  # relative error of double precision
SLOPE, LOST, LARGEST = "slope of the root over its formula", "numbers lost to nan", "largest slope"
KINDS = "places with a slope of another kind"
STEP = "step beside the chain rule"


def places(config: SqrtConfig) -> np.ndarray:
    """x (steps + 1,): from 1 down to 10⁻¹⁶ in equal ratios, the last is 0."""
    return np.concatenate((10.0 ** np.linspace(0, -DECADES, config.steps), [0.0]))


def starts(config: SqrtConfig) -> np.ndarray:
    """The initial w (N,), symmetric; the middle one of an odd number is exactly 0."""
    half = np.linspace(0, 1, config.starts // 2 + 1)[1:] if config.starts % 2 else None
    if half is None:
        half = (np.arange(config.starts // 2) + 0.5) / (config.starts / 2)
    return np.concatenate((-half[::-1], [0.0], half)) if config.starts % 2 else np.concatenate((-half[::-1], half))


def checks_of(config: SqrtConfig, x: np.ndarray, found: np.ndarray, path: np.ndarray) -> list[Check]:
    """Rows of the number of lost points, all slopes, the largest slope, the error of the root, and every step."""
    due = slope(x, config.cure, config.epsilon)
    other = kind_of(found) != kind_of(due)
    known = np.isfinite(due) & (due > 0)
    ratio = found[known] / due[known]
    lost = int(np.isnan(path[-1]).sum())
    lost_due = int((path[:-1] == 0).any(0).sum()) if config.cure in ("none", "where") else 0
    rows = [
        Check(
            LOST,
            float(lost),
            0.0,
            predicted=float(lost_due),
            predicted_by="0 · ∞ in the chain rule",
            source="a distance has a minimum at 0, and no reason to lose it",
            note=f"of {config.starts}",
        ),
        Check(
            SLOPE,
            float(ratio[np.argmax(np.nan_to_num(np.abs(ratio - 1), nan=np.inf))]),
            1.0,
            floor=ROUNDING,
            source="the derivative by hand",
            note=f"the worst of {int(known.sum())}",
        ),
        Check(
            KINDS,
            float(other.sum()),
            0.0,
            source="the derivative by hand: nan, infinite, 0 or another number",
            note=f"of {len(x)}, x = 0 among them: {number(float(found[-1]))} there",
        ),
    ]
    if config.cure in ("epsilon", "clamp"):
        rows.append(
            Check(
                LARGEST,
                float(np.nanmax(found)),
                float(due.max()),
                floor=ROUNDING * float(due.max()),
                source="by hand; at most 1/(2√ε)",
                note=f"1/(2√ε) = {number(0.5 / np.sqrt(config.epsilon))}",
            )
        )
        price = float(root_value(0.0, config))
        rows.append(
            Check(
                "loss at w = 0",
                price,
                0.0,
                about="code",
                predicted=float(np.sqrt(config.epsilon)),
                predicted_by="√ε: the price of the cure",
                floor=ROUNDING,
                source="a distance",
            )
        )
    step = step_by_hand(path[:-1], *_how(config))
    known = np.isfinite(step)
    rows.append(
        Check(
            STEP,
            float(np.abs(np.diff(path, axis=0) - step)[known].max() / config.lr),
            0.0,
            floor=ROUNDING / config.lr,
            source="the chain rule by hand, from the place where each step begins",
            note=f"over lr, the worst of {int(known.sum()):,}",
        )
    )
    return rows


def kind_of(values: np.ndarray) -> np.ndarray:
    """The kind of each value as a number: 3 for nan, ±2 for ±inf, ±1 for finite, 0 for 0."""
    finite = np.sign(np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0))
    return np.where(np.isnan(values), 3.0, np.where(np.isinf(values), 2 * np.sign(values), finite))


def root_value(x: float, config: SqrtConfig) -> float:
    """The root with its remedy, by torch."""
    import torch

    return float(root(torch.tensor(x, dtype=torch.float64), config.cure, config.epsilon))


def _how(config: SqrtConfig) -> tuple[str, float, float]:
    return config.cure, config.epsilon, config.lr


@demo_run
def run(config: SqrtConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """A root in a loss, as a function of its config."""
    x = places(config)
    found = slope_by_autograd(x, config.cure, config.epsilon)
    path = descend(starts(config), *_how(config), config.steps)
    drawn = picture(config, x, found, path)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks_of(config, x, found, path)
    table = pd.concat(
        [
            pd.DataFrame({"x": x[:-1], "y": values[:-1], "series": name})
            for name, values in (("autograd", found), ("exact: 1/(2√x)", 0.5 / np.sqrt(np.maximum(x, 1e-300))))
        ],
        ignore_index=True,
    )
    if progress is not None:
        progress(1.0)
    return Result(drawn, tuple(rows), {"slope": table[table["y"] > 0]}, headline=headline(config, rows))


def headline(config: SqrtConfig, rows: list[Check]) -> str:
    """The headline: the effect of the remedy, and its error."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"Not as it must be: {wrong.name}, {number(wrong.measured)}."
    lost = int(rows[0].measured)
    if lost:
        who = "one number is" if lost == 1 else f"{lost} numbers are"
        why = "the mask hides the value, not its infinite slope" if config.cure == "where" else "0 · ∞ at w = 0"
        return f"{who.capitalize()} lost to nan: {why}."
    if config.cure in ("epsilon", "clamp"):
        largest = next(row for row in rows if row.name == LARGEST)
        price = number(float(np.sqrt(config.epsilon)))
        return f"Nobody is lost: the slope stays below {number(largest.measured)}, and the loss at 0 is {price}."
    if config.cure == "where_twice":
        return "Nobody is lost, and the loss is exact: the root never sees the 0."
    return "Nobody started at 0, and nobody is lost: the slope is infinite at 0 alone."

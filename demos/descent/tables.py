"""Tidy tables for the charts, and the table of predictions and measurements."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch

from demos.common.numbers import number
from demos.descent.basin_maps import differing, flow_basins, method_basins
from demos.descent.measured import EARLY, Measured
from demos.descent.prediction import CONVERGES, DIVERGES, HOVERS, OSCILLATES, SETTLES, UNKNOWN, Prediction
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun

MOST = 400  # the most points of a curve
FLOW = "exact flow"
LEAST = 1e-12  # relative to the largest: smaller losses are rounding


def tables(
    setup: Setup, runs: list[MethodRun], predicted: list[list[Prediction]], measured: list[list[Measured]]
) -> dict[str, pd.DataFrame]:
    found = {"basins": basins_table(setup)} if setup.config.ground == "method" and setup.surface.minima else {}
    return found | {
        "loss": loss_table(setup, runs, predicted),
        "distance": distance_table(setup, runs),
        "directions": directions_table(setup, runs, predicted),
        "predictions": predictions_table(setup, runs, predicted, measured),
    }


def basins_table(setup: Setup) -> pd.DataFrame:
    """The fraction of the view in which the basins of the first method and of the flow differ."""
    share = differing(flow_basins(setup.surface), method_basins(setup.config))
    return pd.DataFrame({"differing": [share]})


def energies_of(setup: Setup, states: np.ndarray) -> np.ndarray:
    """E at points (…, 2), (…); nan where they are not finite."""
    with np.errstate(all="ignore"):
        flat = torch.from_numpy(np.ascontiguousarray(states.reshape(-1, 2)))
        found = setup.surface.energy(flat).numpy().reshape(states.shape[:-1])
        return np.where(np.isfinite(found) & (np.abs(found) < 1e30), found, np.nan)


def lowest_energy(setup: Setup) -> float:
    """The energy of the lowest minimum; 0 if there is none."""
    return min((place.energy for place in setup.surface.minima), default=0.0)


def loss_of(setup: Setup, states: np.ndarray) -> np.ndarray:
    """E minus that of the lowest minimum, at points (…, 2); nan where only rounding errors are left."""
    energies = energies_of(setup, states) - lowest_energy(setup)
    size = float(np.nanmax(np.abs(energies), initial=0.0))
    return np.where(energies > LEAST * size, energies, np.nan)


def loss_table(setup: Setup, runs: list[MethodRun], predicted: list[list[Prediction]]) -> pd.DataFrame:
    """The loss of the first start over t: of the exact flow, of each method, and the envelope predicted for
    the last two thirds of its path."""
    flow = setup.exact
    some = np.unique(np.linspace(0, len(flow.times) - 1, MOST).astype(int))
    parts = [_part("t", flow.times[some], "loss", loss_of(setup, flow.states[some, 0]), FLOW)]
    for run, prediction in zip(runs, predicted, strict=True):
        steps = np.unique(np.linspace(0, run.steps, MOST).astype(int))
        loss = loss_of(setup, run.states[steps, 0])
        parts.append(_part("t", steps * run.rate, "loss", loss, run.label))
        envelope = _envelope(prediction[0], steps, loss)
        if envelope is not None:
            parts.append(_part("t", steps * run.rate, "loss", envelope, f"exact rate of {run.label}"))
    return pd.concat(parts, ignore_index=True)


def _envelope(prediction: Prediction, steps: np.ndarray, loss: np.ndarray) -> np.ndarray | None:
    """The predicted envelope, proportional to factor^(2k), scaled to touch the measured loss from above."""
    good = np.nonzero(np.isfinite(loss))[0]
    if not prediction.modes or not 0 < prediction.rate < 1 or len(good) < 8 or prediction.fate == UNKNOWN:
        return None
    begin = good[len(good) // 3]
    shape = 2 * math.log(prediction.rate) * (steps - steps[begin])
    height = np.nanmax(np.log(loss[begin : good[-1] + 1]) - shape[begin : good[-1] + 1])
    curve = np.exp(np.clip(height + shape, -300, 300))
    return np.where((steps >= steps[begin]) & (curve > 0.3 * np.nanmin(loss)), curve, np.nan)


def distance_table(setup: Setup, runs: list[MethodRun]) -> pd.DataFrame:
    """The distance of each method from the exact flow at the same t, for the first start."""
    parts = []
    for run in runs:
        steps = setup.compared_steps(run.method)
        exact = setup.exact.at(steps * run.rate)[:, 0]
        with np.errstate(all="ignore"):
            apart = np.linalg.norm(run.states[steps, 0] - exact, axis=1)
        apart = np.where((apart > 1e-9 * setup.scale) & (apart < 1e3 * setup.scale), apart, np.nan)
        parts.append(_part("t", steps * run.rate, "distance", apart, run.label))
    return pd.concat(parts, ignore_index=True)


def directions_table(setup: Setup, runs: list[MethodRun], predicted: list[list[Prediction]]) -> pd.DataFrame:
    """The predicted behaviour of each linear method along both eigenvectors at the minimum below the first start."""
    rows = []
    for run, prediction in zip(runs, predicted, strict=True):
        for name, mode in zip(("flat", "steep"), prediction[0].modes, strict=False):
            rows.append(
                {
                    "method": run.label,
                    "direction": name,
                    "curvature": number(mode.curvature),
                    "rate × curvature": number(run.rate * mode.curvature),
                    "factor a step": number(mode.factor, digits=4),
                    "character": mode.character,
                }
            )
    columns = ["method", "direction", "curvature", "rate × curvature", "factor a step", "character"]
    return pd.DataFrame(rows, columns=columns)


def predictions_table(
    setup: Setup, runs: list[MethodRun], predicted: list[list[Prediction]], measured: list[list[Measured]]
) -> pd.DataFrame:
    """The prediction and the measurement for each method from the first start."""
    rows = []
    for run, prediction, found in zip(runs, predicted, measured, strict=True):
        first, observed = prediction[0], found[0]
        rows.append(
            {
                "method": run.label,
                "predicted": first.fate,
                "measured": observed.fate,
                "judged": judged(first, observed, run.steps),
                "factor a step": number(first.rate, digits=4) if first.modes else "–",
                "direction": ("flat", "steep")[first.slowest] if first.modes else "–",
                "steps, predicted": f"at least {first.least:,.0f}" if first.least >= 0 else _count(first.steps),
                "steps, measured": "not yet"
                if observed.fate == EARLY or observed.is_read_off
                else _count(observed.steps),
                "on the way": _excess(first),
                "why": first.why,
            }
        )
    return pd.DataFrame(rows)


def judged(prediction: Prediction, observed: Measured, taken: int) -> str:
    """ "right", "wrong", "too early to tell" or "–" if nothing was predicted."""
    if prediction.fate == UNKNOWN:
        return "–"
    is_open = observed.steps == math.inf and observed.left < 0  # neither arrived nor diverged
    if observed.fate == EARLY or (is_open and not observed.is_read_off and not _due(prediction, taken)):
        return "too early to tell"
    if prediction.fate == DIVERGES:  # it may settle in another minimum
        return "right" if observed.nearest != prediction.destination or observed.fate in (DIVERGES, HOVERS) else "wrong"
    if prediction.fate == HOVERS and not is_open and observed.left < 0 and taken < prediction.due:
        return "right" if observed.fate == HOVERS else "too early to tell"
    settled = (CONVERGES, OSCILLATES) if prediction.fate == SETTLES else (prediction.fate,)
    return "right" if observed.fate in settled else "wrong"


def _excess(prediction: Prediction) -> str:
    if not math.isfinite(prediction.excess):
        return "–"
    return f"{number(prediction.excess, digits=2)} × the limit at step {prediction.excess_step:,}"


def _count(steps: float) -> str:
    return "never" if steps == math.inf else "–" if math.isnan(steps) else f"{steps:,.0f}"


def _part(x: str, xs: np.ndarray, y: str, ys: np.ndarray, series: str) -> pd.DataFrame:
    return pd.DataFrame({x: xs, y: ys, "series": series})


def _due(prediction: Prediction, taken: int) -> bool:
    """Whether `taken` steps are enough to judge a prediction: always for divergence, else 1.2 × the predicted ones."""
    return prediction.fate == DIVERGES or prediction.due < taken or 1.2 * prediction.steps < taken

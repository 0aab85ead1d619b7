"""Tidy tables for the charts that stand still, and the predictions beside what was measured."""

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

MOST = 400  # points of a curve
FLOW = "exact flow"
LEAST = 1e-12  # of the largest: what is less is rounding


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
    """By what share of the view the basins of the first method differ from the flow's."""
    share = differing(flow_basins(setup.surface), method_basins(setup.config))
    return pd.DataFrame({"differing": [share]})


def energies_of(setup: Setup, states: np.ndarray) -> np.ndarray:
    """E of places (…, 2); nan where they are not finite."""
    with np.errstate(all="ignore"):
        flat = torch.from_numpy(np.ascontiguousarray(states.reshape(-1, 2)))
        found = setup.surface.energy(flat).numpy().reshape(states.shape[:-1])
        return np.where(np.isfinite(found) & (np.abs(found) < 1e30), found, np.nan)


def lowest_energy(setup: Setup) -> float:
    """The lowest minimum's; 0 where there is none."""
    return min((place.energy for place in setup.surface.minima), default=0.0)


def loss_of(setup: Setup, states: np.ndarray) -> np.ndarray:
    """E − E of the lowest minimum, at places (…, 2); nan where rounding is all that is left."""
    energies = energies_of(setup, states) - lowest_energy(setup)
    size = float(np.nanmax(np.abs(energies), initial=0.0))
    return np.where(energies > LEAST * size, energies, np.nan)


def loss_table(setup: Setup, runs: list[MethodRun], predicted: list[list[Prediction]]) -> pd.DataFrame:
    """E above the lowest minimum over t for the first start: the exact flow, each method, and the envelope that its
    rate predicts, from the middle of its path on."""
    flow = setup.exact
    some = np.unique(np.linspace(0, len(flow.times) - 1, MOST).astype(int))
    parts = [_part("t", flow.times[some], "loss", loss_of(setup, flow.states[some, 0]), FLOW)]
    for run, said in zip(runs, predicted, strict=True):
        steps = np.unique(np.linspace(0, run.steps, MOST).astype(int))
        loss = loss_of(setup, run.states[steps, 0])
        parts.append(_part("t", steps * run.rate, "loss", loss, run.label))
        envelope = _envelope(said[0], steps, loss)
        if envelope is not None:
            parts.append(_part("t", steps * run.rate, "loss", envelope, f"exact rate of {run.label}"))
    return pd.concat(parts, ignore_index=True)


def _envelope(said: Prediction, steps: np.ndarray, loss: np.ndarray) -> np.ndarray | None:
    """The loss times rate^(2k), touching the measured one from above where it is a tenth of the first."""
    good = np.nonzero(np.isfinite(loss))[0]
    if not said.modes or not 0 < said.rate < 1 or len(good) < 8 or said.fate == UNKNOWN:
        return None
    begin = good[len(good) // 3]
    shape = 2 * math.log(said.rate) * (steps - steps[begin])
    height = np.nanmax(np.log(loss[begin : good[-1] + 1]) - shape[begin : good[-1] + 1])
    curve = np.exp(np.clip(height + shape, -300, 300))
    return np.where((steps >= steps[begin]) & (curve > 0.3 * np.nanmin(loss)), curve, np.nan)


def distance_table(setup: Setup, runs: list[MethodRun]) -> pd.DataFrame:
    """The first start's distance from the exact flow at the same t."""
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
    """For each linear method and each eigen-direction of the minimum below the first start: what it must do there."""
    rows = []
    for run, said in zip(runs, predicted, strict=True):
        for name, mode in zip(("flat", "steep"), said[0].modes, strict=False):
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
    """What was said before the run beside what happened, for the first start of each method."""
    rows = []
    for run, said, found in zip(runs, predicted, measured, strict=True):
        first, did = said[0], found[0]
        rows.append(
            {
                "method": run.label,
                "predicted": first.fate,
                "measured": did.fate,
                "judged": judged(first, did, run.steps),
                "factor a step": number(first.rate, digits=4) if first.modes else "–",
                "direction": ("flat", "steep")[first.slowest] if first.modes else "–",
                "steps, predicted": f"at least {first.least:,.0f}" if first.least >= 0 else _count(first.steps),
                "steps, measured": "not yet" if did.fate == EARLY or did.is_read_off else _count(did.steps),
                "on the way": _excess(first),
                "why": first.why,
            }
        )
    return pd.DataFrame(rows)


def judged(said: Prediction, did: Measured, taken: int) -> str:
    """ "right", "wrong", "too early to tell" or "–" where nothing was said."""
    if said.fate == UNKNOWN:
        return "–"
    is_open = did.steps == math.inf and did.left < 0  # neither arrived nor lost
    if did.fate == EARLY or (is_open and not did.is_read_off and not _due(said, taken)):
        return "too early to tell"
    if said.fate == DIVERGES:  # it may settle in another minimum
        return "right" if did.nearest != said.destination or did.fate in (DIVERGES, HOVERS) else "wrong"
    if said.fate == HOVERS and not is_open and did.left < 0 and taken < said.due:  # may be near for now
        return "right" if did.fate == HOVERS else "too early to tell"
    settled = (CONVERGES, OSCILLATES) if said.fate == SETTLES else (said.fate,)
    return "right" if did.fate in settled else "wrong"


def _excess(said: Prediction) -> str:
    if not math.isfinite(said.excess):
        return "–"
    return f"{number(said.excess, digits=2)} × the limit at step {said.excess_step:,}"


def _count(steps: float) -> str:
    return "never" if steps == math.inf else "–" if math.isnan(steps) else f"{steps:,.0f}"


def _part(x: str, xs: np.ndarray, y: str, ys: np.ndarray, series: str) -> pd.DataFrame:
    return pd.DataFrame({x: xs, y: ys, "series": series})


def _due(said: Prediction, taken: int) -> bool:
    """Whether so many steps decide: those of a prediction that it diverges always, else a fifth more than were said."""
    return said.fate == DIVERGES or said.due < taken or 1.2 * said.steps < taken

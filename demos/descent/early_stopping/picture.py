"""The picture: training loss and risk over time, and the share that the descent and ridge keep of each direction."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.descent.early_stopping.checks import PENALTIES, Measured
from demos.descent.early_stopping.config import EarlyStoppingConfig
from demos.descent.early_stopping.law import Law, flow_share, ridge_share
from demos.picture import Curve, Lines, Mark, Markers, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import growing

TRAINING, RISK, RIDGE = 0, 1, 2  # colours
AXIS = 80  # points of the curves over curvature
LEAST = 1e-6  # least loss that is drawn, over the largest exact one


def picture(config: EarlyStoppingConfig, law: Law, seen: Measured) -> Picture:
    """The picture of a run."""
    logs = np.log10(seen.times)
    shown = np.stack((seen.training, seen.risk), 1)
    readouts = [Readout("training loss", seen.training), Readout("risk", seen.risk), Readout("step", seen.steps * 1.0)]
    marks = [Mark(float(seen.times[seen.stop]), "stop here")] if seen.turns else []
    turn = f"is lowest at t = {number(float(np.exp(seen.best_time.place)))}" if seen.turns else "falls too"
    return Picture(
        [losses(seen, logs, shown), directions(law, seen)],
        Readout("t", seen.times),
        readouts,
        seconds=7.0,
        marks=marks,
        alt=f"Least squares on {config.examples} noisy examples: the training loss falls, the risk {turn}.",
    )


def losses(seen: Measured, logs: np.ndarray, shown: np.ndarray) -> Panel:
    largest = max(float(seen.exact_risk.max()), float(seen.exact_training.max()))

    def log10(values: np.ndarray) -> np.ndarray:
        return np.log10(np.maximum(values, LEAST * largest))

    inside = (-np.log10(PENALTIES) >= logs[0]) & (-np.log10(PENALTIES) <= logs[-1])
    ridge = log10(seen.exact_ridge[inside])
    drawn = log10(shown)
    everything = np.concatenate((drawn.ravel(), log10(seen.exact_training), log10(seen.exact_risk), ridge))
    everything = everything[np.isfinite(everything)]
    low, high = float(everything.min()), float(everything.max())
    layers: list = [
        Curve("ridge, λ = 1/t", -np.log10(PENALTIES[inside]), ridge, color=RIDGE),
        Curve("exact risk", logs, log10(seen.exact_risk), dashed=True, color=EXACT),
        Curve("exact training loss", logs, log10(seen.exact_training), dashed=True, color=EXACT),
        Lines("training loss", growing(logs, drawn[:, :1]), color=TRAINING, width=2.4),
        Lines("risk on new examples", growing(logs, drawn[:, 1:]), color=RISK, width=2.4),
    ]
    best, labels = [], []
    if seen.turns:
        best.append((seen.best_time.place / np.log(10), float(log10(np.array(seen.best_time.risk)))))
        labels.append(f"stop at t = {number(float(np.exp(seen.best_time.place)))}")
    if np.isfinite(seen.best_penalty.spread) and logs[0] < -seen.best_penalty.place / np.log(10) < logs[-1]:
        best.append((-seen.best_penalty.place / np.log(10), float(log10(np.array(seen.best_penalty.risk)))))
        labels.append(f"ridge: 1/λ = {number(float(np.exp(-seen.best_penalty.place)))}")
    if best:
        layers.append(Markers("lowest", np.array(best), labels, ["minimum", "ring"][: len(best)]))
    margin = 0.08 * (high - low)
    return Panel(
        (float(logs[0]), float(logs[-1])),
        (low - margin, high + margin),
        layers,
        title="Training loss and risk",
        subtitle="means over the draws of the noise",
        x_label="t = lr × steps",
        x_scale="log",
        y_label="loss",
        y_scale="log",
        weight=1.5,
    )


def directions(law: Law, seen: Measured) -> Panel:
    """The kept share of each direction: of all draws together, beside what gradient flow and ridge keep."""
    known = law.known
    solutions, s = law.solutions[:, known], law.curvatures[known]
    inside = seen.weights @ law.basis[known].T
    kept = np.einsum("frd,rd->fd", inside, solutions) / np.square(solutions).sum(0)
    axis = np.geomspace(s.min() / 1.5, s.max() * 1.5, AXIS)
    flow = np.array([flow_share(axis, np.log(t)) for t in seen.times])
    ridge = np.array([ridge_share(axis, -np.log(t)) for t in seen.times])
    points = np.stack((np.broadcast_to(np.log10(s), kept.shape), kept), -1)
    return Panel(
        (float(np.log10(axis[0])), float(np.log10(axis[-1]))),
        (-0.05, 1.1),
        [
            Curve("ridge, λ = 1/t", np.log10(axis), ridge, color=RIDGE),
            Curve("exact flow", np.log10(axis), flow, dashed=True, color=EXACT),
            Points("this descent", points, np.zeros(points.shape[1], int), ("this descent",), radius=3.2),
        ],
        title="Kept of each direction",
        subtitle="0: not learnt yet; 1: least squares",
        x_label="curvature of the direction",
        x_scale="log",
        y_label="share",
    )

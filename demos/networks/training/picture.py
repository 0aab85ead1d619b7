"""The picture: the network's function during training, relative steps of the layers, and sizes of their gradients."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log10

import numpy as np

from demos.common.numbers import SUPERSCRIPTS
from demos.networks.training.config import TrainingConfig
from demos.networks.training.data import VIEW, truth
from demos.networks.training.train import LINE, Trained, matrices
from demos.picture import Curve, Field, Layer, Lines, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT

HEALTHY = -3.0  # log10 of a typical good |Δθ|/|θ|: a tenth of a percent per step
REACH = 3.0  # decades above and below it at the ends of the colour scale
ENDS = (f"10{f'{HEALTHY - REACH:.0f}'.translate(SUPERSCRIPTS)}", f"{10 ** (HEALTHY + REACH):g}")
SHOWN = 256  # most examples that are drawn
MOST_LOSSES = 400  # most points of a loss curve
OCTAVE = log10(2)
FEW = 0.01  # share of a gradient's elements that may be outside the range of a histogram


@dataclass(frozen=True)
class Kind:
    """One network in the picture; label: "" where it is the only one."""

    config: TrainingConfig
    trained: Trained
    label: str

    def titled(self, title: str) -> str:
        return f"{title} · {self.label}" if self.label else title


def picture(kinds: list[Kind]) -> Picture:
    """The picture, one row of panels. One network: function, steps, gradients, loss. Two: functions and steps."""
    frames = max(len(kind.trained.steps) for kind in kinds)
    longest = next(kind.trained.steps for kind in kinds if len(kind.trained.steps) == frames)
    panels = [_function(kind, frames) for kind in kinds] + [_steps(kind, longest) for kind in kinds]
    if len(kinds) == 1:
        panels += [_gradients(kinds[0], _bins(kinds)), loss_panel(kinds, longest)]
    readouts = []
    for kind in kinds:
        good = "accuracy" if kind.config.classes else "error"
        trained = kind.trained
        values = np.interp(np.arange(frames), trained.looks, trained.accuracy)
        readouts.append(Readout(kind.titled(good), values))
    words = " beside ".join(kind.label or "a network" for kind in kinds)
    return Picture(
        panels,
        Readout("step", longest.astype(float), digits=6),
        readouts,
        seconds=7.0,
        alt=f"{words}: its function while it trains, and a map of how far each layer moves at each step.",
    )


def _function(kind: Kind, frames: int) -> Panel:
    trained, data, view = kind.trained, kind.trained.data, VIEW[kind.config.data]
    if not kind.config.classes:
        x = np.linspace(-view, view, LINE)
        values = _spread(trained.fields, trained.looks, frames)
        values = np.where(np.abs(values) < 10, values, np.nan)
        examples = np.broadcast_to(np.concatenate((data.x, data.y), 1)[None, :SHOWN], (frames, SHOWN, 2))
        return Panel(
            (-view, view),
            (-1.8, 1.8),
            [
                Points("Examples", examples, radius=1.6, labels=np.zeros(SHOWN, np.uint8), label_names=["example"]),
                Curve("T₄", x, np.where(np.abs(x) <= 1, truth(x), np.nan), dashed=True, color=EXACT),
                Curve("Network", x, values, color=-2),
            ],
            title=kind.label or "Its function",
            x_label="x",
            y_label="y",
        )
    places, labels = data.x.numpy(), data.y.numpy()
    inside = np.flatnonzero((np.abs(places) < view).all(1))[:SHOWN]
    examples = np.broadcast_to(places[None, inside], (frames, len(inside), 2))
    layers: list[Layer] = [
        Field(
            "p₁ − p₀", 2 * trained.fields - 1, colors="diverging", limits=(-1.0, 1.0), at=trained.looks, opacity=0.5
        ),
        Points(
            "Examples", examples, labels=labels[inside].astype(np.uint8), label_names=["class 0", "class 1"],
            radius=2.0,
        ),
    ]  # fmt: skip
    title = kind.label or "Its function"
    return Panel((-view, view), (-view, view), layers, title=title[0].upper() + title[1:], equal=True)


def _spread(values: np.ndarray, at: np.ndarray, frames: int) -> np.ndarray:
    """Values (K, n) at frames `at`, linearly interpolated to all frames: (F, n)."""
    return np.stack([np.interp(np.arange(frames), at, column) for column in values.T], -1)


def _steps(kind: Kind, steps: np.ndarray) -> Panel:
    """The panel of log10 of |Δθ|/|θ| over 10⁻³, by layer and step, with a mark at the current step."""
    run, depth = kind.trained.run, kind.config.depth
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log10(run.ratio()[:, matrices(run)].T) - HEALTHY
    values = np.clip(np.where(np.isfinite(values) | np.isneginf(values), values, np.nan), -REACH, REACH)
    missing = len(steps) - 1 - values.shape[1]  # a run that ended early has no columns there
    values = np.pad(values, ((0, 0), (0, missing)), constant_values=np.nan)
    if values.shape[1] == 1:  # a run that ended at its first step; a field has two columns at least
        values = values.repeat(2, axis=1)
    end = float(steps[-1])
    clock = np.stack([np.array([[s, 0.5], [s, depth + 0.5]]) for s in steps.astype(float)])
    return Panel(
        (0.0, end),
        (0.5, depth + 0.5),
        [
            Field(
                "|Δθ| / |θ|",
                values,
                colors="diverging",
                limits=(-REACH, REACH),
                crisp=True,
                ends=ENDS,
            ),
            Lines("Now", clock, width=1.5),
        ],
        title=f"Steps, {kind.label}" if kind.label else "Step over weight",
        subtitle="" if kind.label else "no colour: 10⁻³, the usual",
        x_label="step",
        y_label="layer",
    )


def _bins(kinds: list[Kind]) -> tuple[int, int]:
    """The first and the last bin (octave) that hold a percent of some layer's gradient; bin 0 holds zeros."""
    first, last = 255, 1
    for kind in kinds:
        rows = set(matrices(kind.trained.run))
        for step in kind.trained.run.histograms:
            for index, (begin, counts) in step.items():
                used = np.flatnonzero(counts > FEW * counts.sum()) + begin
                used = used[(used > 0) & (used < 255)]
                if index in rows and len(used):
                    first, last = min(first, int(used[0])), max(last, int(used[-1]))
    return (first, last) if first < last else (100, 130)


def histograms(kind: Kind, bins: tuple[int, int]) -> np.ndarray:
    """Shares (S, L, B) of a layer's gradient in each octave."""
    rows = matrices(kind.trained.run)
    first, last = bins
    found = np.zeros((len(kind.trained.run.histograms), len(rows), last - first + 1))
    for s, step in enumerate(kind.trained.run.histograms):
        for row, index in enumerate(rows):
            if index in step:
                begin, counts = step[index]
                whole = np.zeros(256)
                whole[begin : begin + len(counts)] = counts
                found[s, row] = whole[first : last + 1] / max(1.0, whole.sum())
    return found


def _gradients(kind: Kind, bins: tuple[int, int]) -> Panel:
    shares = histograms(kind, bins)
    low, high = (bins[0] - 127) * OCTAVE, (bins[1] - 126) * OCTAVE
    return Panel(
        (low, high),
        (0.5, kind.config.depth + 0.5),
        [Field("share of the gradient's numbers", shares, limits=(0.0, 0.3), crisp=True, at=np.arange(len(shares)))],
        title="Gradients",
        x_label="|∂ℒ/∂θᵢ|",
        x_scale="log",
        y_label="layer",
    )


def loss_panel(kinds: list[Kind], steps: np.ndarray) -> Panel:
    """The panel of the loss up to the current step, averaged over blocks of a few steps."""
    layers: list[Layer] = []
    end = float(steps[-1])
    top = 0.0
    for number, kind in enumerate(kinds):
        x, y = blocks(kind.trained.losses)
        path = np.stack((x, y), -1)
        seen = np.where((x[None, :] <= steps[:, None])[..., None], path[None], np.nan)
        layers.append(Lines("Loss", seen, color=number, width=1.5))
        top = max(top, float(np.nanmax(y[: max(3, len(y) // 10)], initial=0.5)))
    if kinds[0].config.classes:
        layers.append(Curve("Chance", np.array([0.0, end]), np.full(2, log(2)), dashed=True, color=EXACT))
    height = 1.15 * min(max(top, 0.8), 3.0)
    return Panel((0.0, end), (0.0, height), layers, title="Loss of the batch", x_label="step", y_label="loss")


def blocks(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle steps and mean losses of blocks; values that are not finite are left out."""
    size = max(1, len(losses) // MOST_LOSSES)
    count = len(losses) // size
    x = np.arange(count) * size + (size - 1) / 2
    y = losses[: count * size].reshape(count, size).mean(1)
    return x, np.where(np.isfinite(y), y, np.nan)

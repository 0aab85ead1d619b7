"""The recordings of a monitor as plain arrays and text, the source of reports, files, pages and TensorBoard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from demos.networks.monitor.step import SERIES

ADAPTIVE = ("adam", "rmsprop", "adagrad", "adadelta", "adafactor", "lamb")
SIGNED = ("muon", "lion", "sign", "rprop")


@dataclass(frozen=True)
class Optimizer:
    """name: its class; settings: its numbers (lr, momentum, eps, weight_decay …), of its first parameter group."""

    name: str
    settings: dict[str, float]

    @property
    def family(self) -> str:
        """sgd: steps in proportion to the gradient; adaptive: divided by its size plus ε; normalized: of a size that
        does not depend on it; other: not known."""
        name = self.name.lower()
        if any(word in name for word in SIGNED):
            return "normalized"
        if any(word in name for word in ADAPTIVE):
            return "adaptive"
        return "sgd" if "sgd" in name else "other"


@dataclass(frozen=True)
class LayerInfo:
    """name, kind: of the module; size: number of its parameters' elements; matrix: whether a parameter has two or more
    dimensions; optimizer: index or None; tied: other layers whose parameters it uses; greatest: the largest possible
    |φ'|."""

    name: str
    kind: str
    size: int
    matrix: bool
    trainable: bool
    optimizer: int | None
    tied: str = ""
    activation: str = ""
    greatest: float = 1.0


@dataclass
class Run:
    """layers in the order of the model; steps (S,) of the measured rows, and which optimizer stepped in each; series
    name -> (S, L), see `step.SERIES`; noise (S, 2): g₁·g₂ and ½|g₁ − g₂|² of successive gradients; losses (step,
    value); histograms (S): layer -> (first, counts), see `measures.counted`; nonfinite: layer, step, where; predicted:
    names, gradient, spread, valid, caveat of `predict_model` before training, None for models it does not know."""

    model: str
    every: int
    batch_size: int | None
    optimizers: list[Optimizer]
    layers: list[LayerInfo]
    steps: list[int] = field(default_factory=list)
    which: list[int] = field(default_factory=list)
    series: dict[str, np.ndarray] = field(default_factory=dict)
    noise: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    losses: list[tuple[int, float]] = field(default_factory=list)
    histograms: list[dict[int, tuple[int, np.ndarray]]] = field(default_factory=list)
    nonfinite: dict[str, Any] | None = None
    predicted: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    total_steps: int = 0

    def __post_init__(self) -> None:
        for name in SERIES:
            self.series.setdefault(name, np.zeros((0, len(self.layers))))

    def row(self, name: str) -> int:
        """The index of a layer by its name. KeyError where there is none."""
        for index, layer in enumerate(self.layers):
            if layer.name == name:
                return index
        raise KeyError(name)

    def total(self, name: str) -> np.ndarray:
        """(S,): the norm over all layers of `gradient`, `clipped`, `weight` or `update`; nan where none is known."""
        values = self.series[name]
        known = ~np.isnan(values)
        return np.where(known.any(1), np.sqrt(np.nansum(values**2, 1)), np.nan) if len(values) else np.zeros(0)

    def ratio(self) -> np.ndarray:
        """|Δθ| / |θ| (S, L); nan where |θ| is 0, as that of zero biases before their first step."""
        weight, update = self.series["weight"], self.series["update"]
        return np.divide(update, weight, out=np.full_like(update, np.nan), where=weight > 0)

    def rate(self) -> np.ndarray:
        """|Δθ| / |∂L/∂θ| (S, L): the learning rate that plain gradient descent would need for the same step."""
        gradient, update = self.series["clipped"], self.series["update"]
        return np.divide(update, gradient, out=np.full_like(update, np.nan), where=gradient > 0)

    def clip_fraction(self) -> float:
        """The share of measured steps whose gradient was shortened between backward and the optimizer; nan without
        any."""
        before, after = self.total("gradient"), self.total("clipped")
        known = np.isfinite(before) & np.isfinite(after) & (before > 0)
        return float((after[known] < before[known] * (1 - 1e-4)).mean()) if known.any() else float("nan")

    def noise_scale(self) -> float:
        """tr Σ / |G|² of the gradient of one batch: the noise scale in batches (McCandlish et al. 2018,
        arXiv:1812.06162), from pairs of successive steps; times the batch size it is B_simple. nan if the signal is
        lost in the noise (mean of g₁·g₂ not positive), or nothing was measured."""
        known = self.noise[np.isfinite(self.noise).all(1)] if len(self.noise) else self.noise
        signal, noise = known.mean(0) if len(known) else (0.0, 0.0)
        return float(noise / signal) if signal > 0 else float("nan")

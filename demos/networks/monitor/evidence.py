"""Input of the rules: for each layer typical values of a run, at its beginning and later."""

from __future__ import annotations

import warnings
from functools import cached_property

import numpy as np

from demos.networks.monitor.run import Optimizer, Run


def _median(values: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy warns of columns that are all nan
        return np.nanmedian(values, axis=0)


class Evidence:
    """Values (L,) of each layer, unless another shape is given; nan where nothing was measured."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def first(self, name: str) -> np.ndarray:
        """The first measured value of each layer; with several optimizers these are in different rows."""
        values = self.run.series[name]
        found = np.full(len(self.run.layers), np.nan)
        for row in values[::-1]:
            found = np.where(np.isnan(row), found, row)
        return found

    def typical(self, name: str) -> np.ndarray:
        """The median over the run without its first row (if there are more), because the first step is not typical."""
        return self._typical(self.run.series[name])

    def _typical(self, values: np.ndarray) -> np.ndarray:
        rows = len(set(self.run.which)) or 1
        values = values[rows:] if len(values) > rows else values
        return _median(values) if len(values) else np.full(len(self.run.layers), np.nan)

    @cached_property
    def matrices(self) -> np.ndarray:
        """(L,) bool: layers with a trained parameter of at least two dimensions. Biases and gains alone have no scale
        that a step could be compared to."""
        layers = self.run.layers
        moved = [each.optimizer is not None or not self.run.optimizers for each in layers]
        return np.array([each.matrix and each.trainable and own for each, own in zip(layers, moved, strict=True)], bool)

    @cached_property
    def ratio(self) -> np.ndarray:
        """|Δθ|/|θ| of a typical step."""
        return self._typical(self.run.ratio())

    @cached_property
    def rms_gradient(self) -> np.ndarray:
        """Root mean square of ∂L/∂θ as the optimizer sees it, of a typical step."""
        sizes = np.array([max(1, each.size) for each in self.run.layers])
        return self.typical("clipped") / np.sqrt(sizes)

    def optimizer(self, index: int) -> Optimizer:
        """The optimizer of a layer."""
        which = self.run.layers[index].optimizer
        known = which is not None and which < len(self.run.optimizers)
        return self.run.optimizers[which or 0] if known else Optimizer("unknown", {})

    def families(self) -> np.ndarray:
        """(L,) of str: the family of each layer's optimizer."""
        return np.array([self.optimizer(index).family for index in range(len(self.run.layers))], dtype=object)

    @cached_property
    def profile(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices and |∂L/∂output| at the start of the layers with matrices, except the last, whose output is the
        network's. They are in the model's order, which usually is that of the computation."""
        rows = np.flatnonzero(self.matrices & (self.first("activation_gradient") > 0))[:-1]
        return rows, self.first("activation_gradient")[rows]

    def predicted_decay(self) -> tuple[float | None, float | None]:
        """The theoretical log10 of |∂L/∂z| of the first layer over that of the last but one, and its standard deviation
        over random networks; None where theory does not cover the model."""
        predicted = self.run.predicted
        if predicted is None or not predicted["valid"] or len(predicted["gradient"]) < 3:
            return None, None
        return predicted["gradient"][0] - predicted["gradient"][-2], predicted["spread"][0]

    def name(self, index: int) -> str:
        """The name of a layer with its kind."""
        layer = self.run.layers[index]
        return f"{layer.name}, {layer.kind}" if layer.name != layer.kind else layer.name

"""Records the rows of measured steps, and thins them when there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from demos.networks.monitor.finite import NonFinite
from demos.networks.monitor.layers import Watched
from demos.networks.monitor.run import LayerInfo, Optimizer, Run
from demos.networks.monitor.slopes import SLOPES
from demos.networks.monitor.step import SERIES, Step
from demos.networks.theory import predict_model

MOST_ROWS = 1_000  # beyond, every second row is dropped, and steps are measured half as often
MOST_LOSSES = 20_000
UNKNOWN = (np.nan, np.nan)  # noise


def describe(
    model: nn.Module, layers: Sequence[Watched], optimizers: Sequence[Any], every: int, batch_size: int | None
) -> Run:
    """An empty run, with the prediction for the model's current weights."""
    infos = [
        LayerInfo(
            name=layer.name,
            kind=layer.kind,
            size=layer.size,
            matrix=any(p.ndim > 1 for p in layer.parameters),
            trainable=bool(layer.trainable),
            optimizer=layer.optimizer,
            tied=layer.tied,
            activation=layer.activation,
            greatest=SLOPES[type(layer.module)].greatest if layer.activation else 1.0,
        )
        for layer in layers
    ]
    described = [Optimizer(type(each).__name__, _settings(each)) for each in optimizers]
    run = Run(type(model).__name__, every, batch_size, described, infos)
    run.predicted = predicted(model)
    return run


def predicted(model: nn.Module, second_moment: float = 1.0) -> dict[str, Any] | None:
    """The result of `predict_model` as plain values; None for a model that it does not cover."""
    try:
        found = predict_model(model, second_moment)
    except ValueError:
        return None
    return {
        "names": list(found.names),
        "gradient": found.gradient.tolist(),
        "spread": found.spread.tolist(),
        "valid": found.valid,
        "caveat": found.caveat,
    }


def _settings(optimizer: Any) -> dict[str, float]:
    """The numerical settings of its first parameter group; each of a pair of betas."""
    found: dict[str, float] = {}
    for name, value in optimizer.param_groups[0].items():
        if isinstance(value, tuple) and name == "betas":
            found |= {f"beta{i + 1}": float(part) for i, part in enumerate(value)}
        elif isinstance(value, bool | int | float) or (isinstance(value, Tensor) and value.numel() == 1):
            found[name] = float(value)
    return found


class Recorder:
    """Collects a row for each measured step, and then calls the listeners with the run so far."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.every = run.every
        self.listeners: list[Callable[[Run], None]] = []
        self._rows: list[dict[str, np.ndarray]] = []
        self._noise = UNKNOWN
        self._groups: dict[int, dict[str, Any] | None] = {}

    @property
    def notes(self) -> list[str]:
        """Sentences for the reader of the report; a list to append to."""
        return self._run.notes

    def run(self, steps: int, nonfinite: NonFinite | None) -> Run:
        """The run after `steps` steps."""
        run = self._run
        run.every, run.total_steps = self.every, steps
        run.nonfinite = nonfinite.as_dict() if nonfinite is not None else None
        shape = (0, len(run.layers))
        for name in SERIES:
            run.series[name] = np.array([row[name] for row in self._rows]).reshape(-1, *shape[1:])
        run.noise = np.array([row["noise"] for row in self._rows]).reshape(-1, 2)
        return run

    def begin(self, model: nn.Module, second_moment: float) -> None:
        """Compute the prediction for the weights of the first step and the mean square of its inputs."""
        if not self._rows and self._run.predicted is not None and second_moment > 0:
            self._run.predicted = predicted(model, second_moment)

    def directions(self, step: Step, rows: np.ndarray, products: np.ndarray, earlier: np.ndarray) -> None:
        """products (P,): g·g' of the gradients of some layers now and one step ago; earlier (P,): |g'|; rows (P,)."""
        new = step.values["clipped"][rows]
        length = new * earlier
        with np.errstate(invalid="ignore", over="ignore"):  # nan for infinite gradients
            cosine = np.divide(products, length, out=np.full_like(products, np.nan), where=length > 0)
            step.values["cosine"][rows] = cosine
            together = products.sum()
            self._noise = (together, ((new**2).sum() + (earlier**2).sum()) / 2 - together)

    def row(self, step: Step, which: int, count: int, layers: Sequence[Watched], optimizers: Sequence[Any]) -> None:
        """Add the row of one optimizer's step."""
        step.finish(which)
        for layer in layers:
            group = self._group(layer, optimizers)
            step.values["rate"][layer.index] = float(group["lr"]) if group is not None and "lr" in group else np.nan
        if len(self._rows) >= MOST_ROWS:
            self._thin()
        row = dict(step.values)
        row["noise"] = np.array(self._noise)
        if self._noise is not UNKNOWN:
            before, after = (np.nansum(step.values[name] ** 2) for name in ("gradient", "clipped"))
            if after < before * (1 - 2e-4):  # of shortened gradients it is not known
                row["noise"][:] = np.nan
            self._noise = UNKNOWN
        self._rows.append(row)
        self._run.steps.append(count)
        self._run.which.append(which)
        self._run.histograms.append(step.histograms)
        for listener in self.listeners:
            listener(self.run(count + 1, None))

    def _group(self, layer: Watched, optimizers: Sequence[Any]) -> dict[str, Any] | None:
        """The parameter group of a layer, looked up once, because groups are hardly ever changed."""
        if layer.index not in self._groups:
            own = {id(p) for p in layer.parameters}
            every = [group for each in optimizers for group in each.param_groups]
            found = (group for group in every if any(id(p) in own for p in group["params"]))
            self._groups[layer.index] = next(found, None)
        return self._groups[layer.index]

    def loss(self, step: int, value: float) -> None:
        """Add the loss of a step."""
        if len(self._run.losses) >= MOST_LOSSES:
            self._run.losses = self._run.losses[::2]
        self._run.losses.append((step, value))

    def _thin(self) -> None:
        self.every *= 2
        run = self._run
        keep = [i for i, step in enumerate(run.steps) if step % self.every == 0]
        self._rows = [self._rows[i] for i in keep]
        run.steps, run.which, run.histograms = ([x[i] for i in keep] for x in (run.steps, run.which, run.histograms))

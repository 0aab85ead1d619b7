"""Records the rows of measured steps, and thins them when there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor, nn

from demos.networks.monitor.finite import NonFinite
from demos.networks.monitor.layers import Watched
from demos.networks.monitor.moved import Moved
from demos.networks.monitor.run import LayerInfo, Optimizer, Run
from demos.networks.monitor.slopes import SLOPES
from demos.networks.monitor.step import SERIES, Step
from demos.networks.theory.recognition import Chain, chain_of

MOST_ROWS = 1_000  # beyond, every second row is dropped, and steps are measured half as often
MOST_LOSSES = 20_000
UNKNOWN = (np.nan, np.nan)  # noise


def describe(
    model: nn.Module, layers: Sequence[Watched], optimizers: Sequence[Any], every: int, batch_size: int | None
) -> Run:
    """An empty run."""
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
    return Run(type(model).__name__, every, batch_size, described, infos)


def known_chain(model: nn.Module) -> Chain | None:
    """The model as theory sees it; None for one that it does not cover."""
    try:
        return chain_of(model)
    except ValueError:
        return None


def predicted(chain: Chain, second_moment: float, batch: int | None) -> dict[str, Any]:
    """The prediction as plain values."""
    found = chain.predict(second_moment, batch)
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

    def __init__(self, run: Run, model: nn.Module) -> None:
        self._run = run
        self._chain, self._versions, self._moment = known_chain(model), _versions(model), 1.0
        self.every = run.every
        self.listeners: list[Callable[[Run], None]] = []
        self._rows: list[np.ndarray] = []  # (series, layers)
        self._noises: list[tuple[float, float]] = []
        self._noise = UNKNOWN
        # by optimizer: its layers, and their parameter groups with their rows
        self._groups: dict[int, tuple[Moved, list[tuple[dict[str, Any], np.ndarray]]]] = {}

    @property
    def notes(self) -> list[str]:
        """Sentences for the reader of the report; a list to append to."""
        return self._run.notes

    def run(self, steps: int, nonfinite: NonFinite | None) -> Run:
        """The run after `steps` steps."""
        run = self._run
        run.every, run.total_steps = self.every, steps
        run.nonfinite = nonfinite.as_dict() if nonfinite is not None else None
        table = np.array(self._rows).reshape(-1, len(SERIES), len(run.layers))
        for position, name in enumerate(SERIES):
            run.series[name] = table[:, position]
        run.noise = np.array(self._noises).reshape(-1, 2)
        if run.predicted is None and self._chain is not None:
            run.predicted = predicted(self._chain, self._moment, run.batch_size)
        for index in np.flatnonzero(~np.isnan(run.series["clipped"]).all(0)) if self._rows else ():
            if not run.layers[index].trainable:  # thawed since
                run.layers[index] = replace(run.layers[index], trainable=True)
        return run

    def begin(self, model: nn.Module, second_moment: float) -> None:
        """Note, before the first step, the mean square of its inputs, and its weights if they are not the known ones.
        Theory takes a while: it is asked when the run is."""
        if self._rows or self._chain is None:
            return
        if (versions := _versions(model)) != self._versions:
            self._chain, self._versions = known_chain(model), versions
        self._moment = second_moment if second_moment > 0 else 1.0
        self._run.predicted = None

    def directions(self, step: Step, rows: list[int], products: np.ndarray, earlier: np.ndarray) -> None:
        """products (P,): g·g' of the gradients of the layers `rows` now and one step ago; earlier (P,): |g'|."""
        new = step.values["clipped"][rows]
        length = new * earlier
        with np.errstate(invalid="ignore", over="ignore"):  # nan for infinite gradients
            cosine = np.divide(products, length, out=np.full_like(products, np.nan), where=length > 0)
            step.values["cosine"][rows] = cosine
            together = products.sum()
            self._noise = (together, ((new**2).sum() + (earlier**2).sum()) / 2 - together)

    def row(self, step: Step, which: int, count: int, moved: Moved, optimizers: Sequence[Any]) -> None:
        """Add the row of one optimizer's step."""
        step.finish(which)
        for group, rows in self._groups_of(which, moved, optimizers):
            step.values["rate"][rows] = float(group["lr"]) if "lr" in group else np.nan
        if len(self._rows) >= MOST_ROWS:
            self._thin()
        noise = self._noise
        if noise is not UNKNOWN:
            before, after = (np.nansum(step.values[name] ** 2) for name in ("gradient", "clipped"))
            if after < before * (1 - 2e-4):  # of shortened gradients it is not known
                noise = UNKNOWN
            self._noise = UNKNOWN
        self._rows.append(step.table.copy())
        self._noises.append(noise)
        self._run.steps.append(count)
        self._run.which.append(which)
        self._run.histograms.append(step.histograms)
        for listener in self.listeners:
            listener(self.run(count + 1, None))

    def _groups_of(
        self, which: int, moved: Moved, optimizers: Sequence[Any]
    ) -> list[tuple[dict[str, Any], np.ndarray]]:
        """The parameter groups with the rows of their layers, found once for the same layers, of which some may have
        been thawed or given to an optimizer since."""
        known = self._groups.get(which)
        if known is None or known[0] is not moved:
            groups = {id(p): group for each in optimizers for group in each.param_groups for p in group["params"]}
            rows: dict[int, tuple[dict[str, Any], list[int]]] = {}
            for layer in moved.layers:
                own = [groups[id(p)] for p in layer.parameters if id(p) in groups]
                info = self._run.layers[layer.index]
                self._run.layers[layer.index] = replace(info, optimizer=layer.optimizer)
                if own:
                    rows.setdefault(id(own[0]), (own[0], []))[1].append(layer.index)
            self._groups[which] = known = moved, [(group, np.array(own)) for group, own in rows.values()]
        return known[1]

    def loss(self, step: int, value: float) -> None:
        """Add the loss of a step."""
        if len(self._run.losses) >= MOST_LOSSES:
            self._run.losses = self._run.losses[::2]
        self._run.losses.append((step, value))

    def _thin(self) -> None:
        self.every *= 2
        run = self._run
        keep = [i for i, step in enumerate(run.steps) if step % self.every == 0]
        self._rows, self._noises = ([x[i] for i in keep] for x in (self._rows, self._noises))
        run.steps, run.which, run.histograms = ([x[i] for i in keep] for x in (run.steps, run.which, run.histograms))


def _versions(model: nn.Module) -> list[int]:
    """How often each parameter has been changed."""
    return [p._version for p in model.parameters()]

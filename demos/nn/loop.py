"""A training loop that can be interrupted and resumed: Adam with a short warm-up and a cosine decay, and snapshots.

A loop that was interrupted continues from the same step, and gives the same bytes as one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

import pandas as pd
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.nn.adam import AveragedAdam

WARM_UP = 50  # steps
REPORT_EVERY = 0.025  # seconds between two calls of `progress`
LOSS_ROWS = 200  # the most rows of the loss curve

Snapshot = TypeVar("Snapshot")


class TrainingLoop(Generic[Snapshot]):
    """Minimizes a loss.

    loss() -> the loss of the next batch, a scalar that depends on `optimizer.weights`. rate: the largest learning rate.
    snapshot(): called after each of the steps `snapshot_steps`; its results are appended to `snapshots`.
    """

    def __init__(
        self,
        loss: Callable[[], Tensor],
        optimizer: AveragedAdam,
        *,
        steps: int,
        rate: float,
        snapshot: Callable[[], Snapshot],
        snapshot_steps: Collection[int] = (),
    ) -> None:
        self._loss, self._optimizer, self._snapshot = loss, optimizer, snapshot
        self.steps, self._rate, self._snapshot_steps = steps, rate, frozenset(snapshot_steps)
        self.step = 0
        self.snapshots: list[Snapshot] = []
        self._losses: list[Tensor] = []
        self._rates: list[float] = []

    def run(self, progress: Progress | None = None, on_snapshot: Callable[[Snapshot], object] | None = None) -> bool:
        """Train from the current step to the last. Returns whether it got there.

        progress is called with the finished fraction at least every 50 ms; returning False or raising interrupts the
        training. on_snapshot is called with each snapshot; a resumed training begins with the last one.
        """
        last_report, finished = time.perf_counter(), True
        if on_snapshot is not None and self.snapshots:
            on_snapshot(self.snapshots[-1])  # the training continues from here
        with torch.inference_mode(False), torch.enable_grad():
            while self.step < self.steps:
                self._advance()
                if self.step in self._snapshot_steps:
                    with torch.no_grad():
                        self.snapshots.append(self._snapshot())
                    if on_snapshot is not None:
                        on_snapshot(self.snapshots[-1])
                if progress is not None and time.perf_counter() - last_report > REPORT_EVERY:
                    last_report = time.perf_counter()
                    if progress(self.step / self.steps) is False:
                        finished = self.step == self.steps
                        break
        if progress is not None and finished:
            progress(1.0)
        return finished

    def rate(self) -> float:
        """The learning rate of the next step."""
        cosine = 0.5 * (1 + math.cos(math.pi * self.step / self.steps))
        return self._rate * min(1.0, (self.step + 1) / WARM_UP) * cosine

    def losses(self) -> pd.DataFrame:
        """The loss curve, with columns step, loss and rate: means over equal intervals of steps, to reduce noise."""
        block = max(1, math.ceil(len(self._losses) / LOSS_ROWS))
        values = torch.stack(self._losses) if self._losses else torch.empty(0)
        rows = [
            {"step": min(i + block, len(values)), "loss": float(values[i : i + block].mean()), "rate": self._rates[i]}
            for i in range(0, len(values), block)
        ]
        return pd.DataFrame(rows, columns=["step", "loss", "rate"])

    def recent_loss(self) -> float:
        """The mean loss of the last steps: as many as one row of `losses` covers after a whole training."""
        return float(torch.stack(self._losses[-max(1, self.steps // LOSS_ROWS) :]).mean())

    def _advance(self) -> None:
        """Take one step of the optimizer."""
        rate, loss = self.rate(), self._loss()
        loss.backward()
        self._optimizer.step(rate)
        self._losses.append(loss.detach())
        self._rates.append(rate)
        self.step += 1

"""The picture: losses of all batch sizes as the examples are spent, and the loss over the batch size so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from demos.picture import Annotation, Curve, Markers, Panel, Picture, Readout
from demos.picture.colors import EXACT
from demos.stochastic.batch_size.config import BatchSizeConfig
from demos.stochastic.batch_size.law import best_size, expected_losses
from demos.stochastic.bench.growing_lines import apart, colors_of, growing_lines, logs_of

FINEST = 120


def picture(config: BatchSizeConfig, clock: np.ndarray, runs: Sequence[Any]) -> Picture:
    """The picture. clock (F,): number of examples seen. runs: one per batch size, with `batch` and `losses` (F, n)."""
    frames, sizes = len(clock), np.array([run.batch for run in runs])
    losses = np.stack([run.losses.astype(float).mean(1) for run in runs], 1)  # (F, sizes)
    logs, seen = logs_of(losses), np.log2(clock)
    low, high = float(logs.min()) - 0.15, float(logs.max()) + 0.15
    colors, heights = colors_of(sizes), apart(logs[-1], 0.055 * (high - low))
    ends = Panel(
        (float(seen[0]), float(seen[-1]) + 0.6),
        (low, high),
        [growing_lines(seen, logs, sizes)],
        x_label="examples seen",
        x_scale="log2",
        y_label="loss",
        y_scale="log",
        title="The same examples in batches of …",
        annotations=[
            Annotation(
                f"{size}", float(seen[-1]) + 0.08, float(heights[i]), (frames - 8, frames - 1), color=int(colors[i])
            )
            for i, size in enumerate(sizes)
        ],
    )
    fine = np.unique(np.rint(np.geomspace(1, sizes[-1], FINEST)).astype(int))
    exact = np.array([expected_losses(config, fine, int(c)) for c in clock])
    best = np.array([best_size(config, int(c)) for c in clock])
    lowest = np.array([expected_losses(config, b[None], int(c))[0] for b, c in zip(best, clock, strict=True)])
    points = np.stack((np.broadcast_to(np.log2(sizes), logs.shape), logs), -1)
    spot = np.stack((np.log2(best), np.log10(lowest)), -1)[:, None]
    over = Panel(
        (-0.4, float(np.log2(sizes[-1])) + 0.4),
        (low, high),
        [
            Curve("exact", np.log2(fine), np.log10(exact), color=EXACT),
            Markers("SGD", points, [""] * len(sizes), ["dot"] * len(sizes)),
            Markers("best", spot, ["best"], ["minimum"]),
        ],
        x_label="batch size B",
        x_scale="log2",
        y_label="loss",
        y_scale="log",
        title="Loss over the batch size B, so far",
    )
    return Picture(
        [ends, over],
        Readout("examples seen", clock.astype(float), digits=6),
        [Readout("best B", best.astype(float)), Readout("its exact loss", lowest)],
        seconds=8.0,
        alt=f"After {config.budget:,} examples the loss is lowest at a batch size of {best[-1]}.",
    )

"""The picture: losses of all batch sizes over the same time, and the loss over the batch size at each moment."""

from __future__ import annotations

import numpy as np

from demos.picture import Curve, Markers, Panel, Picture, Readout
from demos.picture.colors import EXACT
from demos.stochastic.bench.growing_lines import growing_lines, logs_of
from demos.stochastic.scaling.config import ScalingConfig
from demos.stochastic.scaling.law import discrete, limit

RULE = 1


def picture(config: ScalingConfig, losses: dict[int, np.ndarray]) -> Picture:
    """losses: of each batch size, (F, n)."""
    sizes = np.array(list(losses))
    frames, last = config.long_steps + 1, int(sizes[-1])
    times = config.rate(last) * np.arange(frames)
    logs = logs_of(np.stack([given.astype(float).mean(1) for given in losses.values()], 1))
    rule = np.log10([limit(config, time) for time in times])
    exact = np.log10([[discrete(config, int(b), k * last // int(b))[0] for b in sizes] for k in range(frames)])
    low, high = min(logs.min(), rule.min(), exact.min()) - 0.1, max(logs.max(), rule.max(), exact.max()) + 0.1
    over_time = Panel(
        (0.0, float(times[-1])),
        (float(low), float(high)),
        [
            Curve("scaling rule", times, rule, dashed=True, color=EXACT),
            growing_lines(times, logs, sizes),
        ],
        x_label="time, lr × steps",
        y_label="loss",
        y_scale="log",
        title="The same lr/B in batches of …",
    )
    points = np.stack((np.broadcast_to(np.log2(sizes), logs.shape), logs), -1)
    over_size = Panel(
        (-0.4, float(np.log2(last)) + 0.4),
        (float(low), float(high)),
        [
            Curve("scaling rule", np.log2(sizes), np.repeat(rule[:, None], len(sizes), 1), dashed=True, color=RULE),
            Curve("exact", np.log2(sizes), exact, color=EXACT),
            Markers("SGD", points, [""] * len(sizes), ["dot"] * len(sizes)),
        ],
        x_label="batch size B",
        x_scale="log2",
        y_label="loss",
        y_scale="log",
        title="Loss over the batch size, now",
    )
    return Picture(
        [over_time, over_size],
        Readout("time", times),
        [Readout("loss, B = 1", 10 ** logs[:, 0]), Readout(f"B = {last}", 10 ** logs[:, -1])],
        seconds=6.0,
        alt=f"SGD with batches of 1 to {last} and the same lr/B: the losses agree until the rate comes near its limit.",
    )

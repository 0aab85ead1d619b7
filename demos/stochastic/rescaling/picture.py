"""The picture: the function, which does not change, and its loss valley, which narrows as the weights are rescaled."""

from __future__ import annotations

import numpy as np
import torch

from demos.picture import Curve, Markers, Panel, Picture, Readout
from demos.picture.colors import EXACT
from demos.stochastic.rescaling.config import RescalingConfig
from demos.stochastic.rescaling.network import REACH, Network, outputs, rescaled

FRAMES, POINTS = 60, 201
WIDTH, TOP = 1.5, 1.0  # ranges of the valley's panel: distance from the minimum, and loss


def picture(config: RescalingConfig, network: Network) -> Picture:
    """The picture. Its clock is the rescaling factor, from 1 to the config's."""
    factors = np.geomspace(1.0, config.factor, FRAMES) if config.factor > 1 else np.ones(FRAMES)
    x = torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
    distance = torch.linspace(-WIDTH, WIDTH, POINTS, dtype=torch.float64)[:, None]
    functions, valleys, parabolas, sharpness, traces = [], [], [], [], []
    for factor in factors:
        at = rescaled(network.weights, float(factor))
        value, direction = network.sharpest(float(factor))
        functions.append(outputs(at, x)[0].numpy())
        valleys.append(network.loss(at + distance * torch.from_numpy(direction)).numpy())
        parabolas.append(0.5 * value * distance[:, 0].numpy() ** 2)
        sharpness.append(value)
        traces.append(float(np.trace(network.rescaled_hessian(float(factor)))))
    first = outputs(network.weights, x)[0].numpy()
    low, high = float(first.min()), float(first.max())
    room = 0.15 * (high - low) + 0.1
    function = Panel(
        (-REACH, REACH),
        (low - room, high + room),
        [
            Curve("before rescaling", x.numpy(), first, dashed=True, color=EXACT),
            Curve("rescaled", x.numpy(), np.array(functions), color=-2),
            Markers(
                "examples",
                np.stack((network.x.numpy(), network.labels.numpy()), 1),
                [""] * len(network.x),
                ["ring"] * len(network.x),
            ),
        ],
        x_label="x",
        y_label="output",
        title="The function stays",
    )
    valley = Panel(
        (-WIDTH, WIDTH),
        (0.0, TOP),
        [
            Curve("loss", distance[:, 0].numpy(), np.array(valleys), color=-2),
            Curve("parabola of its curvature", distance[:, 0].numpy(), np.array(parabolas), dashed=True, color=EXACT),
        ],
        x_label="distance along the sharpest direction",
        y_label="loss",
        title="The valley narrows",
    )
    return Picture(
        [function, valley],
        Readout("factor a", factors),
        [Readout("sharpness", np.array(sharpness)), Readout("trace", np.array(traces))],
        seconds=6.0,
        alt=f"The same function while a network's weights are rescaled by up to {config.factor:g}: the loss's valley "
        f"narrows from a curvature of {sharpness[0]:.3g} to {sharpness[-1]:.3g}.",
    )

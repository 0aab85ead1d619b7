"""One run: train, then take out every unit of every frame. Pure: same config, same bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from demos.common.numbers import counted, number
from demos.common.progress import Progress, checkpoint, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.sensitivity.checks import checks_of
from demos.networks.sensitivity.config import SensitivityConfig
from demos.networks.sensitivity.importance import Importance, by_inputs, importance
from demos.networks.sensitivity.network import Network
from demos.networks.sensitivity.picture import picture

TRAINING = 0.4  # share of the progress bar for the training


@demo_run
def run(config: SensitivityConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The panel of sensitivity as a function of its config."""
    network = Network(config)
    path = network.train(part(progress, 0, 1, TRAINING))
    states = path.states if config.steps else path.states[:1].expand(2, -1, -1)
    found = []
    for index, weights in enumerate(states):
        checkpoint()
        found.append(importance(network, weights))
        if progress is not None:
            progress(TRAINING + (1 - TRAINING) * (index + 1) / len(states))
    steps = np.rint(path.times.numpy() / config.lr) if config.steps else np.array([0.0, 1.0])
    losses = torch.cat([network.loss(weights) for weights in states]).numpy()
    drawn = picture(config, steps, losses, found)
    if on_picture is not None:
        on_picture(drawn)
    checks = checks_of(network, states, steps if config.steps else np.zeros(2), found)
    return Result(
        drawn,
        tuple(checks),
        {"inputs": inputs(network, steps, states), "units": units(found[-1])},
        (
            f"The loss after {counted(config.steps, 'step')} is {number(float(losses[-1]))}, "
            f"{number(float(losses[0]))} before.",
        ),
        headline=headline(checks, found[-1]),
    )


def headline(checks: list[Check], found: Importance) -> str:
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"{wrong.name}: {number(wrong.measured)}, due is {number(wrong.truth or 0.0)}."
    first, second, removed = (float(np.abs(each).mean()) for each in (found.first, found.second, found.removed))
    return (
        f"Removing a unit costs {number(removed)} on average; the gradient alone predicts {number(first)}, the second "
        f"order {number(second)}."
    )


def units(found: Importance) -> pd.DataFrame:
    """Columns series, unit, removed, first, second: of every hidden unit at the end; see `Importance`."""
    frames = []
    for layer in (0, 1):
        columns = {part: getattr(found, part)[layer] for part in ("removed", "first", "second")}
        unit = np.arange(1, len(columns["first"]) + 1)
        frames.append(pd.DataFrame({"series": f"layer {layer + 1}", "unit": unit, **columns}))
    return pd.concat(frames, ignore_index=True)


def inputs(network: Network, steps: np.ndarray, states: torch.Tensor) -> pd.DataFrame:
    """Columns series, step, size: mean |∂f/∂x| and |∂L/∂x| over the examples, the latter times their number."""
    rows = []
    for step, weights in zip(steps.tolist(), states, strict=True):
        slope, _ = by_inputs(network, weights)
        sizes = np.linalg.norm(slope, axis=1)
        errors = (network.output(weights, network.x)[0] - network.y).abs().numpy()
        rows.append({"series": "|∂f/∂x|", "step": step, "size": float(sizes.mean())})
        rows.append({"series": "|∂ℒ/∂x| × E", "step": step, "size": float((sizes * errors).mean())})
    return pd.DataFrame(rows)

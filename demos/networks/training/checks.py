"""Checks of a training: mean-field theory at the start, the optimizer's formula, exact identities of gradients."""

from __future__ import annotations

from math import hypot, log, sqrt

import numpy as np

from demos.contract import Check
from demos.networks.theory import Prediction, predict
from demos.networks.training.batch_norm import REPLICAS, decays
from demos.networks.training.config import TrainingConfig
from demos.networks.training.function import function_rows
from demos.networks.training.laws import PENALTY, SHRINKS, identity_rows, loss_rows, penalty_rows
from demos.networks.training.muon import DIRECTIONS, SPECTRAL
from demos.networks.training.steps import SHARE, clip_rows, step_rows
from demos.networks.training.train import Trained, batches, matrices

DECAY, HALF = "log₁₀ of |∂ℒ/∂z|, first layer over last", "to the middle"
# Error of the theory per layer, in natural logarithms and in units of 1/width. Means over 100 networks of 20 layers, 16
# to 64 wide, deviate by −0.6 to 0.9, and by up to 2 where tanh is chaotic and examples differ.
FINITE = 0.5
LESSONS = (SHRINKS, PENALTY, SHARE, SPECTRAL, DIRECTIONS)  # rows that only unusual configs have, and are about: first


def prediction_of(config: TrainingConfig, trained: Trained) -> Prediction:
    """Mean-field theory for the hidden layers, with the inputs' own mean square."""
    inputs = 2 if config.classes else 1
    return predict(
        config.depth - 1, config.width, config.activation, config.init, config.normalization, config.skip,
        gain=config.gain, inputs=inputs, second_moment=trained.second_moment,
    )  # fmt: skip


def profile(config: TrainingConfig, trained: Trained) -> np.ndarray:
    """log10 of |∂ℒ/∂z_l| of the hidden layers before the first step, relative to the last. With skips it is that of the
    branches, from layer 2 on, which differ from it by a common factor."""
    rows = matrices(trained.run)[:-1]
    values = trained.run.series["activation_gradient"][0, rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log10(values)
        if config.skip != "none":
            found[0] = np.nan
        return found - found[-1]


def checks_of(config: TrainingConfig, trained: Trained) -> list[Check]:
    """The rows of one network, the most informative first."""
    prediction = prediction_of(config, trained)
    rows = [*depth_rows(config, trained, prediction), *step_rows(config, trained)]
    rows += [*clip_rows(config, trained), *loss_rows(config, trained, prediction)]
    rows += function_rows(trained.independent, trained.fields, trained.accuracy)
    rows += [*penalty_rows(config, trained, prediction), *identity_rows(trained)]
    return sorted(rows, key=lambda row: LESSONS.index(row.name) if row.name in LESSONS else len(LESSONS))


def depth_rows(config: TrainingConfig, trained: Trained, prediction: Prediction) -> list[Check]:
    """Rows of the depth profile before the first step."""
    found = profile(config, trained)
    first = 1 if config.skip != "none" else 0
    layers = len(found)
    if layers - first < 3 or not np.isfinite(found[first:]).all():  # no gradient arrives: the doctor says so
        return []
    trouble = "" if prediction.valid else prediction.caveat.rstrip(".")
    if config.bias:
        trouble = "theory knows biases around 0, and these are not"
    middle = (first + layers) // 2
    if config.normalization == "batch" and not prediction.valid:
        return replica_rows(config, trained, found, first, middle)
    rows = []
    for name, layer in ((DECAY, first), (f"{DECAY} · {HALF}", middle)):
        spread = float(prediction.spread[layer])
        # theory gives the mean of |g|²; the expected log10 |g| of a network is ln 10 · spread² below it (lognormal)
        typical = float(prediction.gradient[layer]) - log(10) * spread**2
        slack = FINITE * (layers - 1 - layer) / (config.width * log(10))
        rows.append(
            Check(
                name,
                float(found[layer]),
                typical,
                # plus the fluctuation of the loss's gradient, which few samples determine
                uncertainty=hypot(spread, 0.5 / sqrt(config.width) / log(10)),
                floor=slack,
                source="mean-field theory of a typical network, before the first step",
                note=f"layer {layer + 1} over layer {layers}",
                incomparable=trouble,
            )
        )
    return rows[: 2 if layers - first >= 6 else 1]


def replica_rows(config: TrainingConfig, trained: Trained, found: np.ndarray, first: int, middle: int) -> list[Check]:
    """Where theory is silent: beside other networks that see the same batch."""
    index = next(batches(config))
    known = decays(config, trained.data.x[index].double().numpy(), trained.data.y[index].double().numpy())
    if not np.isfinite(known[:, first:]).all():  # some have no gradient at all
        return []
    layers, rows = len(found), []
    for name, layer in ((DECAY, first), (f"{DECAY} · {HALF}", middle)):
        spread = float(known[:, layer].std(ddof=1))
        rows.append(
            Check(
                name,
                float(found[layer]),
                None,
                uncertainty=spread,
                floor=FINITE / (config.width * log(10)),
                predicted=float(known[:, layer].mean()),
                predicted_error=spread / sqrt(REPLICAS),
                predicted_by=f"{REPLICAS} networks with other weights and the same batch, by hand",
                note=f"layer {layer + 1} over layer {layers}; of batch norm with so few inputs theory says nothing",
                sigmas=5.0,  # the spread of 24 networks is known to a seventh
            )
        )
    return rows[: 2 if layers - first >= 6 else 1]

"""What a training must obey: mean-field theory at the start, its optimizer's formula, exact laws of gradients."""

from __future__ import annotations

from math import hypot, log, sqrt

import numpy as np

from demos.contract import Check
from demos.networks.theory import Prediction, predict
from demos.networks.training.batch_norm import REPLICAS, decays
from demos.networks.training.config import TrainingConfig
from demos.networks.training.function import function_rows
from demos.networks.training.laws import identity_rows, loss_rows, penalty_rows
from demos.networks.training.steps import clip_rows, step_rows
from demos.networks.training.train import Trained, batches, matrices

DECAY, HALF = "log₁₀ of |∂ℒ/∂z|, first layer over last", "to the middle"
# of 1/width for each layer, in natural logarithms: what theory leaves out to that order. Means over 100 networks of 20
# layers, 16 to 64 wide, lie −0.6 to 0.9 off, and to 2 where tanh is chaotic and examples differ
FINITE = 0.5


def prediction_of(config: TrainingConfig, trained: Trained) -> Prediction:
    """Mean-field theory for the hidden layers, with the inputs' own mean square."""
    inputs = 2 if config.classes else 1
    return predict(
        config.depth - 1, config.width, config.activation, config.init, config.normalization, config.skip,
        gain=config.gain, inputs=inputs, second_moment=trained.second_moment,
    )  # fmt: skip


def profile(config: TrainingConfig, trained: Trained) -> np.ndarray:
    """log10 of |∂ℒ/∂z_l| of the hidden layers before the first step, relative to the last; with skips from layer 2 on,
    whose branches have it up to a factor that all share."""
    rows = matrices(trained.run)[:-1]
    values = trained.run.series["activation_gradient"][0, rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log10(values)
        if config.skip != "none":
            found[0] = np.nan
        return found - found[-1]


def checks_of(config: TrainingConfig, trained: Trained) -> list[Check]:
    """The rows of one network, the most telling first."""
    prediction = prediction_of(config, trained)
    rows = [*depth_rows(config, trained, prediction), *step_rows(config, trained)]
    rows += [*clip_rows(config, trained), *loss_rows(config, trained, prediction)]
    rows += function_rows(trained.again, trained.fields, trained.accuracy)
    rows += [*penalty_rows(config, trained, prediction), *identity_rows(trained)]
    return rows


def depth_rows(config: TrainingConfig, trained: Trained, prediction: Prediction) -> list[Check]:
    """The depth profile before the first step."""
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
        # theory has the mean of |g|²; one network has the mean of log |g|, ln 10 · spread² below (lognormal)
        typical = float(prediction.gradient[layer]) - log(10) * spread**2
        slack = FINITE * (layers - 1 - layer) / (config.width * log(10))
        rows.append(
            Check(
                name,
                float(found[layer]),
                typical,
                # a few samples' worth of the loss's gradient stand for all: as much again as networks differ
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

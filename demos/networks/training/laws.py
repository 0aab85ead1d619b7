"""Laws of a training: its loss where nothing can be learnt, its penalty where nothing else is felt, and identities."""

from __future__ import annotations

from math import hypot, log, sqrt

import numpy as np

from demos.contract import Check
from demos.networks.theory import Prediction
from demos.networks.theory.mean_field import initial_variances
from demos.networks.training.config import TrainingConfig
from demos.networks.training.identities import NORM_EPSILON, ROUNDING
from demos.networks.training.steps import UNIT
from demos.networks.training.train import Trained, matrices

CONSTANT = 1e-4  # standard deviation of outputs over examples below which a network is a constant
CHANCE = 0.02  # of ln 2: what a constant that follows the batches' shares of classes can lose or gain
FADED = -6.0  # log10 of the gradient's decay below which only the penalty is felt
FIRST_LOSS, END = "loss before the first step", "loss at the end"
PENALTY, SHRINKS = "|g| of the first layer over |∇R|", "|θ| of the first layer, end over start"


def loss_rows(config: TrainingConfig, trained: Trained, prediction: Prediction) -> list[Check]:
    """The loss before the first step, from the size of the outputs; at the end where nothing can have been learnt."""
    if not config.classes:
        return []
    rows = []
    if prediction.valid and not config.bias:
        weight, bias = initial_variances(config.init, config.width, 2, config.gain)
        q = 2 * (weight * float(prediction.activation[-1]) + bias)  # variance of the difference of the two outputs
        mean, deviation = _loss_of(q)
        rows.append(
            Check(
                FIRST_LOSS,
                float(trained.losses[0]),
                mean,
                uncertainty=hypot(deviation, 0.5 * sqrt(q)),
                floor=1e-6,
                source="mean of ln(2 cosh(d/2)) over outputs d of theory's size",
                note="ln 2 = 0.693 is chance",
            )
        )
    if trained.stopped is None:
        stands = trained.spread < CONSTANT and {"vanishing", "below_epsilon", "dead"} & {
            finding.code for finding in trained.report.alarms
        }
        last = trained.losses[-max(1, len(trained.losses) // 4) :]
        rows.append(
            Check(
                END,
                float(last.mean()),
                None,
                floor=CHANCE,
                predicted=log(2) if stands and not config.flipped else None,
                predicted_by="the doctor's alarm: a network that starts as a constant and stands still remains one",
                note="mean over the last quarter; ln 2 = 0.693 is chance",
                why="" if stands else "how well a network learns, no theory says",
            )
        )
    return rows


def _loss_of(q: float) -> tuple[float, float]:
    """Mean and standard deviation of ln(2 cosh(d/2)), d ~ N(0, q)."""
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    values = np.logaddexp(0.5 * sqrt(q) * z, -0.5 * sqrt(q) * z)
    mean = float(weights @ values)
    return mean, sqrt(max(0.0, float(weights @ (values - mean) ** 2)))


def penalty_rows(config: TrainingConfig, trained: Trained, prediction: Prediction) -> list[Check]:
    """Where no gradient of the data arrives, the first layer feels the penalty alone: |g| = |∇R|, and L2 shrinks it."""
    alone = (config.l2 > 0) != (config.l1 > 0) and not config.clip
    if not alone or not prediction.valid or prediction.gradient[0] > FADED or trained.stopped is not None:
        return []
    run, row = trained.run, matrices(trained.run)[0]
    gradient, weight = run.series["clipped"][:, row], run.series["weight"][:, row]
    size = run.layers[row].size if config.init == "default" else run.layers[row].size - config.width  # biases are 0
    due = config.l2 * weight if config.l2 else np.full(len(weight), config.l1 * sqrt(size))
    ratio = gradient / due
    rows = [
        Check(
            PENALTY,
            float(ratio[np.argmax(np.abs(ratio - 1))]),
            1.0,
            floor=1e-3,
            source="|∇R| = λ₂|θ|" if config.l2 else "|∇R| = λ₁√n",
            note="the data's gradient has vanished on the way",
        )
    ]
    if config.l2 and config.optimizer == "sgd":
        steps = run.steps[-1]
        rows.append(
            Check(
                SHRINKS,
                float(weight[-1] / weight[0]),
                (1 - config.lr * config.l2) ** steps,
                floor=1e-4 + UNIT * steps,
                source=f"(1 − lr λ₂) to the power {steps}",
            )
        )
    return rows


def identity_rows(trained: Trained) -> list[Check]:
    """Exact laws of gradients, the worst of all measured steps."""
    said = {
        "conservation": (
            "Σ_in w g − Σ_out w g of a unit",
            "homogeneity of φ: |w_in|² − |w_out|² is conserved by the flow",
        ),
        "softmax": ("sum of the two classes' gradients", "softmax: the outputs' gradients sum to 0"),
        "orthogonal": ("w · g of what is normalized", "a norm takes away the scale of w: no gradient along it"),
    }
    rows = []
    for name, value in trained.identities.worst.items():
        title, source = said[name]
        floor = NORM_EPSILON if name == "orthogonal" else ROUNDING
        rows.append(
            Check(title, value, 0.0, floor=floor, source=source, note="relative, worst layer of the measured steps")
        )
    return rows

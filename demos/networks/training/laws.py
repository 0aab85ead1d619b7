"""Checks of a training: loss where nothing can be learnt, weight decay where no gradient arrives, identities."""

from __future__ import annotations

from math import hypot, log, sqrt

import numpy as np

from demos.contract import Check
from demos.networks.theory import Prediction
from demos.networks.theory.mean_field import initial_variances
from demos.networks.training.config import TrainingConfig
from demos.networks.training.constant import constant_loss, last_quarter, spread_of_losses
from demos.networks.training.steps import NORMS, UNIT
from demos.networks.training.train import Trained, matrices

CONSTANT = 1e-4  # standard deviation of outputs over examples below which a network is a constant
WANDERS = 0.1  # largest excess over ln 2 of the loss of the last layer alone at which it is predictable
HIDDEN = 0.5  # relative effect of the hidden layers on that excess, which the last layer alone neglects
FLOAT32 = 3.4e38
FADED = 0.01  # the data's gradient over λ|θ| below which only the penalty determines the step
FIRST_LOSS, END = "loss before the first step", "loss at the end"
PENALTY, SHRINKS = "|g| of the first layer over |∇R|", "|θ| of the first layer, end over start"


def loss_rows(config: TrainingConfig, trained: Trained, prediction: Prediction) -> list[Check]:
    """Rows of the loss before the first step, and of the loss at the end where nothing can have been learnt."""
    if not config.classes:
        return []
    rows = []
    if prediction.valid and not config.bias:
        weight, bias = initial_variances(config.init, config.width, 2, config.gain)
        q = 2 * (weight * float(prediction.activation[-1]) + bias)  # variance of the difference of the two outputs
        beyond = not 10 * sqrt(q) < FLOAT32
        balance = 0.5 * sqrt(q / config.batch)  # effect of unequal numbers of both classes in the batch
        rows.append(
            Check(
                FIRST_LOSS,
                float(trained.losses[0]),
                _loss_of(q),
                uncertainty=0.0 if beyond else hypot(spread_of_losses(config, trained), balance),
                floor=1e-6,
                source="mean of ln(2 cosh(d/2)) over outputs d of theory's size",
                note="ln 2 = 0.693 is chance; the error is the spread over networks",
                incomparable=f"outputs of about 10^{np.log10(q) / 2:.0f} are beyond float32" if beyond else "",
            )
        )
    if trained.stopped is None:
        stands = trained.spread < CONSTANT and {"vanishing", "below_epsilon", "dead"} & {
            finding.code for finding in trained.report.alarms
        }
        predicted = constant_loss(config, trained) if stands and not config.flipped else None
        strays = abs(predicted - log(2)) if predicted is not None else 0.0
        rows.append(
            Check(
                END,
                float(trained.losses[-last_quarter(trained) :].mean()),
                None,
                floor=HIDDEN * strays + 1e-3,
                predicted=predicted,
                predicted_by="the last layer alone, on the same batches: a constant follows their shares of classes",
                note="mean over the last quarter; ln 2 = 0.693 is chance",
                why="" if stands else "how well a network learns, no theory says",
                incomparable=(
                    f"at this rate and batch a constant strays by {strays:.2g} from ln 2" if strays > WANDERS else ""
                ),
            )
        )
    return rows


def _loss_of(q: float) -> float:
    """Mean of ln(2 cosh(d/2)), d ~ N(0, q)."""
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    return float(weights @ np.logaddexp(0.5 * sqrt(q) * z, -0.5 * sqrt(q) * z) / weights.sum())


def penalty_rows(config: TrainingConfig, trained: Trained, prediction: Prediction) -> list[Check]:
    """Rows of the first layer where no gradient of the data arrives: |g| = |∇R|, and the shrinking of |θ| by L2."""
    alone = (config.l2 > 0) != (config.l1 > 0) and not config.clip
    if not alone or not prediction.valid or trained.stopped is not None:
        return []
    run, linear = trained.run, matrices(trained.run)
    row = linear[0]
    gradient, weight = run.series["clipped"][:, row], run.series["weight"][:, row]
    size = run.layers[row].size if config.init == "default" else run.layers[row].size - config.width  # biases are 0
    due = config.l2 * weight if config.l2 else np.full(len(weight), config.l1 * sqrt(size))
    # an upper bound of the data's gradient: |∂ℒ/∂z₁| |x|, with |∂ℒ/∂z₁| from the last hidden layer's and the theory
    decay = 10 ** (float(prediction.gradient[0]) + 4 * float(prediction.spread[0]))
    inputs = sqrt(config.batch * ((2 if config.classes else 1) * trained.second_moment + 1))
    felt = float(np.max(decay * inputs * run.series["activation_gradient"][:, linear[-2]] / due))
    if not felt < FADED:
        return []
    ratio = gradient / due
    rows = [
        Check(
            PENALTY,
            float(ratio[np.argmax(np.nan_to_num(np.abs(ratio - 1), nan=np.inf))]),
            1.0,
            floor=felt + NORMS,
            source="|∇R| = λ₂|θ|" if config.l2 else "|∇R| = λ₁√n",
            note=f"the data's gradient is at most {felt:.1g} of it",
        )
    ]
    if config.l2 and config.optimizer == "sgd":
        steps = run.steps[-1]
        rows.append(
            Check(
                SHRINKS,
                float(weight[-1] / weight[0]),
                (1 - config.lr * config.l2) ** steps,
                floor=config.lr * config.l2 * steps * felt + NORMS + UNIT * steps,
                source=f"(1 − lr λ₂) to the power {steps}",
            )
        )
    return rows


def identity_rows(trained: Trained) -> list[Check]:
    """Rows of the identities of gradients, the worst of all measured steps."""
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
        if value != value:  # nan: no gradient was large enough to be tested
            continue
        rows.append(
            Check(
                title,
                value,
                0.0,
                floor=trained.identities.rounding,
                source=source,
                note="relative, worst layer of the measured steps",
            )
        )
    return rows

"""Laws of a training: its loss where nothing can be learnt, its penalty where nothing else is felt, and identities."""

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
WANDERS = 0.1  # from ln 2, of the last layer alone: beyond it, how far a constant strays is chance
HIDDEN = 0.5  # of that: what hidden layers, which the last layer alone leaves out, may add or take
FLOAT32 = 3.4e38
FADED = 0.01  # of λ|θ|: the data's gradient below which only the penalty is felt
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
        beyond = not 10 * sqrt(q) < FLOAT32
        balance = 0.5 * sqrt(q / config.batch)  # of the classes in the batch, which all replicas share
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
    """Where no gradient of the data arrives, the first layer feels the penalty alone: |g| = |∇R|, and L2 shrinks it."""
    alone = (config.l2 > 0) != (config.l1 > 0) and not config.clip
    if not alone or not prediction.valid or trained.stopped is not None:
        return []
    run, linear = trained.run, matrices(trained.run)
    row = linear[0]
    gradient, weight = run.series["clipped"][:, row], run.series["weight"][:, row]
    size = run.layers[row].size if config.init == "default" else run.layers[row].size - config.width  # biases are 0
    due = config.l2 * weight if config.l2 else np.full(len(weight), config.l1 * sqrt(size))
    # the data's gradient, at most: |∂ℒ/∂z₁| |x|, with |∂ℒ/∂z₁| from the last hidden layer's by theory's decay
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
        if value != value:  # no gradient arrived that could be measured
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

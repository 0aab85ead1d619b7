"""What a training must obey: its optimizer's formula, exact laws of gradients, and mean-field theory at the start."""

from __future__ import annotations

from math import hypot, log, sqrt

import numpy as np

from demos.contract import Check
from demos.networks.monitor import Run
from demos.networks.theory import Prediction, predict
from demos.networks.theory.mean_field import initial_variances
from demos.networks.training.config import OPTIMIZER_LABELS, TrainingConfig
from demos.networks.training.identities import NORM_EPSILON, ROUNDING
from demos.networks.training.optimizers import MUON_LARGEST
from demos.networks.training.train import Trained

UNIT = 2.0**-24  # half the spacing of float32 beside 1: what a weight's rounding adds to a step
RESOLVED = 1e-3  # of a step: where the weights' rounding is less than that
BFLOAT = 0.25  # of Muon's step: bfloat16 rounds by 2⁻⁹, and the quintic raises empty directions 3.4445⁵ = 485-fold
NORMS = 2e-5  # of norms in float32
CONSTANT = 1e-4  # standard deviation of outputs over examples below which a network is a constant
CHANCE = 0.02  # of ln 2: what a constant that follows the batches' shares of classes can lose or gain
FADED = -6.0  # log10 of the gradient's decay below which only the penalty is felt
STEP, DECAY, HALF = "step of a layer over its formula", "log₁₀ of |∂ℒ/∂z|, first layer over last", "to the middle"
FIRST_LOSS, END = "loss before the first step", "loss at the end"
CLIPPED = "|g| after clipping over its formula"
SHARE = "|Δθ| / |θ| over lr"
PENALTY, SHRINKS = "|g| of the first layer over |∇R|", "|θ| of the first layer, end over start"


def prediction_of(config: TrainingConfig, trained: Trained) -> Prediction:
    """Mean-field theory for the hidden layers, with the inputs' own mean square."""
    inputs = 2 if config.classes else 1
    return predict(
        config.depth - 1, config.width, config.activation, config.init, config.normalization, config.skip,
        gain=config.gain, inputs=inputs, second_moment=trained.second_moment,
    )  # fmt: skip


def matrices(run: Run) -> list[int]:
    """Rows of the linear layers, in their order."""
    return [i for i, layer in enumerate(run.layers) if layer.kind == "Linear"]


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
    rows = []
    for name, layer in ((DECAY, first), (f"{DECAY} · {HALF}", middle)):
        spread = float(prediction.spread[layer])
        slack = log(10) * spread**2 + (layers - 1 - layer) / (config.width * log(10))
        rows.append(
            Check(
                name,
                float(found[layer]),
                float(prediction.gradient[layer]),
                # a few samples' worth of the loss's gradient stand for all: as much again as networks differ
                uncertainty=hypot(spread, 0.5 / sqrt(config.width) / log(10)),
                floor=slack,
                source="mean-field theory, before the first step",
                note=f"layer {layer + 1} over layer {layers}",
                incomparable=trouble,
            )
        )
    return rows[: 2 if layers - first >= 6 else 1]


def step_rows(config: TrainingConfig, trained: Trained) -> list[Check]:
    """|Δθ| of the layers and steps on the picture, beside what the optimizer's equations make of the gradients."""
    rows = matrices(trained.run)
    update, weight = (trained.run.series[name][:, rows] for name in ("update", "weight"))
    count = min(len(update), len(trained.due))
    update, weight, due = update[:count], weight[:count], trained.due[:count, : len(rows)]
    muon, whole = config.optimizer == "muon", update
    if muon:  # of all layers together: what rounding in bfloat16 makes of one layer's empty directions is chance
        update, weight, due = (np.sqrt((part**2).sum(1, keepdims=True)) for part in (update, weight, due))
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.isfinite(update) & np.isfinite(due) & (UNIT * weight < RESOLVED * due)
        ratio = update / due
    if not known.any():
        return []
    worst = np.unravel_index(np.argmax(np.where(known, np.abs(ratio - 1), -1)), ratio.shape)
    found = [
        Check(
            STEP,
            float(ratio[worst]),
            1.0,
            floor=(BFLOAT if muon else 0.0) + RESOLVED + NORMS,
            source=f"the equations of {OPTIMIZER_LABELS[config.optimizer].split(':')[0]}, from all gradients so far",
            note=("all layers" if muon else f"layer {worst[1] + 1}")
            + f" at step {trained.steps[worst[0]]}, the worst of {int(known.sum())}",
        )
    ]
    apart = trained.apart[:count]
    sizes = np.sqrt(np.nansum(due**2, 1)), np.sqrt(np.nansum(weight**2, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        clear = np.isfinite(apart) & (UNIT * sizes[1] < RESOLVED * sizes[0])
    if clear.any():
        found.append(
            Check(
                "step beside its formula, |difference| / |Δθ|",
                float(apart[clear].max()),
                0.0,
                floor=RESOLVED + NORMS,
                source="the same equations, component by component",
                note=f"the worst of {int(clear.sum())} steps",
            )
        )
    if muon:
        shapes = [trained.run.layers[row].size for row in rows]
        found += muon_rows(config, whole, shapes)
    if config.optimizer == "lars":
        own = np.sqrt(np.maximum(weight**2 - trained.frozen**2, 0))
        moving = np.isfinite(update) & (UNIT * weight < RESOLVED * update)
        if moving.any():
            share = (update / own)[moving] / config.lr
            found.append(
                Check(
                    SHARE,
                    float(share[np.argmax(np.abs(share - 1))]),
                    1.0,
                    floor=RESOLVED + NORMS,
                    source="You et al. 2017: every layer moves by lr of its size",
                    note="the worst layer and step; biases do not move",
                )
            )
    return found


def muon_rows(config: TrainingConfig, update: np.ndarray, sizes: list[int]) -> list[Check]:
    """Muon's step has no singular value above the quintic's largest, whatever the gradient."""
    n, inputs = config.width, 2 if config.classes else 1
    shapes = [(n, inputs), *[(n, n)] * (len(sizes) - 2), (inputs, n)]
    most = np.array([config.lr * sqrt(max(1, m / k) * min(m, k)) for m, k in shapes])
    share = update / most
    return [
        Check(
            "largest |Δθ| over lr √(max(1, m/n) rank)",
            float(np.nanmax(share)),
            MUON_LARGEST,
            bound="upper",
            floor=BFLOAT,
            source="the quintic's largest value: Muon's steps do not know how large the gradient is",
            note=f"the smallest is {float(np.nanmin(share)):.2f}; 1 where all directions are filled",
        )
    ]


def clip_rows(config: TrainingConfig, trained: Trained) -> list[Check]:
    """|g| after clipping: n where n ≤ max, else max · n/(n + 10⁻⁶)."""
    if not config.clip:
        return []
    before, after = trained.run.total("gradient"), trained.run.total("clipped")
    known = np.isfinite(before) & np.isfinite(after) & (before > 0)
    if not known.any():
        return []
    n = before[known]
    due = n * np.minimum(1.0, config.clip / (n + 1e-6))
    ratio = after[known] / due
    share = float((n > config.clip).mean())
    return [
        Check(
            CLIPPED,
            float(ratio[np.argmax(np.abs(ratio - 1))]),
            1.0,
            floor=NORMS,
            source="min(1, max/(n + 10⁻⁶)) · n",
            note=f"the worst of {int(known.sum())} steps; {share:.0%} of them were clipped",
        )
    ]


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

"""Rules about units and layers: dead, saturated, unused; and notes on effects that look bad but are harmless."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import counted
from demos.networks.monitor.evidence import Evidence
from demos.networks.monitor.report import Finding
from demos.networks.monitor.rules_gradients import BEHIND, GROWN, STILL, Findings, power

MOST_DEAD = 0.8  # share of dead units for an alarm: half may be dead by chance, if a layer gets equal inputs
ALL_DEAD = 0.999
HALF_DEAD = 0.5
FLAT = 0.1  # mean slope over the largest one below which units are saturated


def dead(evidence: Evidence, _: Findings) -> Findings:
    """Rectified units that are 0 for every sample, batch after batch: no gradient reaches them or passes through."""
    silent = evidence.typical("silent")
    known = np.flatnonzero(np.isfinite(silent))
    if not len(known):
        return []
    worst = int(known[np.argmax(silent[known])])
    mean = float(silent[known].mean())
    blocked = int((silent[known] > ALL_DEAD).sum())
    if silent[worst] < HALF_DEAD:
        return []
    grave = blocked > 0 or mean > MOST_DEAD
    text = f"{mean:.0%} of the rectified units are 0 for every sample of all batches; {silent[worst]:.0%} in this layer"
    text += f"; {blocked} layers let no gradient through at all." if blocked else "."
    return [
        Finding(
            "dead",
            "alarm" if grave else "note",
            evidence.name(worst),
            text,
            "the biases are too far below zero, or a large step pushed them there; a dead unit has no gradient"
            if grave
            else "all samples look alike to these layers, so that a unit is on for all or off for all",
            "start from zero biases and lower the learning rate; nn.LeakyReLU or nn.GELU cannot die."
            if grave
            else "nothing while the loss falls; normalization or He's initial weights tell samples apart.",
            mean if grave else float(silent[worst]),
        )
    ]


def saturated(evidence: Evidence, _: Findings) -> Findings:
    """Sigmoids and tanhs on their flat parts, by their mean slope, which multiplies the gradient."""
    layers = evidence.run.layers
    share = evidence.typical("slope") / np.array([each.greatest for each in layers])
    bounded = np.array(
        [each.activation in ("tanh", "sigmoid", "hardtanh", "hardsigmoid", "softsign") for each in layers]
    )
    flat = bounded & (share < FLAT)
    if not flat.any():
        return []
    worst = int(np.nanargmin(np.where(flat, share, np.nan)))
    return [
        Finding(
            "saturated",
            "warning",
            evidence.name(worst),
            f"the mean slope is {share[worst]:.1%} of the greatest possible in this layer; {int(flat.sum())} of "
            f"{int(bounded.sum())} such layers are below {FLAT:.0%}.",
            "what goes into the activation is too large, so that it stands on its flat part",
            "smaller initial weights, or a normalization layer before the activation.",
            float(share[worst]),
        )
    ]


def unused(evidence: Evidence, _: Findings) -> Findings:
    """Parameters that get no gradient, that no optimizer moves, or whose gradient is exactly 0."""
    run, found = evidence.run, []
    if not run.steps:
        return []
    gradient = evidence.first("clipped")
    trained = [i for i, each in enumerate(run.layers) if each.size and each.trainable]
    moved = [i for i in trained if run.layers[i].optimizer is not None or not run.optimizers]
    none = [i for i in moved if np.isnan(gradient[i])]
    if none:
        found.append(
            _names(
                evidence,
                none,
                "unused",
                "backward gives these parameters no gradient: the loss does not depend on them",
                "they are not used in forward, or their result is detached",
                "use them, or remove them.",
            )
        )
    left = [i for i in trained if i not in moved]
    if left:
        found.append(
            _names(
                evidence,
                left,
                "not_optimized",
                "these parameters want a gradient and no watched optimizer has them",
                "the optimizer was made before they were added, or from another list",
                "add them: optimizer.add_param_group({'params': …}); or freeze them: requires_grad_(False).",
            )
        )
    return found


def _names(evidence: Evidence, rows: list[int], code: str, said: str, cause: str, fix: str) -> Finding:
    names = ", ".join(evidence.run.layers[i].name for i in rows[:5]) + (" …" if len(rows) > 5 else "")
    return Finding(code, "note", names, f"{said}.", cause, fix, float(len(rows)))


def compensated(evidence: Evidence, earlier: Findings) -> Findings:
    """Gradients that vanish while all layers move, thanks to adaptive or normalized steps."""
    rows, gradient, ratio = evidence.matrices, evidence.rms_gradient, evidence.ratio
    scaled = rows & np.isin(evidence.families(), ("adaptive", "normalized"))
    if not scaled.any() or any(
        each.code in ("below_epsilon", "nonfinite", "dead") and each.severity == "alarm" for each in earlier
    ):
        return []
    small = scaled & (evidence.first("gradient") < BEHIND * np.nanmax(evidence.first("gradient")[rows], initial=0.0))
    small &= (ratio > STILL) & (gradient > 0)
    if not small.any():
        return []
    worst = int(np.nanargmin(np.where(small, evidence.first("gradient"), np.nan)))
    _, profile = evidence.profile
    predicted, _ = evidence.predicted_decay()
    name = evidence.optimizer(worst).name
    decay = float(np.log10(profile[0] / profile[-1])) if len(profile) > 1 else None
    return [
        Finding(
            "compensated",
            "note",
            evidence.name(worst),
            f"the gradient of {counted(int(small.sum()), 'layer')} starts below a thousandth of the largest, and "
            "they move by "
            f"{power(ratio[worst])} of their size a step all the same.",
            f"{name} divides the gradient by its own size, so it does not matter that it is small, while it is above ε",
            "nothing; plain gradient descent would stand still here.",
            decay,
            predicted,
        )
    ]


def backward_growth(evidence: Evidence, earlier: Findings) -> Findings:
    """Gradients that grow backward without harm, as with batch norm: by 1.467 per layer in |g|²."""
    rows, profile = evidence.profile
    if len(rows) < 3 or any(each.code in ("exploding", "nonfinite") for each in earlier):
        return []
    growth = float(profile[0] / profile[-1])
    if not growth > GROWN:
        return []
    predicted, _ = evidence.predicted_decay()
    batch = any(layer.kind.startswith("BatchNorm") for layer in evidence.run.layers)
    return [
        Finding(
            "backward_growth",
            "note",
            evidence.name(int(rows[0])),
            f"at the start |∂L/∂z| is {power(growth)} times as large here as in the last hidden layer; no step "
            "moves a layer by half of its size.",
            "batch norm amplifies gradients on the way back, π/(π − 1) = 1.467 per layer in |g|² for ReLU"
            if batch
            else "each layer multiplies the gradient by more than 1 on the way back",
            "nothing while the loss falls; skip connections or layer norm keep the gradient level.",
            float(np.log10(growth)),
            predicted,
        )
    ]

"""Rules about gradients and steps: non-finite, vanishing, below ε, exploding, too large, clipped, opposite, noisy."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import counted
from demos.networks.monitor.evidence import Evidence
from demos.networks.monitor.report import Finding

STILL = 1e-5  # |Δθ|/|θ| below which 10,000 steps move a layer by less than a tenth
BEHIND = 1e-3  # relative to the step of the fastest layer, or to the largest gradient
LARGE = 0.05  # |Δθ|/|θ| of a typical step so large that its gradient is not valid over it
WILD = 0.5  # |Δθ|/|θ| of a single step that replaces the layer rather than improves it
GROWN = 10.0  # |∂L/∂z| of the first layers over that of the last, at the start
CLIPPED = 0.9
OPPOSITE = -0.3
NOISY = 100.0  # noise scale in batches

Findings = list[Finding]


def power(value: float) -> str:
    """A number such as 3.2e-07 as text for a terminal."""
    return f"{value:.2g}" if np.isfinite(value) else str(value)


def nonfinite(evidence: Evidence, _: Findings) -> Findings:
    """The first nan or infinity."""
    run = evidence.run
    if run.nonfinite is None:
        return []
    layer, step, where = run.nonfinite["layer"], run.nonfinite["step"], run.nonfinite["where"]
    if where == "input":
        cause, fix = "the data hold nan or infinity", "check the batch with torch.isfinite before the model sees it."
    elif where == "loss":
        cause = "every output of a layer is finite, so the loss itself divides by 0 or takes the logarithm of 0"
        fix = "use a loss that works with logits (cross_entropy, binary_cross_entropy_with_logits)."
    elif where == "gradient":
        cause = (
            "the loss and the layers' outputs are finite and a derivative is not: the root, logarithm or quotient of "
            "something that is 0, also where torch.where discards its value"
        )
        fix = "add ε inside the root or logarithm, or clamp what goes into it: torch.sqrt(x + 1e-12)."
    else:
        cause, fix = _diverged(evidence, step)
    verb = {"input": "gets an input", "weight": "has a weight", "update": "gets a weight by the update"}.get(where)
    what = {"activation": "its output", "gradient": "its gradient", "loss": "the value"}.get(where)
    said = f"{layer} {verb} that is not finite" if verb else f"{layer}: {what} is not finite"
    return [Finding("nonfinite", "alarm", layer, f"{said}, first at step {step}.", cause, fix, float(step))]


def _diverged(evidence: Evidence, step: int) -> tuple[str, str]:
    """Cause and fix for weights or activations that overflowed: too large steps, if the run shows such steps."""
    run = evidence.run
    ratio, total = run.ratio(), run.total("clipped")
    largest = np.nanmax(ratio[:, evidence.matrices], initial=0.0) if len(ratio) else 0.0
    known = total[np.isfinite(total) & (total > 0)]
    growth = known[-1] / known[0] if len(known) > 1 else 1.0
    rate = run.optimizers[0].settings.get("lr") if run.optimizers else None
    lower = f"try lr = {rate / 10:.2g} instead of {rate:.2g}" if rate else "lower the learning rate tenfold"
    if largest > LARGE or growth > 10:
        seen = f"a layer moved by {largest:.0%} of its size in one step" if largest > LARGE else ""
        seen += " and " if seen and growth > 10 else ""
        seen += f"the gradient grew {power(growth)} times before" if growth > 10 else ""
        return f"the learning rate is too large: {seen}", f"{lower}, or clip: clip_grad_norm_(model.parameters(), 1.0)."
    early = f"after {counted(step, 'step')}, between two that were measured, " if step else "at the first step "
    return (
        f"values overflowed {early}: the learning rate is too large, or the initial weights are",
        f"{lower}; if it happens at step 0, scale the initial weights down.",
    )


def vanishing(evidence: Evidence, earlier: Findings) -> Findings:
    """Layers that plain gradient descent hardly changes, because their gradient is tiny relative to the others'."""
    ratio, gradient, rows = evidence.ratio, evidence.rms_gradient, evidence.matrices
    families = evidence.families()
    behind = rows & (ratio < STILL) & (ratio < BEHIND * np.nanmax(ratio[rows], initial=0.0))
    behind &= (gradient < BEHIND * np.nanmax(gradient[rows], initial=0.0)) & (gradient > 0) & (families != "adaptive")
    if not behind.any() or any(each.code == "exploding" for each in earlier):
        return []
    worst = int(np.nanargmin(np.where(behind, ratio, np.nan)))
    _, profile = evidence.profile
    decay = float(np.log10(profile[0] / profile[-1])) if len(profile) > 1 else None
    predicted, _ = evidence.predicted_decay()
    count, total = int(behind.sum()), int(rows.sum())
    evidence_text = (
        f"{count} of {counted(total, 'layer')} stand still: |Δθ|/|θ| is {power(ratio[worst])} a step here, "
        f"{power(float(np.nanmax(ratio[rows])))} where it is largest"
    )
    if decay is not None:
        evidence_text += (
            f"; at the start log10 of |∂L/∂z| falls by {-decay:.1f} from the last hidden layer to the first"
        )
    return [
        Finding(
            "vanishing",
            "alarm",
            evidence.name(worst),
            evidence_text + ".",
            _vanishing_cause(evidence),
            _vanishing_fix(evidence),
            decay,
            predicted,
        )
    ]


def _vanishing_cause(evidence: Evidence) -> str:
    slopes = [each.activation for each in evidence.run.layers if each.activation]
    rows = len(evidence.profile[0])
    cause = "each layer multiplies the gradient by less than 1 on the way back"
    if "sigmoid" in slopes:
        return cause + ": the slope of a sigmoid is at most 1/4"
    if evidence.run.predicted is not None and rows > 1:
        return cause + "; torch's default for nn.Linear, σ_w² = 1/3, gives 0.41 for ReLU and up to 0.58 for tanh"
    return cause


def _vanishing_fix(evidence: Evidence) -> str:
    slopes = [each.activation for each in evidence.run.layers if each.activation]
    if "sigmoid" in slopes:
        return "replace nn.Sigmoid by nn.ReLU with nn.init.kaiming_normal_ weights, or add skip connections."
    if "tanh" in slopes:
        return "nn.init.xavier_normal_(layer.weight, gain=5/3) for each layer, or add skip connections."
    return (
        "nn.init.kaiming_normal_(layer.weight) for each layer; or Adam, whose step does not shrink with the gradient."
    )


def below_epsilon(evidence: Evidence, _: Findings) -> Findings:
    """Gradients so small that Adam's ε determines the step."""
    rows, gradient, ratio = evidence.matrices, evidence.rms_gradient, evidence.ratio
    found = []
    epsilon = np.array([evidence.optimizer(i).settings.get("eps", np.nan) for i in range(len(rows))])
    below = rows & (evidence.families() == "adaptive") & (gradient < 10 * epsilon) & (gradient > 0)
    if below.any():
        worst = int(np.nanargmin(np.where(below, gradient, np.nan)))
        stands = ratio[worst] < STILL and gradient[worst] < epsilon[worst]
        predicted, _ = evidence.predicted_decay()
        found.append(
            Finding(
                "below_epsilon",
                "alarm" if stands else "note",
                evidence.name(worst),
                f"the gradient's root mean square is {power(gradient[worst])}, ε is {power(epsilon[worst])}; the layer "
                f"moves by {power(ratio[worst])} of its size a step; {int(below.sum())} of "
                f"{counted(int(rows.sum()), 'layer')} "
                "are below 10 ε.",
                "gradients vanish on the way back; where |g| < ε the step of Adam is lr·g/ε, as small as the gradient",
                _vanishing_fix(evidence)
                if stands
                else "a smaller eps, such as 1e-12, if these layers should learn faster.",
                float(np.log10(gradient[worst])),
                predicted,
            )
        )
    return found


def exploding(evidence: Evidence, _: Findings) -> Findings:
    """Gradients that grow backward through the layers, with steps too large for them."""
    rows, profile = evidence.profile
    ratio = evidence.run.ratio()[:, evidence.matrices]
    if len(rows) < 3 or not np.isfinite(ratio).any():
        return []
    growth, largest = float(profile[0] / profile[-1]), float(np.nanmax(ratio))
    if not (growth > GROWN and largest > WILD):
        return []
    step = evidence.run.steps[int(np.nanargmax(np.nanmax(np.where(np.isnan(ratio), -1, ratio), 1)))]
    predicted, _spread = evidence.predicted_decay()
    return [
        Finding(
            "exploding",
            "alarm",
            evidence.name(int(rows[0])),
            f"at the start |∂L/∂z| is {power(growth)} times as large here as in the last hidden layer, and step {step} "
            f"moves a layer by {largest:.0%} of its size.",
            "each layer multiplies the gradient by more than 1 on the way back: the network is chaotic, nearby inputs "
            "end far apart, and a gradient is true only very near to where it was taken",
            "scale the initial weights down (gain 1 for tanh, √2 for ReLU), add normalization, or clip the gradient.",
            float(np.log10(growth)),
            predicted,
        )
    ]


def large_steps(evidence: Evidence, earlier: Findings) -> Findings:
    """Steps that change a layer by a tenth of itself."""
    rows, ratio = evidence.matrices, evidence.ratio
    large = rows & (ratio > 2 * LARGE)
    if not large.any() or any(each.code in ("nonfinite", "exploding") for each in earlier):
        return []
    worst = int(np.nanargmax(np.where(large, ratio, np.nan)))
    return [
        Finding(
            "large_steps",
            "warning",
            evidence.name(worst),
            f"a typical step moves this layer by {ratio[worst]:.0%} of its size; 0.1 % is usual.",
            "the learning rate is too large for this layer",
            "a lower learning rate, or a parameter group with its own for this layer.",
            float(ratio[worst]),
        )
    ]


def clipping(evidence: Evidence, _: Findings) -> Findings:
    """Clipping at nearly every step: the learning rate is then lr / |g|."""
    fraction = evidence.run.clip_fraction()
    if not fraction > CLIPPED or len(evidence.run.steps) < 3:
        return []
    before, after = (np.nanmedian(evidence.run.total(name)) for name in ("gradient", "clipped"))
    return [
        Finding(
            "clipping",
            "warning",
            evidence.run.model,
            f"{fraction:.0%} of the measured steps were clipped; |g| is typically {power(before)} before and "
            f"{power(after)} after.",
            "the threshold is below the usual gradient, so every step has the same length: clipping has become a "
            "normalized gradient with another learning rate",
            "cure what makes the gradient large, or choose max_norm above its usual size and a lower learning rate.",
            fraction,
        )
    ]


def opposite(evidence: Evidence, _: Findings) -> Findings:
    """Successive gradients with opposite directions: the step is near the stability limit."""
    noise = evidence.run.noise
    known = noise[np.isfinite(noise).all(1)]
    if len(known) < 3:
        return []
    length = known.sum(1)  # g₁·g₂ + ½|g₁ − g₂|² = ½(|g₁|² + |g₂|²)
    cosine = float(np.median(np.divide(known[:, 0], length, out=np.zeros(len(known)), where=length > 0)))
    if cosine > OPPOSITE:
        return []
    return [
        Finding(
            "opposite",
            "warning",
            evidence.run.model,
            f"the cosine between successive gradients is {cosine:.2f}.",
            "each step overshoots the valley's floor: the learning rate is near 2/λ_max, the limit of stability",
            "a lower learning rate, or decay it: torch.optim.lr_scheduler.CosineAnnealingLR.",
            cosine,
        )
    ]


def noise(evidence: Evidence, _: Findings) -> Findings:
    """A gradient that is mostly noise."""
    scale, batch = evidence.run.noise_scale(), evidence.run.batch_size
    if not scale > NOISY:
        return []
    samples = f", {power(scale * batch)} samples" if batch else ""
    return [
        Finding(
            "noise",
            "note",
            evidence.run.model,
            f"the noise scale is {power(scale)} batches{samples}: the gradient of one batch is almost all noise.",
            "the batch is small beside the noise scale, as late in training it usually is",
            "a larger batch (or accumulated gradients), or a smaller learning rate.",
            scale,
        )
    ]

"""What a training says of itself beside the same network in NumPy, and its steps beside its optimizer's equations."""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.common.numbers import counted
from demos.contract import Check
from demos.networks.tasks import again
from demos.networks.tasks.config import OPTIMIZERS, TasksConfig
from demos.networks.tasks.data import batch_of
from demos.networks.tasks.train import RESOLVED, Look, Trained

RIGHT, END = "right answers on fresh examples", "loss at the end"
SLOPES = "|∂ℒ/∂θ| of layers, over the loss's slope along it"
MOVE = 1e-7  # of a layer's weights, in differences: few units are switched on or off within
ROUNDING = 3e-5  # of losses, logits and norms in float32
KINKS = 5e-3  # of a slope: units that ReLU switches within a difference
TINY = 1e-15  # norms whose squares float32 cannot hold
SOME = 3  # looks at which slopes are taken


def checks_of(config: TasksConfig, variant: str, trained: Trained) -> list[Check]:
    """The rows of one variant."""
    looks = trained.looks
    owns = [again.split(trained.names, trained.shapes, look.weights) for look in looks]
    return [
        *answers(config, variant, trained, owns),
        end(config, trained),
        slopes(config, variant, trained, owns),
        profile(trained),
        losses(config, variant, trained, owns),
        steps(config, trained),
    ]


def answers(config: TasksConfig, variant: str, trained: Trained, owns: list[again.Weights]) -> list[Check]:
    """The share of right answers, and all that was said at the looks."""
    x, y = trained.task.fresh_x.double().numpy(), trained.task.fresh_y.numpy()
    x = x.astype(int) if config.kind == "transformer" else x
    apart, right, close = 0.0, 0.0, 0.0
    for look, own in zip(trained.looks, owns, strict=True):
        logits = again.logits(config, variant, own, x).reshape(-1, trained.task.classes)
        chances, due = again.softmax(logits), y.ravel()
        said = np.stack([chances[due == each].mean(0) for each in range(trained.task.classes)])
        best = np.sort(logits, 1)
        close = float((best[:, -1] - best[:, -2] < ROUNDING * (1 + np.abs(best).max())).mean())
        right = float((logits.argmax(1) == due).mean())
        apart = max(apart, largest(said, look.said), max(0.0, largest(right, look.right) - close))
    chance = 1 / trained.task.classes
    return [
        Check(
            RIGHT,
            trained.looks[-1].right,
            None,
            floor=close + 1e-6,
            predicted=right,
            predicted_by="the same weights in NumPy",
            note=f"{y.size} answers; chance is {chance:.2f}",
        ),
        Check(
            "probabilities drawn, largest difference",
            apart,
            0.0,
            floor=ROUNDING * sqrt(config.blocks),
            source="the recorded weights in NumPy, float64",
            note=f"{len(trained.looks)} looks, and their shares of right answers",
        ),
    ]


def largest(one: np.ndarray | float, other: np.ndarray | float) -> float:
    """Largest difference; infinite where only one of both is a number, which `max` would pass over."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    both = np.isfinite(one) & np.isfinite(other)
    if (np.isfinite(one) != np.isfinite(other)).any():
        return float("inf")
    return float(np.abs(one - other)[both].max(initial=0.0))


def end(config: TasksConfig, trained: Trained) -> Check:
    last = trained.losses[-max(1, len(trained.losses) // 8) :]
    classes = trained.task.classes
    return Check(
        END,
        float(last.mean()),
        None,
        why="how well a network learns, no theory says",
        note=f"mean over the last eighth; chance is ln {classes} = {np.log(classes):.3f}",
    )


def some(trained: Trained) -> list[tuple[int, Look]]:
    """The first look, one in the middle and the last at which a step was made."""
    return [(i, trained.looks[i]) for i in np.rint(np.linspace(0, len(trained.looks) - 2, SOME)).astype(int)]


def slopes(config: TasksConfig, variant: str, trained: Trained, owns: list[again.Weights]) -> Check:
    """A gradient's length is the loss's slope along it, and a wrong direction has a smaller one. The monitor's numbers
    at the first, the middle and the last matrix, beside differences of the loss in NumPy."""
    rows = trained.matrices
    ratios, said = [1.0], "no layer has a gradient"
    for index, look in some(trained):
        x, y = (part.numpy() for part in batch_of(config, trained.task, look.step, trained.order))
        pieces = again.split(trained.names, trained.shapes, look.gradient)
        for row in {rows[0], rows[len(rows) // 2], rows[-1]}:
            layer, own = trained.run.layers[row].name, owns[index]
            names = [name for name in trained.names if name.rpartition(".")[0] == layer]
            length = sqrt(sum(float((pieces[name] ** 2).sum()) for name in names))
            size = sqrt(sum(float((own[name] ** 2).sum()) for name in names))
            if not length * size * MOVE > 1e-11:  # differences of a loss near 1, in float64, see no smaller one
                continue
            ends = []
            for sign in (1, -1):
                moved = {name: own[name] + sign * MOVE * size / length * pieces[name] for name in names}
                ends.append(again.loss(config, variant, own | moved, x, y))
            slope = (ends[0] - ends[1]) / (2 * MOVE * size)
            ratios.append(float(trained.run.series["gradient"][look.row, row]) / slope if slope else np.inf)
            if abs(ratios[-1] - 1) >= max(abs(r - 1) for r in ratios):
                said = f"layer {layer} at step {look.step}"
    worst = max(ratios, key=lambda r: abs(r - 1) if r == r else np.inf)
    return Check(
        SLOPES,
        float(worst),
        1.0,
        floor=KINKS,
        source="central differences of the loss in NumPy",
        note=f"the worst of {len(ratios) - 1}: {said}",
    )


def profile(trained: Trained) -> Check:
    """All that the panel of gradients shows: autograd's gradient, summed up apart from the monitor."""
    drawn, own = trained.run.series["gradient"][:, trained.matrices], trained.lengths
    seen = (drawn > TINY) | (own > TINY)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(seen, drawn / own, 1.0)
    off = np.where(np.isfinite(own), np.nan_to_num(np.abs(ratio - 1), nan=np.inf), 0.0)
    worst = np.unravel_index(int(off.argmax()), off.shape)
    return Check(
        "gradients drawn, over the norms of the gradients that arrive",
        float(ratio[worst]),
        1.0,
        floor=ROUNDING,
        source="the square root of the sum of squares",
        note=f"the worst of {off.size} matrices and steps",
    )


def losses(config: TasksConfig, variant: str, trained: Trained, owns: list[again.Weights]) -> Check:
    worst = 0.0
    for look, own in zip(trained.looks[:-1], owns, strict=False):
        x, y = (part.numpy() for part in batch_of(config, trained.task, look.step, trained.order))
        wanted = again.loss(config, variant, own, x, y)
        worst = max(worst, largest(float(trained.losses[look.step]), wanted) / (1 + np.nan_to_num(wanted)))
    return Check(
        "loss of the batch, largest difference",
        worst,
        0.0,
        floor=ROUNDING * sqrt(config.blocks),
        source="the recorded weights in NumPy, float64",
        note=f"{len(trained.looks) - 1} looks",
    )


def steps(config: TasksConfig, trained: Trained) -> Check:
    """Where rounding the weights does not swallow the step."""
    known = [0.0, *(look.apart for look in trained.looks[:-1] if look.apart == look.apart)]
    return Check(
        "steps beside their equations, |difference| / |Δθ|",
        max(known),
        0.0,
        floor=RESOLVED + ROUNDING,
        source=f"the equations of {OPTIMIZERS[config.optimizer].split(',')[0]}, from all gradients so far",
        note=f"the worst of {counted(len(known) - 1, 'step')}",
    )

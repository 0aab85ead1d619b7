"""One training, or two side by side: watched, diagnosed, drawn, compared. Pure: same config, same bytes."""

from __future__ import annotations

from demos.common.numbers import number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.training.checks import DECAY, checks_of
from demos.networks.training.config import BESIDE, TrainingConfig
from demos.networks.training.laws import PENALTY, SHRINKS
from demos.networks.training.muon import SPECTRAL
from demos.networks.training.picture import Kind, picture
from demos.networks.training.steps import SHARE
from demos.networks.training.tables import tables_of
from demos.networks.training.train import train

WORDS = {
    "vanishing": "gradients vanish",
    "below_epsilon": "gradients are below Adam's ε",
    "exploding": "gradients explode",
    "nonfinite": "a value is not finite",
    "dead": "units are dead",
    "large_steps": "steps are too large",
    "clipping": "every step is clipped",
    "opposite": "steps go back and forth",
    "noise": "the gradient is noise",
    "saturated": "units are saturated",
    "unused": "parameters are unused",
    "compensated": "small gradients, and the optimizer makes up for them",
    "backward_growth": "gradients grow on the way back, and it learns",
    "not_optimized": "parameters are not trained",
}


@demo_run
def run(config: TrainingConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Training under the monitor as a function of its config."""
    other = config.other()
    configs = [config.replace(beside="none"), *([other] if other is not None else [])]
    labels = [""] if other is None else ["as chosen", BESIDE[config.beside][0]]
    kinds = [
        Kind(each, train(each, part(progress, index, len(configs))), label)
        for index, (each, label) in enumerate(zip(configs, labels, strict=True))
    ]
    drawn = picture(kinds)
    if on_picture is not None:
        on_picture(drawn)
    rows = [[row.labelled(kind.label) for row in checks_of(kind.config, kind.trained)] for kind in kinds]
    longest = max(map(len, rows))
    checks = [own[i] for i in range(longest) for own in rows if i < len(own)]
    warnings = [
        f"{kind.titled('The loss')} was not finite at step {kind.trained.stopped}: the training ended there."
        for kind in kinds
        if kind.trained.stopped is not None
    ]
    if progress is not None:
        progress(1.0)
    return Result(drawn, tuple(checks), tables_of(kinds), warnings=tuple(warnings), headline=headline(kinds, checks))


def headline(kinds: list[Kind], checks: list[Check]) -> str:
    """The headline: a row that differs, or else the most severe finding of each network and its result."""
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.predicted if wrong.predicted is not None and not wrong.meets_prediction else wrong.truth or 0.0
        return f"Not as it must be: {wrong.name}, {number(wrong.measured)} where {number(due)} is due."
    texts = [_judged(kind, checks) for kind in kinds]
    text = "; ".join(texts)
    return f"{text[0].upper()}{text[1:]}."


def _lesson(kind: Kind, row: Check) -> str:
    """What an unusual step or a penalty does, if the row measures it of this network; else ""."""
    name, _, label = row.name.partition(" · ")
    if label != kind.label or not row.agrees:
        return ""
    if name == SHRINKS:
        return f"the penalty alone moves the first layer, to {row.measured:.1%} of its size"
    if name == PENALTY:
        return "only the penalty is felt in the first layer"
    if name == SHARE:
        return f"every layer moves by {number(100 * row.measured * kind.config.lr)} % of its size at each step"
    if name == SPECTRAL:
        return f"no direction of a step exceeds {number(row.measured)} lr, however long the gradient is there"
    return ""


def _judged(kind: Kind, checks: list[Check]) -> str:
    report, trained = kind.trained.report, kind.trained
    lead = f"{kind.label}: " if kind.label else ""
    grave = [finding for finding in report.findings if finding.severity != "note"]
    alarms = [finding for finding in grave if finding.severity == "alarm"]
    lesson = next((text for row in checks if (text := _lesson(kind, row))), "")
    if lesson and not alarms and trained.stopped is None and kind.config.classes:
        return f"{lead}{lesson}; {trained.accuracy[-1]:.0%} of fresh examples right"
    shown = grave[:1] or [f for f in report.findings if f.code in ("compensated", "backward_growth")][:1]
    said = WORDS.get(shown[0].code, shown[0].code) if shown else "no alarm"
    decay = next((row for row in checks if row.name == (f"{DECAY} · {kind.label}" if kind.label else DECAY)), None)
    if decay is not None and decay.state is State.AGREES and shown and shown[0].code in ("vanishing", "below_epsilon"):
        said += f", {number(-decay.measured)} decades on the way back as theory says"
    elif decay is not None and decay.state is State.AGREES and not shown:
        said += f", gradients × {number(10.0**decay.measured)} on the way back"
    if trained.stopped is not None:
        return f"{lead}{said} at step {trained.stopped}"
    if kind.config.classes:
        return f"{lead}{said}; {trained.accuracy[-1]:.0%} of fresh examples right"
    return f"{lead}{said}; error {number(float(trained.accuracy[-1]))} on fresh examples"

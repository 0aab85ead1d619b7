"""One run: two variants learn the same task, side by side. Pure: same config, same bytes."""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress, checkpoint, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.tasks.checks import checks_of
from demos.networks.tasks.config import LABELS, TasksConfig
from demos.networks.tasks.picture import Kind, blocks, picture
from demos.networks.tasks.train import train


@demo_run
def run(config: TasksConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """A toy task as a function of its config."""
    kinds = [
        Kind(variant, train(config, variant, part(progress, index, len(config.variants), 0.6)))
        for index, variant in enumerate(config.variants)
    ]
    drawn = picture(config, kinds)
    if on_picture is not None:
        on_picture(drawn)
    rows = []
    for kind in kinds:
        checkpoint()
        rows.append([row.labelled(LABELS[kind.variant]) for row in checks_of(config, kind.variant, kind.trained)])
    checks = [row for together in zip(*rows, strict=True) for row in together]
    if progress is not None:
        progress(1.0)
    return Result(drawn, tuple(checks), tables(kinds), headline=headline(kinds, checks))


def headline(kinds: list[Kind], checks: list[Check]) -> str:
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.truth if wrong.predicted is None else wrong.predicted
        return f"Not as it must be: {wrong.name}, {number(wrong.measured)} where {number(due or 0.0)} is due."
    words = [
        f"{LABELS[kind.variant]}: {kind.trained.looks[-1].right:.0%} of fresh answers right, loss "
        f"{number(float(blocks(kind.trained.losses)[1][-1]))}"
        for kind in kinds
    ]
    return f"{'; '.join(words)} (chance: {1 / kinds[0].trained.task.classes:.0%})."


def tables(kinds: list[Kind]) -> dict[str, pd.DataFrame]:
    """loss (series, step, y), profile (series, layer, y): before the first step and at the end; ratio (series, layer,
    y): |Δθ|/|θ| typical of the run; and the doctor's findings."""
    loss, profile, ratio, findings = [], [], [], []
    for kind in kinds:
        trained, name = kind.trained, LABELS[kind.variant]
        x, y = blocks(trained.losses)
        loss.append(pd.DataFrame({"series": name, "step": x, "y": y}))
        values, layer = trained.profile(), np.arange(1, len(trained.matrices) + 1)
        for words, row in (("first step", values[0]), ("end", values[-1])):
            good = np.isfinite(row)
            profile.append(pd.DataFrame({"series": f"{name}, {words}", "layer": layer[good], "y": row[good]}))
        with np.errstate(divide="ignore", invalid="ignore"):
            typical = np.median(trained.run.ratio()[:, trained.matrices], 0)
        good = np.isfinite(typical) & (typical > 0)
        ratio.append(pd.DataFrame({"series": name, "layer": layer[good], "y": typical[good]}))
        findings.append(trained.report.to_frame().assign(network=name))
    ends = [0, len(kinds[0].trained.losses)]
    loss.append(pd.DataFrame({"series": "exact: chance", "step": ends, "y": log(kinds[0].trained.task.classes)}))
    parts = {"loss": loss, "profile": profile, "ratio": ratio, "findings": findings}
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}

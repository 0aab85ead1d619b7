"""One run: a GAN, or two side by side, watched while they learn a ring. Pure: same config, same bytes."""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress, part
from demos.common.random_streams import generator
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.ring import law
from demos.networks.ring.checks import checks_of
from demos.networks.ring.config import BESIDE, RingConfig
from demos.networks.ring.picture import Kind, picture, smooth
from demos.networks.ring.train import NAMES, SHOWN, train

ALL = law.MODES


@demo_run
def run(config: RingConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """A GAN on a ring as a function of its config."""
    other = config.other()
    configs = [config.replace(beside="none"), *([other] if other is not None else [])]
    labels = [""] if other is None else ["As chosen", BESIDE[config.beside][0]]
    kinds = [
        Kind(each, train(each, part(progress, index, len(configs), 0.9)), label)
        for index, (each, label) in enumerate(zip(configs, labels, strict=True))
    ]
    clouds = [kind.clouds() for kind in kinds]
    true = law.sample(config.sigma, SHOWN, generator(config.seed, "true points that are shown"))
    drawn = picture(kinds, clouds, true)
    if on_picture is not None:
        on_picture(drawn)
    rows = [[row.labelled(kind.label) for row in checks_of(kind.config, kind.trained)] for kind in kinds]
    checks = [row for together in zip(*rows, strict=True) for row in together]
    if progress is not None:
        progress(1.0)
    return Result(drawn, tuple(checks), tables(kinds, clouds), headline=headline(kinds, clouds, checks))


def headline(kinds: list[Kind], clouds: list[list[law.Cloud]], checks: list[Check]) -> str:
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.truth if wrong.predicted is None else wrong.predicted
        return f"Not as it must be: {wrong.name}, {number(wrong.measured)} where {number(due or 0.0)} is due."
    words = []
    for kind, each in zip(kinds, clouds, strict=True):
        end = each[-1]
        lead = f"{kind.label}: " if kind.label else ""
        good = float(end.shares.sum())
        words.append(f"{lead}{end.held} of {ALL} modes held, {100 * good:.0f} % of the points in them")
    text = "; ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def tables(kinds: list[Kind], clouds: list[list[law.Cloud]]) -> dict[str, pd.DataFrame]:
    """ratio (series, step, ratio), modes (series, step, held), losses (series, step, loss), and findings."""
    ratio, modes, losses, findings = [], [], [], []
    for kind, each in zip(kinds, clouds, strict=True):
        trained, suffix = kind.trained, f" · {kind.label}" if kind.label else ""
        at = np.unique(np.rint(np.linspace(0, len(trained.norms) - 1, 300)).astype(int))
        names = {"series": f"generator over discriminator{suffix}", "step": at + 1}
        ratio.append(pd.DataFrame(names | {"ratio": smooth(trained.ratio)[at]}))
        held = [cloud.held for cloud in each]
        modes.append(pd.DataFrame({"series": f"modes held{suffix}", "step": trained.at, "held": held}))
        for player, name in enumerate(NAMES):
            y = smooth(trained.losses[:, player])[at]
            losses.append(pd.DataFrame({"series": f"{name}{suffix}", "step": at + 1, "loss": y}))
        findings.append(trained.report.to_frame().assign(network=kind.label))
    ends = [0, int(kinds[0].trained.at[-1])]
    modes.append(pd.DataFrame({"series": "exact: the data's", "step": ends, "held": ALL}))
    losses.append(pd.DataFrame({"series": "exact: 2 ln 2, true and made alike", "step": ends, "loss": 2 * log(2)}))
    parts = {"ratio": ratio, "modes": modes, "losses": losses, "findings": findings}
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}

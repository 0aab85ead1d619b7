"""One run: two variants of an architecture beside each other and beside theory. Pure: same config, same bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import counted, number
from demos.common.progress import Progress, part
from demos.common.random_streams import generator
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.architectures.checks import checks_of
from demos.networks.architectures.config import LABELS, ArchitecturesConfig
from demos.networks.architectures.law import law_of
from demos.networks.architectures.measure import images_of, measure
from demos.networks.architectures.picture import Kind, picture
from demos.networks.bench.shapes import images


@demo_run
def run(config: ArchitecturesConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The panel of architectures as a function of its config."""
    seen = np.concatenate([images_of(config, index) for index in range(config.networks)])
    moment = float((seen**2).mean()) if config.kind == "cnn" else 1.0
    kinds = []
    for index, variant in enumerate(config.variants):
        measured = measure(config, variant, part(progress, index, len(config.variants)))
        kinds.append(Kind(variant, measured, law_of(config, variant, moment)))
    drawn = picture(config, kinds, images(4, generator(config.seed, "an image to show"))[0])
    if on_picture is not None:
        on_picture(drawn)
    rows = [checks_of(config, kind.variant, kind.measured, kind.law) for kind in kinds]
    checks = [row for together in zip(*rows, strict=True) for row in together]
    return Result(drawn, tuple(checks), {"layers": table(kinds)}, headline=headline(config, kinds, checks))


def headline(config: ArchitecturesConfig, kinds: list[Kind], checks: list[Check]) -> str:
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"{wrong.name}: {number(wrong.measured)}, theory says {number(wrong.truth or 0.0)}."
    first, second = kinds
    if config.kind == "transformer":
        ratio = 10 ** float((first.measured.last - second.measured.last).mean())
        alike = [float(kind.measured.alike[:, -1].mean()) for kind in kinds]
        return (
            f"At the last matrix post-norm's gradient is {number(ratio)} times pre-norm's; its tokens have a cosine of "
            f"{number(alike[0])}, pre-norm's of {number(alike[1])}."
        )
    words = []
    for kind in kinds:
        decay = float(kind.measured.profile[:, 0].mean())
        if not np.isfinite(decay):
            words.append(f"{LABELS[kind.variant]}: some networks are dead")
            continue
        word = "shrink" if decay < 0 else "grow"
        words.append(f"{LABELS[kind.variant]}: gradients {word} {number(10 ** abs(decay), digits=2)}-fold")
    return f"{'; '.join(words)} through {counted(config.blocks - 1, 'layer')}."


def table(kinds: list[Kind]) -> pd.DataFrame:
    """Columns series, layer, factor: by which each layer multiplies |∂L/∂h| backward, mean over networks."""
    frames = []
    for kind in kinds:
        layer = np.arange(1, len(kind.law.gradient))
        for name, logs in (("", kind.measured.profile.mean(0)), ("exact (theory) · ", kind.law.gradient)):
            with np.errstate(invalid="ignore"):
                factor = 10 ** (logs[:-1] - logs[1:])
            frame = pd.DataFrame({"series": name + LABELS[kind.variant], "layer": layer, "factor": factor})
            frames.append(frame[np.isfinite(factor)])
    return pd.concat(frames, ignore_index=True)

"""One run of the panel: measure, predict, draw, compare. Pure: same config, same bytes."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np
import pandas as pd

from demos.common.numbers import counted, number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.depth.checks import DECAY, checks_of, finite_of
from demos.networks.depth.config import BESIDE_LABELS, DepthConfig
from demos.networks.depth.measure import measure
from demos.networks.depth.picture import Kind, picture
from demos.networks.theory import predict

FLAT = 0.3  # largest |log10| of a decay that is called flat: a factor of 2


@demo_run
def run(config: DepthConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Random networks as a function of their config."""
    other = config.other()
    configs = [config.replace(beside="none"), *([other] if other is not None else [])]
    labels = ["", ""] if len(configs) == 1 else ["as chosen", BESIDE_LABELS[config.beside]]
    kinds = []
    for index, (each, label) in enumerate(zip(configs, labels, strict=False)):
        prediction = predict(
            each.depth,
            each.width,
            each.activation,
            each.init,
            each.normalization,
            each.skip,
            gain=each.gain,
            batch=each.batch,
        )
        kinds.append(Kind(each, measure(each, part(progress, index, len(configs))), prediction, finite_of(each), label))
    drawn = picture(kinds)
    if on_picture is not None:
        on_picture(drawn)
    rows = [checks_of(kind.config, kind.measured, kind.prediction, kind.finite, kind.label) for kind in kinds]
    # batch norm, of whose finite width theory is silent, has fewer rows than the network beside it
    checks = [row for together in zip_longest(*rows) for row in together if row is not None]
    notes = [f"{kind.config.words()}: {kind.prediction.caveat}" for kind in kinds if not kind.prediction.valid]
    return Result(drawn, tuple(checks), _tables(kinds), tuple(notes), headline=_headline(kinds, checks))


def _headline(kinds: list[Kind], checks: list[Check]) -> str:
    different = next((row for row in checks if row.state is State.DIFFERS), None)
    if different is not None:
        return f"{different.name}: {number(different.measured)}, theory says {number(different.truth or 0.0)}."
    texts = [_what_happens(kind, row) for kind, row in zip(kinds, checks, strict=False)]
    return "; ".join(texts)[0].upper() + "; ".join(texts)[1:] + "."


def _what_happens(kind: Kind, row: Check) -> str:
    assert row.name.startswith(DECAY)
    maps = kind.config.depth - 1
    each = 10 ** (row.measured / maps)
    who = f"{kind.label}: " if kind.label else ""
    if abs(row.measured) < FLAT:
        text = f"gradients keep their size through {counted(maps, 'layer')}, × {number(each)} a layer"
    else:
        word = "shrink" if row.measured < 0 else "grow"
        factor = 10.0 ** abs(row.measured)
        through = f"through {counted(maps, 'layer')}, × {number(each)} a layer"
        text = f"gradients {word} {number(factor, digits=2)}-fold {through}"
    if row.state is State.NOT_COMPARABLE:
        return f"{who}{text}; theory does not hold here"
    return f"{who}{text} (theory × {number(10 ** ((row.truth or 0.0) / maps))})"


def _tables(kinds: list[Kind]) -> dict[str, pd.DataFrame]:
    """profile and multiplier: layer, y, series."""
    profiles, multipliers = [], []
    for kind in kinds:
        suffix = f" · {kind.label}" if kind.label else ""
        relative = (kind.measured.gradient - kind.measured.gradient[:, -1:]).mean(0)
        layer = np.arange(1, len(relative) + 1)
        for name, values in (("measured", relative), ("exact (theory)", kind.prediction.gradient)):
            profiles.append(pd.DataFrame({"layer": layer, "y": values, "series": name + suffix}))
        measured = 10 ** (2 * (relative[:-1] - relative[1:]))
        for name, values in (("measured", measured), ("exact (theory)", kind.prediction.multiplier)):
            multipliers.append(pd.DataFrame({"layer": layer[:-1], "y": values, "series": name + suffix}))
    return {"profile": pd.concat(profiles, ignore_index=True), "multiplier": pd.concat(multipliers, ignore_index=True)}

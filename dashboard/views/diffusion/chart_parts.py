"""Helpers that several charts of /diffusion share: cached studies, colours, the sampling floor as a series."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.runtime.run import cached
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.samplers import SAMPLERS
from demos.picture.colors import EXACT

COLORS = {sampler.label: sampler.color for sampler in SAMPLERS.values()}
FLOOR = "two true samples"
OWN_BUDGET = frozenset({"evaluations"})  # `without`, for studies that choose the number of evaluations themselves


def study(name: str, config: DiffusionConfig, function: Any, label: str, without: frozenset[str] = frozenset()) -> Any:
    """The value of the study `function(config, progress)`, cached by the settings on which it depends.

    Settings of the picture alone do not count, except for where the samples start. without: further settings on which
    the study does not depend. label: of the progress bar.
    """
    start = "data" if config.from_data else "prior"
    plain = config.replace(
        start=start, story="back", color="place", landscape=True, trails=False, probe=False, probe_x=1.0, probe_y=0.5
    )
    used = tuple(getattr(plain, field) for field in plain.controls() if field not in without)
    return cached((f"diffusion {name}", *used), lambda progress: function(plain, progress), label)


def series_of(frame: pd.DataFrame) -> dict[str, int]:
    """The colour of each series of a table: its sampler's, or else that of exact values."""
    return {name: COLORS.get(name, EXACT) for name in pd.unique(frame["series"])}


def with_floor(frame: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """The table with a further series: the distance of two true samples. No smaller distance is significant."""
    least = frame.drop_duplicates(x)
    return pd.concat([frame, least.assign(**{"series": FLOOR, y: least["floor"]})], ignore_index=True)

"""What several of the charts under the diffusion picture need: studies that are kept, colours, the sampling floor."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.runtime.run import cached
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.samplers import SAMPLERS
from demos.picture.colors import EXACT

COLORS = {sampler.label: sampler.color for sampler in SAMPLERS.values()}
FLOOR = "two true samples"
OWN_BUDGET = frozenset({"evaluations"})  # of studies that evaluate the score as often as they need


def study(name: str, config: DiffusionConfig, function: Any, label: str, without: frozenset[str] = frozenset()) -> Any:
    """A study, kept by the settings that it depends on: those of the picture are not among them, but for the start.

    without: further settings that make no difference to it.
    """
    start = "data" if config.from_data else "prior"
    plain = config.replace(
        start=start, story="back", color="place", landscape=True, trails=False, probe=False, probe_x=1.0, probe_y=0.5
    )
    used = tuple(getattr(plain, field) for field in plain.controls() if field not in without)
    return cached((f"diffusion {name}", *used), lambda progress: function(plain, progress), label)


def series_of(frame: pd.DataFrame) -> dict[str, int]:
    return {name: COLORS.get(name, EXACT) for name in pd.unique(frame["series"])}


def with_floor(frame: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """The distance of two true samples as a series of its own: nothing below it can be seen."""
    least = frame.drop_duplicates(x)
    return pd.concat([frame, least.assign(**{"series": FLOOR, y: least["floor"]})], ignore_index=True)

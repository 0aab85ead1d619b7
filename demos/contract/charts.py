"""Which charts stand under the picture of a system: plain data, drawn by the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demos.common.progress import Progress
from demos.contract.running import demo_run


@dataclass(frozen=True)
class Chart:
    """One chart of one table of a result.

    table: its name in `Result.tables`, a tidy frame with a column "series". kind: "lines", "points" (measured places,
    with error bars from the column `error` where there is one), "bars" (columns left, right, y) or "map" (columns x, y
    and label: coloured squares, one picture a series). Series whose name begins with "exact" are drawn in the colour of
    truths, dashed. sentence: what it shows and what to see in it, in one or two sentences; it is the caption, and the
    text for those who cannot see the chart.
    """

    table: str
    title: str
    x: str
    y: str
    x_title: str
    y_title: str
    sentence: str
    kind: str = "lines"
    log_x: bool = False
    log_y: bool = False
    error: str = ""


@dataclass(frozen=True)
class Study:
    """Something that is computed only when it is asked for, and kept: a tab under the picture.

    run(config, progress) -> a tidy frame with a column "series"; charts: drawn from it (their `table` is not used).
    on: the names of the config's fields that it depends on, so that other changes do not compute it anew. sentence:
    what is done and what to see, one or two sentences. columns: shown as a table beside the charts, name -> heading.
    """

    name: str
    title: str
    sentence: str
    run: Callable[[Any, Progress | None], Any]
    charts: tuple[Chart, ...]
    on: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "run", demo_run(self.run))  # as every demo's run

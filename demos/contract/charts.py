"""Descriptions of the charts under a picture, as plain data that the dashboard draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demos.common.progress import Progress
from demos.contract.running import demo_run

KINDS = ("lines", "points", "bars", "map")


@dataclass(frozen=True)
class Chart:
    """One chart of one table of a result.

    table: the name in `Result.tables` of a tidy data frame with a column "series". kind: "lines", "points" (measured
    values, with error bars if the column that `error` names exists), "bars" (columns left, right, y) or "map" (columns
    x, y and label: coloured squares, one image for each series). A series whose name begins with "exact" is drawn
    dashed, in the colour of exact results. sentence: what the chart shows and what to look for, in one or two
    sentences; it is both the caption and the text alternative for screen readers. Raises ValueError for another kind.
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

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind = {self.kind!r} of the chart {self.title!r} is not one of: {', '.join(KINDS)}.")


@dataclass(frozen=True)
class Study:
    """An expensive computation behind a tab under the picture: it runs when the tab is opened, and is cached.

    run(config, progress) -> a tidy data frame with a column "series". charts: drawn from that frame (their `table` is
    not used). depends_on: the names of the config fields that the study depends on; a change of another field does not
    compute it again. sentence: what is computed and what to look for, in one or two sentences. columns: the columns of
    the frame that are also shown as a table, name -> heading.
    """

    name: str
    title: str
    sentence: str
    run: Callable[[Any, Progress | None], Any]
    charts: tuple[Chart, ...]
    depends_on: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "run", demo_run(self.run))  # cancellable and on one thread, like a demo's run

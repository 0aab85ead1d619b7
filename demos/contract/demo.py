"""Demo: what the dashboard, the command line and the shared tests need to know of one demo."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from demos.common.progress import Progress
from demos.contract.charts import Chart, Study
from demos.contract.config import Config
from demos.contract.result import Result
from demos.contract.scene import Scene
from demos.picture import Picture

OnPicture = Callable[[Picture], None]
"""Called once with the finished picture, while the checks and tables are still to be computed."""


def _none(config: Any) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Demo:
    """One demo: its config, its run (a pure function of the config), and its texts, scenes and charts.

    equation: LaTeX with this page's E, T, M, and C, or a function that gives it for a config. formula: LaTeX of E
    itself, shown beside the controls; "" if the page writes its own. explanation: the article "How it works", in
    Markdown. charts, studies: config -> the charts and studies under its picture, as plain data.
    """

    name: str  # unique among all demos; also the path, /name, of a demo that is the only one of its family
    title: str
    sentence: str
    equation: str | Callable[[Any], str]
    config: type[Config]
    run: Callable[..., Result]  # run(config, progress=None), or run(config, progress=None, on_picture=None)
    scenes: tuple[Scene, ...]
    code: Callable[[Any], str]  # Python code that reproduces `run(config)` in an interpreter
    formula: str = ""
    explanation: str = ""
    charts: Callable[[Any], tuple[Chart, ...]] = _none
    studies: Callable[[Any], tuple[Study, ...]] = _none

    def equation_of(self, config: Config) -> str:
        """LaTeX of the equation of motion for this config."""
        return self.equation if isinstance(self.equation, str) else self.equation(config)

    @cached_property
    def marked(self) -> frozenset[str]:
        """The fields whose sliders have marks in any scene."""
        configs = (self.config(), *(scene.config for scene in self.scenes))
        return frozenset(name for config in configs for name in config.marks())

    def start(self, config: Config, progress: Progress | None, on_picture: OnPicture) -> Result:
        """Run the demo, and call `on_picture` once with the picture.

        A `run` that takes `on_picture` calls it itself, before the checks; for any other it is called at the end.
        A run must not raise ValueError after that call: its picture is on the screen already.
        """
        if "on_picture" in inspect.signature(self.run).parameters:
            return self.run(config, progress, on_picture=on_picture)
        result = self.run(config, progress)
        on_picture(result.picture)
        return result

"""Demo: one demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
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
    """One demo: a config, a pure function of it, and everything that is said and drawn about its runs.

    equation: LaTeX with this page's E, T, M, and C, or a function that gives it for a config. formula: LaTeX of E
    itself, shown beside the controls; "" where the page writes its own. explanation: the article "How it works",
    Markdown. charts, studies: what stands under the picture of a config, as plain data.
    """

    name: str  # unique among all demos; also its path, /name, where it is alone in its family
    title: str
    sentence: str
    equation: str | Callable[[Any], str]
    config: type[Config]
    run: Callable[..., Result]  # run(config, progress=None), and on_picture=None where the picture is known early
    scenes: tuple[Scene, ...]
    code: Callable[[Any], str]  # Python lines that reproduce `run(config)` from a plain prompt
    formula: str = ""
    explanation: str = ""
    charts: Callable[[Any], tuple[Chart, ...]] = _none
    studies: Callable[[Any], tuple[Study, ...]] = _none

    def equation_of(self, config: Config) -> str:
        """LaTeX of what this config follows."""
        return self.equation if isinstance(self.equation, str) else self.equation(config)

    def start(self, config: Config, progress: Progress | None, on_picture: OnPicture) -> Result:
        """`run`, and `on_picture` as soon as there is a picture: early, by a demo whose `run` takes it, or in the end.

        A run that has handed out its picture raises no ValueError any more: what is on the screen is its answer.
        """
        if "on_picture" in inspect.signature(self.run).parameters:
            return self.run(config, progress, on_picture=on_picture)
        result = self.run(config, progress)
        on_picture(result.picture)
        return result

"""`show(config)`: a picture with its verdict, played in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demos.contract import Config, Demo, Result
from demos.export.standalone import Run, standalone_of_several, states_of
from demos.export.standalone import standalone as one
from demos.picture.player.page import MOST, frame
from demos.registry import FAMILIES, family


@dataclass(frozen=True)
class Shown:
    """Runs of a demo that a notebook displays as the standalone player; height in CSS pixels."""

    demo: Demo
    runs: tuple[Run, ...]
    height: int = 720
    theme: str = "auto"

    @property
    def result(self) -> Result:
        """Of the first config."""
        return self.runs[0].result

    def html(self) -> str:
        """The page, as a file would hold it."""
        if len(self.runs) > 1:
            return standalone_of_several(self.demo, self.runs, theme=self.theme)
        return one(self.demo, self.runs[0].config, self.result, theme=self.theme)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file; gives its path."""
        path = Path(path)
        path.write_text(self.html(), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return frame(self.html(), self.height, self.demo.title)

    def __repr__(self) -> str:
        return "\n".join(run.result.verdict.headline for run in self.runs)


def show(
    config: Config, *more: Config, result: Result | None = None, demo: Demo | None = None, height: int = 720,
    theme: str = "auto",
) -> Shown:  # fmt: skip
    """Run a config, or up to 12 of one demo with a slider over them, for a notebook to display.

    result: of `config` alone, where it has been run already. demo: where the config is none of the registered demos'.
    theme: "auto", "light" or "dark". Raises ValueError for more than 12 configs, of no demo, or of several.
    """
    demo = demo_of(config) if demo is None else demo
    if 1 + len(more) > MOST:
        raise ValueError(f"{1 + len(more)} configs were given; a page has a slider over at most {MOST}.")
    strange = [one for one in more if type(one) is not type(config)]
    if strange:
        raise ValueError(f"{type(strange[0]).__name__} and {type(config).__name__} are configs of different demos.")
    first = Run(config, result) if result is not None else states_of(demo, [config])[0]
    return Shown(demo, (first, *states_of(demo, more)), height, theme)


def demo_of(config: Config) -> Demo:
    """The demo whose config this is. Imports no more than its page; raises ValueError where there is none."""
    module = type(config).__module__
    for name, package in FAMILIES.items():
        if module.startswith(f"demos.{package}."):
            return family(name).member_of(config)
    raise ValueError(
        f"{type(config).__name__} is no config of a registered demo: name it, as in show(config, demo=DEMO)."
    )

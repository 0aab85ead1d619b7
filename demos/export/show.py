"""`show(config)`: plays a picture with its verdict in a notebook."""

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
    """Runs of a demo that a notebook displays as a standalone page; height in CSS pixels."""

    demo: Demo
    runs: tuple[Run, ...]
    height: int = 720
    theme: str = "auto"

    @property
    def result(self) -> Result:
        """The result of the first config."""
        return self.runs[0].result

    def html(self) -> str:
        """The HTML of the standalone page."""
        first, *more = self.runs
        if more:
            return standalone_of_several(self.demo, self.runs, theme=self.theme)
        return one(self.demo, first.config, first.result, theme=self.theme)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file and return its path."""
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
    """Run a config, or up to 12 configs of one demo with a slider, for display in a notebook.

    result: the result of `config`, if it has been run already. demo: needed for a config of a demo that is not
    registered. height: CSS pixels. theme: "auto", "light" or "dark". Raises ValueError for more than 12 configs, for
    configs of several demos, and if the demo is not known.
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
    """The registered demo of this config. Imports its family only. Raises ValueError if there is none."""
    module = type(config).__module__
    for name, package in FAMILIES.items():
        if module.startswith(f"demos.{package}."):
            return family(name).member_of(config)
    raise ValueError(
        f"{type(config).__name__} is no config of a registered demo: name it, as in show(config, demo=DEMO)."
    )

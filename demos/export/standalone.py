"""Standalone HTML: a picture, or several of one demo, in one file that needs no server and no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demos.common.numbers import number
from demos.contract import Config, Demo, Result
from demos.contract.config import quoted
from demos.export import words
from demos.picture.payload import encode, with_extra
from demos.picture.player.page import State, document

LONGEST = 40  # characters of a text beside the slider
RESERVE = 190  # CSS pixels of the window below the player, for the headline and three rows


@dataclass(frozen=True)
class Run:
    """A config with its result. payload: the encoded picture, if it exists already. link: the address of the page."""

    config: Config
    result: Result
    payload: bytes | None = None
    link: str = ""


def standalone(
    demo: Demo, config: Config, result: Result, *, link: str = "", theme: str = "auto", payload: bytes | None = None
) -> str:
    """HTML of one page: the picture with its title, equation, sentence, verdict and code.

    link: the address of the page. theme: "auto", "light" or "dark". payload: the encoded picture; needed if the panels
    of the result's picture are empty, as in the dashboard's cache.
    """
    state = _state(demo, Run(config, result, payload, link))
    return document([state], words.title_of(demo, config), theme=theme)


def standalone_of_several(demo: Demo, runs: Sequence[Run], field: str = "", *, theme: str = "auto") -> str:
    """HTML of one page with a slider over 2 to 12 runs of one demo, each with its title, picture and verdict.

    field: the field of the config that labels the slider; "": the field in which the configs differ, or none if they
    differ in several. Raises ValueError for another number of runs, or a field that the config does not have.
    """
    if field and field not in demo.config.controls():
        raise ValueError(f"{quoted(field)} is not a setting of {demo.name}.")
    field = field or varied([run.config for run in runs])
    label = demo.config.controls()[field].label if field else "State"
    states = [_state(demo, run, value_of(run.config, field) or f"{i + 1}") for i, run in enumerate(runs)]
    return document(states, demo.title, control=label, theme=theme)


def varied(configs: Sequence[Config]) -> str:
    """The only field in which the configs differ; "" if they differ in none or several."""
    controls = configs[0].controls() if configs else {}
    found = [name for name in controls if len({getattr(config, name) for config in configs}) > 1]
    return found[0] if len(found) == 1 else ""


def value_of(config: Config, field: str) -> str:
    """The value of a field as text, with its unit; a long text is shortened; "" for the field ""."""
    if not field:
        return ""
    control, value = config.controls()[field], getattr(config, field)
    if control.kind == "choice":
        return control.options[value]
    if control.kind == "text":
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    if control.kind == "flag":
        return "yes" if value else "no"
    if control.kind == "several":
        return ", ".join(control.options[one] for one in value)
    text = number(value, digits=4) if isinstance(value, float) and value % 1 else f"{value:,.0f}"
    text = re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", text).replace(". ", " ").rstrip(".")  # 0.300 becomes 0.3
    return f"{text} {control.unit}".strip()


def states_of(demo: Demo, configs: Sequence[Config], progress: Callable[[float], object] | None = None) -> list[Run]:
    """Run the configs one after another. Raises what `demo.run` raises."""
    runs = []
    for i, config in enumerate(configs):
        part = None if progress is None else lambda done, i=i: progress((i + done) / len(configs))
        runs.append(Run(config, demo.run(config, part)))
    return runs


def _state(demo: Demo, run: Run, value: str = "") -> State:
    payload = encode(run.result.picture) if run.payload is None else run.payload
    payload = with_extra(payload, compact=True, reserve=RESERVE)
    above, below = words.above(demo, run.config), words.below(demo, run.config, run.result, run.link)
    return State(payload, above, below, value)

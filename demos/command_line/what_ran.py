"""The settings of a run as text: the command that repeats it, and the origin of each setting."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from demos.command_line import PROGRAM
from demos.command_line.suggestions import flag
from demos.contract import Config, Family
from demos.contract.origin import origins, why_adapted

WIDTH = 110


def command_of(family: Family, config: Config) -> str:
    """The command that runs this config."""
    words = [_flagged(name, value) for name, value in family.address(config).items()]
    return " ".join([PROGRAM, family.name, *words])


def settings_of(config: Config, given: Mapping[str, Any], scene: str = "", base: Config | None = None) -> str:
    """All settings as flags, grouped by origin: given, adapted to these (and why), from the scene, default, unused."""
    found = origins(config, given, base)

    def flags(names: Iterable[str]) -> list[str]:
        return [_flagged(name, getattr(config, name)) for name in names]

    adapted: dict[tuple[str, ...], list[str]] = {}
    for name, origin in found.items():
        if origin.kind == "adapted":
            adapted.setdefault(origin.by, []).append(name)
    kinds = {kind: [name for name, origin in found.items() if origin.kind == kind] for kind in ("scene", "default")}
    lines = [("given", flags(given))]
    lines += [(f"with {_joined(by)}", flags(names)) for by, names in adapted.items()]
    lines += [(f"scene {scene}", flags(kinds["scene"])), ("defaults", flags(kinds["default"]))]
    lines += [("not used", flags(name for name, origin in found.items() if origin.kind == "unused"))]
    text = [_wrapped(f"{head}: ", " ".join(words)) for head, words in lines if words]
    if adapted:
        text.insert(1 + len(adapted), _wrapped("why: ", why_adapted(type(config))))
    return "\n".join(text)


def _wrapped(head: str, text: str) -> str:
    return textwrap.fill(head + text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _joined(names: Iterable[str]) -> str:
    return " and ".join(flag(name) for name in names)


def _flagged(name: str, value: object) -> str:
    if isinstance(value, bool):
        return flag(name) if value else f"{flag(name)} false"
    return f"{flag(name)} {shlex.quote(','.join(value) if isinstance(value, tuple) else str(value))}"

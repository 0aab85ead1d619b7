"""Where each setting of a config comes from: asked for, brought along by what was asked for, a scene's, a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demos.contract.config import Config


@dataclass(frozen=True)
class Origin:
    """kind: "given", "adapted", "scene" (the base's, and not the default), "default" or "unused" (whatever its value:
    nothing depends on it). by: of an adapted setting, the given ones that `Config.adapt` changed it along with."""

    kind: str
    by: tuple[str, ...] = ()


def origins(config: Config, given: Mapping[str, Any], base: Config | None = None) -> dict[str, Origin]:
    """The origin of each field of `config`, which `Config.read(given, base)` made."""
    cls = type(config)
    before = {name: getattr(base or cls(), name) for name in cls.controls()}
    by: dict[str, tuple[str, ...]] = {}
    values = {name: getattr(config, name) for name in given}
    for name, after in cls.completing(values, base):
        for other in after:
            if other != name and after[other] != before[other]:
                by[other] = (*by.get(other, ()), name)
        before = after
    unused, changed = config.unused(), config.changed()

    def origin(name: str) -> Origin:
        if name in given:
            return Origin("given")
        if name in unused:
            return Origin("unused")
        if name in by:
            return Origin("adapted", by[name])
        return Origin("scene" if base is not None and name in changed else "default")

    return {name: origin(name) for name in before}


def why_adapted(cls: type[Config]) -> str:
    """What goes along with what, in words: the docstring of the config's `adapt`."""
    return " ".join((cls.adapt.__doc__ or "").split())

"""The origin of each setting of a config: given by the user, adapted to a given one, from a scene, or a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demos.contract.config import Config


@dataclass(frozen=True)
class Origin:
    """The origin of one setting.

    kind: "given", "adapted", "scene" (the value of the base config, which is not the default), "default" or "unused"
    (the setting has no effect, whatever its value). by: for an adapted setting, the given settings to which
    `Config.adapt` adapted it.
    """

    kind: str
    by: tuple[str, ...] = ()


def origins(config: Config, given: Mapping[str, Any], base: Config | None = None) -> dict[str, Origin]:
    """The origin of each field of `config`, the result of `Config.read(given, base)`."""
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
    """Which settings are adapted to which, in words: the docstring of the config's `adapt`, on one line."""
    return " ".join((cls.adapt.__doc__ or "").split())

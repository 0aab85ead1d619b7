"""The families (pages) and their demos by name, in the order of the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # not imported at run time: the menu must not wait for torch
    from demos.contract import Demo, Family

FAMILIES = {
    "descent": "descent",
    "stochastic": "stochastic",
    "langevin": "langevin",
    "diffusion": "diffusion",
    "energy": "physics",
    "networks": "networks",
}
"""name -> package: `demos.<package>` holds the page's TITLE and SENTENCE, `demos.<package>.demo` its FAMILY, or the one
DEMO that it has."""


@dataclass(frozen=True)
class Entry:
    """The title and the sentence of a page in the menu."""

    title: str
    sentence: str


@cache
def menu() -> dict[str, Entry]:
    """The pages by name, without importing their demos."""
    packages = {name: import_module(f"demos.{package}") for name, package in FAMILIES.items()}
    return {name: Entry(package.TITLE, package.SENTENCE) for name, package in packages.items()}


@cache
def family(name: str) -> Family:
    """The family of that name, imported at the first call. Raises KeyError if there is none."""
    if name not in FAMILIES:
        raise KeyError(f"{name!r} is not one of: {', '.join(FAMILIES)}.")
    from demos.contract import Family

    module = import_module(f"demos.{FAMILIES[name]}.demo")
    return module.FAMILY if hasattr(module, "FAMILY") else Family.of(module.DEMO)


@cache
def families() -> dict[str, Family]:
    """All families by name."""
    return {name: family(name) for name in FAMILIES}


@cache
def demos() -> dict[str, Demo]:
    """All demos of all families by name."""
    return {name: demo for each in families().values() for name, demo in each.members.items()}


def demo(name: str) -> Demo:
    """The demo of that name. Raises KeyError if there is none."""
    return demos()[name]

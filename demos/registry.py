"""All demos by name, and the families that are the pages, in the order in which the dashboard lists them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the menu must be known before torch is
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
    """A page as the menu lists it."""

    title: str
    sentence: str


@cache
def menu() -> dict[str, Entry]:
    """Every page by its name, without importing its science."""
    packages = {name: import_module(f"demos.{package}") for name, package in FAMILIES.items()}
    return {name: Entry(package.TITLE, package.SENTENCE) for name, package in packages.items()}


@cache
def family(name: str) -> Family:
    """The family of that name, imported when it is asked for; KeyError where there is none."""
    if name not in FAMILIES:
        raise KeyError(f"{name!r} is not one of: {', '.join(FAMILIES)}.")
    from demos.contract import Family

    module = import_module(f"demos.{FAMILIES[name]}.demo")
    return module.FAMILY if hasattr(module, "FAMILY") else Family.of(module.DEMO)


@cache
def families() -> dict[str, Family]:
    """Every page's family."""
    return {name: family(name) for name in FAMILIES}


@cache
def demos() -> dict[str, Demo]:
    """Every demo of every family, by its name."""
    return {name: demo for each in families().values() for name, demo in each.members.items()}


def demo(name: str) -> Demo:
    """The demo of that name; KeyError where there is none."""
    return demos()[name]

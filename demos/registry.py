"""All demos by name, and the families that are the pages, in the order in which the dashboard lists them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from demos.contract import Demo, Family

FAMILIES = {"langevin": "langevin", "diffusion": "diffusion", "energy": "physics"}
"""name -> package: `demos.<package>.demo` holds the page's FAMILY, or the one DEMO that it has."""


@cache
def family(name: str) -> Family:
    """The family of that name, imported when it is asked for; KeyError where there is none."""
    if name not in FAMILIES:
        raise KeyError(f"{name!r} is not one of: {', '.join(FAMILIES)}.")
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

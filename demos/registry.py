"""All demos, by name, in the order in which the dashboard lists them. A demo is imported when it is asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from demos.demo import Demo

PACKAGES = {"langevin": "langevin", "diffusion": "diffusion", "energy": "physics"}
"""name -> package: `demos.<package>.demo` holds the demo, as DEMO."""
NAMES = tuple(PACKAGES)


@cache
def demo(name: str) -> Demo:
    """The demo of that name; KeyError where there is none."""
    if name not in NAMES:
        raise KeyError(f"{name!r} is not one of: {', '.join(NAMES)}.")
    return import_module(f"demos.{PACKAGES[name]}.demo").DEMO


@cache
def demos() -> dict[str, Demo]:
    """Every demo that is there."""
    return {name: demo(name) for name in NAMES if find_spec(f"demos.{PACKAGES[name]}.demo") is not None}

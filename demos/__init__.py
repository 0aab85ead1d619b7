"""Gradient-flow demos: the science, free of any user interface.

In a notebook: `from demos import show; show(config)`. Many runs: `from demos import sweep; sweep("langevin", {"seed":
range(32)})`.
"""

from importlib import import_module
from typing import Any

LATER = {"show": "demos.export.show", "sweep": "demos.sweeps.sweeping"}


def __getattr__(name: str) -> Any:
    """`show` and `sweep`, imported at first use: the menu of the demos does not need them."""
    if name in LATER:
        return getattr(import_module(LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

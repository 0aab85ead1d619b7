"""Gradient-flow demos: the science, free of any user interface.

In a notebook: `from demos import show; show(config)`.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """`show`, imported when it is asked for: a menu of the demos needs nothing of it."""
    if name == "show":
        from demos.export.show import show

        return show
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

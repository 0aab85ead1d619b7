"""The Python code that a page shows beneath a picture of a system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demos.contract import Config
from demos.contract.reproduce import RUN, arguments_of


def code_of(run: Callable[..., Any], imports: str, build: str) -> Callable[[Config], str]:
    """The `code` of a system's demo: first the `System` with its flow; then the whole run with its checks.

    run: the demo's run function. imports: the line that imports what `build` uses, "" for none. build: an expression
    for the `System` of `config`.
    """

    def code(config: Config) -> str:
        made = type(config)
        lines = (imports, f"from {made.__module__} import {made.__name__}", f"from {run.__module__} import run")
        return (
            "\n".join(sorted(filter(None, lines)))
            + f"""

config = {made.__name__}({arguments_of(config)})
system = {build}  # energy, gradient, metric, constraint set, starts, references
flow = system.flow()  # for demos.gradient_flow.solve
print(system.title, *system.references, sep="\\n")

{RUN}"""
        )

    return code

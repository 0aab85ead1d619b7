"""The Python code that a page shows: prints the exact result if it is known, runs the demo, prints the checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demos.contract.config import Config

RUN = """result = run(config)  # the picture of the page, with its verdict
print(result.verdict.headline)
for row in result.verdict.rows:
    print(row.name, row.measured, row.truth, row.predicted, row.state)
"""


def arguments_of(config: Config) -> str:
    """The keyword arguments that make this config, as source code: the fields that differ from their defaults."""
    return ", ".join(f"{name}={value!r}" for name, value in config.changed().items())


def code_of(run: Callable[..., Any], law: str = "") -> Callable[[Config], str]:
    """The `code` of a demo: config -> Python source that runs it.

    law: source of an expression in `config` that gives the exact result, after the import that it needs and a line
    break; "" for none.
    """

    def code(config: Config) -> str:
        made = type(config)
        imports, _, expression = law.rpartition("\n")
        lines = (imports, f"from {made.__module__} import {made.__name__}", f"from {run.__module__} import run")
        known = f"print({expression})  # what is known exactly, without the run\n" if expression else ""
        return (
            "\n".join(sorted(filter(None, lines)))
            + f"\n\nconfig = {made.__name__}({arguments_of(config)})\n{known}{RUN}"
        )

    return code

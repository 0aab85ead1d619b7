"""The lines of Python that a page shows beneath a picture of a panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demos.contract import Config
from demos.contract.reproduce import RUN, arguments_of


def code_of(run: Callable[..., Any], law: str = "") -> Callable[[Config], str]:
    """The `code` of a panel's demo. law: an expression in `config` for what is known exactly, with the import that it
    needs in front of a line break; "" for none."""

    def code(config: Config) -> str:
        made = type(config)
        imports, _, expression = law.rpartition("\n")
        lines = (imports, f"from {made.__module__} import {made.__name__}", f"from {run.__module__} import run")
        known = f"print({expression})  # the exact law, without any chain\n" if expression else ""
        return (
            "\n".join(sorted(filter(None, lines)))
            + f"\n\nconfig = {made.__name__}({arguments_of(config)})\n{known}{RUN}"
        )

    return code

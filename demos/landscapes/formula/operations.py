"""Node: one operation in the tree of a formula; and the evaluation of operations on plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from demos.landscapes.formula.words import FUNCTIONS


@dataclass(frozen=True)
class Node:
    """One operation and its operands (`parts`).

    operation: "number", a variable, a constant, "neg", one of + − * / **, or a function. value: its value if it
    contains no variable, else None. position: where it is in the text. depth: the levels of nesting below it.
    """

    operation: str
    parts: tuple[Node, ...] = ()
    value: float | None = None
    position: int = field(default=0, compare=False)
    depth: int = field(default=0, compare=False)


def compute(operation: str, *parts: float) -> float:
    """One operation on plain numbers. Raises ZeroDivisionError, OverflowError or ValueError if it is undefined."""
    match operation:
        case "neg":
            return -parts[0]
        case "+":
            return parts[0] + parts[1]
        case "-":
            return parts[0] - parts[1]
        case "*":
            return parts[0] * parts[1]
        case "/":
            return parts[0] / parts[1]
        case "**":
            if parts[0] == 0 and parts[1] < 0:
                raise ZeroDivisionError
            return math.pow(*parts)
    return FUNCTIONS[operation](*parts)

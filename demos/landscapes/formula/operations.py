"""One operation of a formula: its node in the tree, and its value on plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from demos.landscapes.formula.words import FUNCTIONS


@dataclass(frozen=True)
class Node:
    """One operation: a "number", a variable, a constant, "neg", one of + − * / **, or a function, and its parts.

    value: what it is worth if no variable is in it, else None.
    """

    operation: str
    parts: tuple[Node, ...] = ()
    value: float | None = None
    position: int = field(default=0, compare=False)
    depth: int = field(default=0, compare=False)


def compute(operation: str, *parts: float) -> float:
    """One operation on plain numbers. Raises ZeroDivisionError, OverflowError or ValueError where it has no value."""
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

"""The box that a visitor may type after a formula: "(x - 5)**2 + y**2; [0, 10] x [-3, 3]"."""

from __future__ import annotations

import re

from demos.landscapes.formula.words import FormulaError

FARTHEST = 100.0  # the largest coordinate of a corner, as for a start
NARROWEST = 1e-2  # the least length of a side

Box = tuple[tuple[float, float], tuple[float, float]]

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BETWEEN = re.compile(r"[\s\[\](){}xXyY=,;:×*∈<≤]|in|from|to|and|for")


def without_box(text: str) -> str:
    """The part of the text before the box; positions of characters are unchanged."""
    return text.partition(";")[0]


def box_of(text: str) -> Box | None:
    """((x low, x high), (y low, y high)) from the text after the ";": one interval for both axes or one for each.
    None if there is none. Raises FormulaError, with one sentence."""
    formula, mark, rest = text.partition(";")
    if not mark or not rest.strip():
        return None
    plain = re.sub(r"\.\.+|…", " ", rest.replace("−", "-").replace("–", "-"))
    numbers = [float(found) for found in _NUMBER.findall(plain)]
    if len(numbers) not in (2, 4) or _BETWEEN.sub("", _NUMBER.sub(" ", plain)):
        raise FormulaError("after ';' comes the box, as in '; [-2, 2] x [-1, 3]'.", text, len(formula))
    (a, b), (c, d) = numbers[:2], numbers[-2:]
    if max(map(abs, numbers)) > FARTHEST or min(b - a, d - c) < NARROWEST:
        sentence = f"the box must go from a lower to a higher number on each axis, within ±{FARTHEST:g}."
        raise FormulaError(sentence, text, len(formula))
    return (a, b), (c, d)

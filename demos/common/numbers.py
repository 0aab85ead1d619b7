"""Formatting of numbers in tables, in captions and on the command line."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def counted(count: int, noun: str) -> str:
    """A number and its noun: "1 step", "1,200 steps"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def number(value: float, decimals: int | None = None, digits: int = 3) -> str:
    """A number as text with `digits` significant digits or `decimals` decimals; if very small or large, as 2.5 ×
    10⁻⁷."""
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return ("" if value > 0 else MINUS) + "infinite"
    sign, value = (MINUS if value < 0 else ""), abs(value)
    if value == 0 and decimals is None:
        return "0"
    if decimals is not None and value < 0.5 * 10.0**-decimals:
        return f"{0:.{min(12, max(0, decimals))}f}"
    power = math.floor(math.log10(value)) if value else 0
    if decimals is None:
        decimals = digits - 1 - power
    if value and (power < -4 or power > 6):
        text = f"{value / 10.0**power:.{min(12, max(0, decimals + power))}f}"
        if text.startswith("10"):  # 9.99 rounded up
            text, power = f"{value / 10.0 ** (power + 1):.{min(12, max(0, decimals + power))}f}", power + 1
        return f"{sign}{text} × 10{str(power).translate(SUPERSCRIPTS)}"
    text = f"{round(value, decimals):,.{min(12, max(0, decimals))}f}"
    return text if not text.strip("0.,") else sign + text

"""Numbers for people: in tables, captions and on axes."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, decimals: int | None = None, digits: int = 3) -> str:
    """`digits` significant ones, or as many decimals as given; 2.5 × 10⁻⁷ where that is shorter."""
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


def log_ticks(low: float, high: float) -> list[float]:
    """From three to seven round numbers from low to high where there are so many."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    close = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9)
    sets = (
        (1, close),
        (1, (1, 1.5, 2, 3, 5, 7)),
        (1, (1, 2, 5)),
        (1, (1,)),
        (2, (1,)),
        (5, (1,)),
        (20, (1,)),
    )  # every how many decades, digits
    ticks: list[float] = []
    for stride, digits in sets:
        ticks = [float(f"{n}e{decade}") for decade in decades if decade % stride == 0 for n in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= 7:
            break
    return ticks


def power_of_ten(value: float) -> str:
    """0.05, 20, and 10⁻⁵ or 2 × 10⁻⁵ for what would be a row of zeros."""
    if 0.0011 <= value <= 9999:
        return f"{value:g}"
    digit, power = (f"{value:.1e}" if float(f"{value:.0e}") != value else f"{value:.0e}").split("e")
    return ("" if digit == "1" else f"{digit} × ") + "10" + str(int(power)).translate(SUPERSCRIPTS)

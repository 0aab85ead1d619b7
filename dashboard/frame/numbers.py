"""The ticks of logarithmic axes, and their labels."""

from __future__ import annotations

import math

from demos.common.numbers import SUPERSCRIPTS


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers between low and high, at most seven, and at least three where there are so many."""
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
    )  # from dense to sparse: (every how many decades, leading digits)
    ticks: list[float] = []
    for stride, digits in sets:
        ticks = [float(f"{n}e{decade}") for decade in decades if decade % stride == 0 for n in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= 7:
            break
    return ticks


def power_of_ten(value: float) -> str:
    """The number as text: 0.05 or 20, but 10⁻⁵ or 2 × 10⁻⁵ for very small and very large ones."""
    if 0.0011 <= value <= 9999:
        return f"{value:g}"
    digit, power = (f"{value:.1e}" if float(f"{value:.0e}") != value else f"{value:.0e}").split("e")
    return ("" if digit == "1" else f"{digit} × ") + "10" + str(int(power)).translate(SUPERSCRIPTS)

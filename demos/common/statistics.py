"""How sure a counted share is."""

from __future__ import annotations

from math import sqrt


def wilson(hits: int, runs: int, sigmas: float = 1.959964) -> tuple[float, float]:
    """The confidence interval of a share hits/runs (95 % by default); (0, 1) where there are no runs.

    Wilson, J. Amer. Statist. Assoc. 22 (1927) 209: right also where the share is near 0 or 1 and the runs are few.
    """
    if not 0 <= hits <= runs:
        raise ValueError(f"hits = {hits} must be from 0 to runs = {runs}.")
    if runs == 0:
        return 0.0, 1.0
    share, square = hits / runs, sigmas**2
    centre = (share + square / (2 * runs)) / (1 + square / runs)
    half = sigmas / (1 + square / runs) * sqrt(share * (1 - share) / runs + square / (4 * runs**2))
    return 0.0 if hits == 0 else centre - half, 1.0 if hits == runs else centre + half

"""The table "trace" of a run of a field: its energy, gradient, steps and books, thinned to what a chart can show."""

from __future__ import annotations

import numpy as np
import pandas as pd

MOST_ROWS = 400  # of one series: a chart is not wider


def field_trace(
    series: str,
    times: np.ndarray,
    energies: np.ndarray,
    rates: np.ndarray,
    *,
    evaluations: int | np.ndarray,
    least: float | None = None,
    residual: np.ndarray | None = None,
) -> pd.DataFrame:
    """One row a kept step: series, x (time or iterations), energy, gap, force, step, evaluations, residual.

    times, energies, rates ⟨∇E, M∇E⟩, residual: (S + 1,). force: √⟨∇E, M∇E⟩, the length of the gradient in the flow's
    own metric. evaluations: after each step, or of the whole run where all steps cost the same. least: what the gap is
    counted from; None: the lowest energy of the run. residual None: a method that has no clock.
    """
    finite = energies[np.isfinite(energies)]
    lowest = float(finite.min()) if len(finite) else np.nan
    work = np.rint(np.linspace(0, evaluations, len(times))) if np.ndim(evaluations) == 0 else evaluations
    gap = energies - (lowest if least is None else min(least, lowest))
    with np.errstate(invalid="ignore"):
        table = pd.DataFrame(
            {
                "series": series,
                "x": times,
                "energy": energies,
                "gap": np.where(gap > 0, gap, np.nan),
                "force": np.sqrt(rates),
                "step": np.diff(times, prepend=np.nan),
                "evaluations": work,
                "residual": np.nan if residual is None else residual,
            }
        )
    table = table.replace([np.inf, -np.inf], np.nan)
    return table.iloc[thinned(len(table))].reset_index(drop=True)


def thinned(rows: int, most: int = MOST_ROWS) -> np.ndarray:
    """Indices of at most `most` rows, first and last among them, denser at the start, where fields move fast."""
    if rows <= most:
        return np.arange(rows)
    return np.unique(np.round(np.linspace(0, 1, most) ** 1.5 * (rows - 1)).astype(int))

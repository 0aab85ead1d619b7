"""The table "trace" of a run, for the charts: energy, gradient, steps and energy balance over time or iterations."""

from __future__ import annotations

import numpy as np
import pandas as pd

MOST_FIELD_ROWS = 400  # most rows of one series of a field: a chart shows no more


def trace_table(
    series: str,
    x: np.ndarray,
    energies: np.ndarray,
    gap: np.ndarray,
    force: np.ndarray,
    steps: np.ndarray,
    evaluations: np.ndarray,
    residual: np.ndarray | None = None,
) -> pd.DataFrame:
    """One row per recorded step; all arrays are (F,): series, x (time or iterations), energy, gap (the energy above a
    reference), force, step (nan in the first row), evaluations, residual (of the energy balance; None for an
    optimizer). Values that are not finite become nan."""
    table = pd.DataFrame(
        {
            "series": series,
            "x": x,
            "energy": energies,
            "gap": gap,
            "force": force,
            "step": steps,
            "evaluations": evaluations,
            "residual": np.nan if residual is None else residual,
        }
    )
    return table.replace([np.inf, -np.inf], np.nan)


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
    """The table of a run of a field, thinned to what a chart can show.

    times, energies, rates ⟨∇E, M∇E⟩, residual: (S + 1,). The table's force is √⟨∇E, M∇E⟩, the length of the gradient
    in the metric of the flow. evaluations: after each step, or of the whole run where all steps cost the same. least:
    the energy of gap 0; None for the lowest energy of the run. residual: None for an optimizer.
    """
    finite = energies[np.isfinite(energies)]
    lowest = float(finite.min()) if len(finite) else np.nan
    work = np.rint(np.linspace(0, evaluations, len(times))) if np.ndim(evaluations) == 0 else evaluations
    gap = energies - (lowest if least is None else min(least, lowest))
    with np.errstate(invalid="ignore"):
        force, gap = np.sqrt(rates), np.where(gap > 0, gap, np.nan)
    steps = np.diff(times, prepend=np.nan)
    table = trace_table(series, times, energies, gap, force, steps, np.asarray(work), residual)
    return table.iloc[thinned_indices(len(table), MOST_FIELD_ROWS)].reset_index(drop=True)


def thinned_indices(count: int, most: int) -> np.ndarray:
    """At most `most` of the indices 0 … count − 1 with the first and the last: the first most/2 are consecutive, and
    then the gaps grow."""
    if count <= most:
        return np.arange(count)
    dense = np.arange(most // 2)
    return np.unique(np.r_[dense, np.rint(np.geomspace(most // 2, count - 1, most // 2)).astype(int)])

"""What a run of the XY model tells in the mean: its temperature, and the error of a mean along a path."""

from __future__ import annotations

from math import sqrt

import numpy as np


def standard_error(values: np.ndarray) -> float:
    """Of the mean, with the integrated autocorrelation time summed up to its first negative term."""
    centred = values - values.mean()
    variance, time = float(centred @ centred) / len(values), 1.0
    for lag in range(1, len(values) // 2):
        share = float(centred[lag:] @ centred[:-lag]) / len(values) / max(variance, 1e-300)
        if share <= 0:
            break
        time += 2 * share
    return sqrt(variance * time / len(values))


def rugh_temperature(squares: np.ndarray, energies: np.ndarray) -> float:
    """⟨|∇E|²⟩/⟨∇²E⟩ with ∇²E = −2E: the temperature of states (S,) in equilibrium."""
    return float(squares.mean() / (-2 * energies.mean()))

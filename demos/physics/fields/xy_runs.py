"""Runs of the XY model that a page shows: spins over time with their vortices, cold or at a temperature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from torch import Tensor

from demos.demo import Check
from demos.gradient_flow import Trajectory, solve
from demos.physics.fields.vortices import charges, places
from demos.physics.fields.xy_model import XYModel


@dataclass(frozen=True)
class SpinRun:
    """thetas (F, n, n) float32; vortices: for each frame centres (K, 2) in grid units and charges (K,).

    The others (F,). pairs: vortices of positive charge. temperatures: the configurational one of each frame.
    """

    path: Trajectory
    thetas: np.ndarray
    vortices: list[tuple[np.ndarray, np.ndarray]]
    pairs: np.ndarray
    energies: np.ndarray
    temperatures: np.ndarray
    checks: tuple[Check, ...]


def run_spins(
        model: XYModel, start: Tensor, end: float, temperature: float = 0.0, step: float = 0.1, frames: int = 120,
        seed: int = 0, progress: Callable[[float], bool | None] | None = None, method: str | None = None) -> SpinRun:
    """Follow one state (1, n, n) to t = end. Euler where it is cold, Leimkuhler–Matthews where not; 2/L = 1/4J.

    The check of the temperature takes the second half of the frames; its standard error is that of their mean with as
    many independent frames as their autocorrelation leaves.
    """
    method = method or ("leimkuhler_matthews" if temperature > 0 else "euler")
    steps = max(2, round(end / step))
    path = solve(model.system().flow(temperature), start, np.linspace(0, end, steps + 1), method, seed=seed,
                 record=frames, progress=progress)
    states = path.states[:, 0]
    found = [places(winding) for winding in charges(states)]
    temperatures = model.temperature_of(states).numpy()
    checks = list(model.system().invariant_checks(path.states))
    if temperature > 0 and len(states) >= 20:
        late = temperatures[len(states) // 2:]
        checks.append(Check(
            "temperature of the states", float(late.mean()), temperature, uncertainty=standard_error(late),
            floor=temperature * (2 * step) ** 2, source="⟨|∇E|²⟩ = T⟨∇²E⟩, Rugh 1997",
            note="not yet at equilibrium, or the step is too large"))
    return SpinRun(path, states.float().numpy(), found, np.array([int((signs > 0).sum()) for _, signs in found]),
                   path.energies[:, 0].numpy(), temperatures, tuple(checks))


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


def angles_as_colours(thetas: np.ndarray) -> np.ndarray:
    """(F, n, n) in [0, 1): the angle as a share of a turn, for a cyclic colour map."""
    return np.mod(thetas / (2 * np.pi), 1.0)


def aligned_share(theta: Tensor, model: XYModel) -> Tensor:
    """(N,) E over the ground state's: 1 where all spins are parallel, 0 where they know nothing of each other."""
    return model.energy(theta) / model.ground_state

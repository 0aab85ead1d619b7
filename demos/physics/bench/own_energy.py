"""Energies written a second time, in NumPy and from the textbook formula: what a picture shows is held against them.

An energy and a force that are wrong alike, one bond left out or one charge reversed, agree with each other in every
balance of a run. They do not agree with these sums, which share no code with the engine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from demos.contract import Check

OwnEnergy = Callable[[np.ndarray], np.ndarray]
"""states (F, *shape) -> E (F,)"""
PairEnergy = Callable[[np.ndarray], np.ndarray]
"""distances r -> u(r)"""

ROUNDING = 1e-9  # relative to |E| or to 1: the engine's squared distances lose digits by cancellation
MOST_PAIRS = 2**21  # distances in memory at once
NAME = "energy of the frames, by other code"


def lennard_jones(r: np.ndarray) -> np.ndarray:
    return 4 * (r**-12 - r**-6)


def morse(steepness: float) -> PairEnergy:
    return lambda r: (1 - np.exp(steepness * (1 - r))) ** 2 - 1


def power_law(repulsion: float, attraction: float) -> PairEnergy:
    """c (r⁻ⁿ − r⁻ᵐ), c such that the least value, at r = (n/m)^(1/(n − m)), is −1."""

    def bare(r: np.ndarray) -> np.ndarray:
        return r**-repulsion - r**-attraction

    bottom = np.array((repulsion / attraction) ** (1 / (repulsion - attraction)))
    return lambda r: -bare(r) / bare(bottom)


def coulomb(r: np.ndarray) -> np.ndarray:
    return 1 / r


def pair_sum(u: PairEnergy) -> OwnEnergy:
    """Σ u(|xᵢ − xⱼ|) over i < j of states (F, N, 3), from differences of the coordinates."""

    def energy(states: np.ndarray) -> np.ndarray:
        first, second = np.triu_indices(states.shape[1], 1)
        size = max(1, MOST_PAIRS // max(1, len(first)))
        parts = np.split(states, range(size, len(states), size))
        with np.errstate(all="ignore"):  # particles at one place have infinite energy, without a warning
            return np.concatenate([u(np.linalg.norm(x[:, first] - x[:, second], axis=2)).sum(1) for x in parts])

    return energy


def own_energy_check(energy: OwnEnergy, states: np.ndarray, shown: np.ndarray) -> Check:
    """The row of the energies `shown` (F,) of states (F, *shape), less the same by other code: the farthest off."""
    with np.errstate(all="ignore"):
        own = energy(np.asarray(states, dtype=float))
        both = np.isfinite(own) & np.isfinite(shown)
        off = np.where(both, shown - own, 0.0)
        allowed = ROUNDING * np.maximum(1.0, np.where(both, np.abs(own), 1.0))
    worst = int((np.abs(off) / allowed).argmax()) if len(off) else 0
    unlike = bool((np.isfinite(own) != np.isfinite(shown)).any())
    return Check(
        NAME,
        np.inf if unlike else float(off[worst]) if len(off) else 0.0,
        0.0,
        floor=float(allowed[worst]) if len(off) else ROUNDING,
        source="the same states, summed term by term",
        note="an energy and its forces can be wrong alike; this sum shares no code with them",
    )

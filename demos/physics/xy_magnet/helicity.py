"""The helicity modulus: how much the free energy of planar spins resists a twist, told by their fluctuations.

    Υ = ⟨cos δ⟩ − ⟨(Σ sin δ)²⟩/(T L²)   over the links δ along one direction; here the mean of both directions.

At the Kosterlitz–Thouless transition it jumps from 2T/π to 0 (Nelson & Kosterlitz, Phys. Rev. Lett. 39 (1977) 1201);
on a small lattice the jump is a slope, and the truth is the Monte Carlo table's value for that lattice. The estimator:
Teitel & Jayaprakash, Phys. Rev. B 27 (1983) 598.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from demos.common.numbers import number
from demos.common.tails import chi_squared_exceeded_with
from demos.contract import Check
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.equilibrium import FORGOTTEN, independent_frames, known, modulus_scatter
from demos.physics.xy_magnet.simulate import SpinPath

LARGEST_SIDE = 48  # of the Monte Carlo table: above the transition larger lattices are softer, by how much it is silent
# kT between which Langevin dynamics is slow: after t = 60 replicas of 48² spins at kT = 1 have 0.49, Monte Carlo 0.27
SLOW = (0.9, 1.3)
RARE = 3.17e-5  # of one side: as four standard errors
LEAST = 3.0  # independent frames: fewer say nothing about a square that fluctuates


def modulus(thetas: np.ndarray, T: float) -> np.ndarray:
    """(F,): the modulus of each frame (F, n, n), both directions averaged; a mean over frames is the modulus."""
    total = np.zeros(len(thetas))
    for axis in (1, 2):
        links = (np.roll(thetas, -1, axis) - thetas).astype(np.float64)
        total += np.cos(links).mean((1, 2)) - np.sin(links).sum((1, 2)) ** 2 / (T * thetas[0].size)
    return total / 2


def modulus_check(config: XYMagnetConfig, run: SpinPath, frames: np.ndarray, trouble: str) -> Check:
    """Of the frames with these indices. The squares of few independent frames have the tail of χ², two squares a
    frame: so many standard errors are allowed as χ² takes for the chance of four."""
    side, kT = config.side, config.kT
    found, why = known("modulus", side, kT), "the Monte Carlo table begins at kT = 0.05"
    apart = float(np.diff(run.times[frames]).mean()) if len(frames) > 1 else 1.0
    spread, time = modulus_scatter(side, kT)
    count = independent_frames(len(frames), apart, time)
    error = spread / sqrt(count)
    if side > LARGEST_SIDE:
        found, why = None, f"the Monte Carlo table ends at {LARGEST_SIDE} spins a side"
    elif SLOW[0] < kT < SLOW[1]:
        found, why = (
            None,
            "just above the transition the few free vortices take longer than this run to cross the lattice",
        )
    elif run.times[-1] / 2 < FORGOTTEN * time or count < LEAST:
        needed = max(2 * FORGOTTEN * time, run.times[-1] * LEAST / max(count, 1e-9))
        found, why = None, f"a run of about t = {number(needed, digits=2)} is needed for it"
    squares = 2 * count
    return Check(
        "helicity modulus",
        float(modulus(run.thetas[frames], kT).mean()),
        None if found is None else found.value,
        uncertainty=error if found is None else float(np.hypot(error, found.error)),
        floor=0.0 if found is None else found.floor,
        unit="J",
        source="a long Monte Carlo run (equilibrium.json)",
        note=f"Resistance to a twist. On an infinite lattice it is 0 where it would be below 2T/π = {2 * kT / pi:.3f}.",
        sigmas=max(4.0, (chi_squared_exceeded_with(RARE, squares) - squares) / sqrt(2 * squares)),
        incomparable=trouble,
        why=why,
    )

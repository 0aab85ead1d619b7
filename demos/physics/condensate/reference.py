"""Reference values for trapped condensates: computed and published ground states, and vortices of rotating ones.

The argument `condensate` is a `GrossPitaevskii`, of which only parameters are read.
"""

from __future__ import annotations

import json
from functools import cache
from math import log, sqrt
from pathlib import Path

import numpy as np

from demos.physics.bench.system import Reference
from demos.physics.condensate.radial import stationary

ABRIKOSOV = 1.1595953  # ⟨|φ|⁴⟩/⟨|φ|²⟩² of the triangular lattice


@cache
def tables() -> dict:
    """The content of `data/gross_pitaevskii.json`."""
    return json.loads((Path(__file__).parent / "data" / "gross_pitaevskii.json").read_text(encoding="utf-8"))


def references_for(condensate) -> tuple[Reference, ...]:
    """E, μ and the width from the tables for this β, trap and dimension without rotation, with floors of half a unit of
    the last digit; empty where the tables have none."""
    if condensate.rotation != 0:
        return ()
    name = "lattice_1d" if condensate.trap == "lattice" else f"harmonic_{condensate.dimensions}d"
    table = tables()[name]
    for beta, *values in table["rows"]:
        if beta == condensate.beta:
            names = ("energy", "chemical potential", "width")
            return tuple(
                Reference(which, value, table["source"], floor=5e-9) for which, value in zip(names, values, strict=True)
            )
    return ()


def least_energy(condensate) -> float:
    """A lower bound of the energy of a rotating cloud: in the rotating frame ∫½|(−i∇ − Ω × r)φ|² ≥ Ω, and the rest of
    the energy is at least that of a Thomas–Fermi cloud in the trap ½(1 − Ω²)r²."""
    return abs(condensate.rotation) + 2 / 3 * condensate.thomas_fermi


def lattice_energy(condensate) -> float:
    """The energy of a triangular lattice of many vortices in the lowest Landau level: that of `least_energy` for β
    times Abrikosov's number."""
    return abs(condensate.rotation) + 2 / 3 * condensate.thomas_fermi * sqrt(ABRIKOSOV)


def feynman_count(condensate, share: float | np.ndarray):
    """Feynman's rule Ωr²: the number of vortices inside a share of the cloud's radius that imitates rigid rotation."""
    return abs(condensate.rotation) * (share * condensate.cloud_radius) ** 2


def density_correction(condensate, share: np.ndarray) -> np.ndarray:
    """The reduction of Feynman's count by the density gradient: ½ ln(1/(eΩξ²)) (R²/(R² − r²) − 1), ξ² = 1/2μ."""
    room = log(max(2 * condensate.thomas_fermi / abs(condensate.rotation), 1e-300)) - 1
    return 0.5 * max(room, 0.0) * (1 / (1 - share**2) - 1)


def first_vortex_rotation(beta: float) -> float:
    """The critical Ω above which one central vortex lowers the energy: E with a vortex minus E without, at Ω = 0."""
    return stationary(2, beta, False, 1).energy - stationary(2, beta).energy

"""What is known of trapped condensates: computed and published ground states, and the vortices of rotating ones.

A `condensate` in here is a `GrossPitaevskii`; only its numbers are read.
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
    """`data/gross_pitaevskii.json`"""
    return json.loads((Path(__file__).parent / "data" / "gross_pitaevskii.json").read_text(encoding="utf-8"))


def references_for(condensate) -> tuple[Reference, ...]:
    """E, μ and the width, where the tables hold this β, trap and dimension at rest; floors of half a last digit."""
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
    """In the rotating frame ½|(−i∇ − Ω × r)φ|² is at least Ω|φ|² in the mean, and what is left is a Thomas–Fermi cloud
    in the trap ½(1 − Ω²)r²."""
    return abs(condensate.rotation) + 2 / 3 * condensate.thomas_fermi


def lattice_energy(condensate) -> float:
    """Of the triangular lattice in the lowest Landau level, for many vortices: β is times Abrikosov's number."""
    return abs(condensate.rotation) + 2 / 3 * condensate.thomas_fermi * sqrt(ABRIKOSOV)


def feynman_count(condensate, share: float | np.ndarray):
    """Ωr²: vortices inside a share of the cloud's radius, as a rigid body would have them."""
    return abs(condensate.rotation) * (share * condensate.cloud_radius) ** 2


def density_correction(condensate, share: np.ndarray) -> np.ndarray:
    """What the falling density takes from Feynman's count: ½ ln(1/(eΩξ²)) (R²/(R² − r²) − 1), ξ² = 1/2μ."""
    room = log(max(2 * condensate.thomas_fermi / abs(condensate.rotation), 1e-300)) - 1
    return 0.5 * max(room, 0.0) * (1 / (1 - share**2) - 1)


def first_vortex_rotation(beta: float) -> float:
    """Ω from which one vortex in the middle lowers the energy: E with one less E with none, both at rest."""
    return stationary(2, beta, False, 1).energy - stationary(2, beta).energy

"""Energies and chemical potentials of ground states: `data/gross_pitaevskii.json`, and what is known in closed form."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from demos.physics.bench.system import Reference


@cache
def tables() -> dict:
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

"""The best known energies of clusters, copied from the published tables into `data/`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from demos.physics.bench.pair_potentials import LennardJones, Morse, PairPotential, PowerLaw
from demos.physics.bench.references import EnergyTable, Reference

DATA = Path(__file__).parent / "data"
RANGES = "tables of best known minima exist for Lennard-Jones (12-6), and for Morse at ρ = 6, some at 3, 10 and 14"


@cache
def _table() -> EnergyTable:
    return EnergyTable.read(DATA / "energies.json")


@cache
def _morse() -> dict[float, EnergyTable]:
    """The tables of Morse clusters by ρ."""
    tables = json.loads((DATA / "morse.json").read_text(encoding="utf-8"))
    return {float(steepness): EnergyTable(**table) for steepness, table in tables.items()}


def best_known(count: int, potential: PairPotential | None = None) -> Reference | None:
    """The best known energy of `count` atoms, 2 to 75; None where no table has it. Power law 12-6 is Lennard-Jones."""
    match potential:
        case None | LennardJones() | PowerLaw(12.0, 6.0):
            return _table().best(count)
        case Morse() if potential.steepness in _morse():
            return _morse()[potential.steepness].best(count)
    return None


def second_funnel() -> Reference:
    """The icosahedral funnel of 38 Lennard-Jones atoms, where most searches end."""
    data = _table().second_funnel
    return Reference("icosahedral funnel", data["energy"], data["source"], floor=5e-7)

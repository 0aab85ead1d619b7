"""The best known energies of charges on a sphere, copied from the published table into `data/energies.json`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from demos.physics.bench.references import EnergyTable, Reference


@cache
def _table() -> EnergyTable:
    return EnergyTable.read(Path(__file__).parent / "data" / "energies.json")


def best_known(count: int) -> Reference:
    """The best known energy of `count` charges; KeyError for a count that is not from 2 to 100."""
    best = _table().best(count)
    if best is None:
        raise KeyError(count)
    return best

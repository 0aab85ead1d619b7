"""The best known energies of Lennard-Jones clusters, copied from the published table into `data/energies.json`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from demos.physics.bench.references import EnergyTable, Reference


@cache
def _table() -> EnergyTable:
    return EnergyTable.read(Path(__file__).parent / "data" / "energies.json")


def best_known(count: int) -> Reference | None:
    """The best known energy of `count` atoms, 2 to 75; None for any other number."""
    return _table().best(count)


def second_funnel() -> Reference:
    """The icosahedral funnel of 38 Lennard-Jones atoms, where most searches end."""
    data = _table().second_funnel
    return Reference("icosahedral funnel", data["energy"], data["source"], floor=5e-7)

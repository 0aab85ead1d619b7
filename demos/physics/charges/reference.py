"""The best known energies of charges on a sphere, copied from the published table into `data/energies.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from demos.physics.bench.references import EnergyTable, Reference

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Hits:
    """How many random starts (`hits` of `starts`) ended in the best known minimum."""

    hits: int
    starts: int


@cache
def _table() -> EnergyTable:
    return EnergyTable.read(DATA / "energies.json")


def best_known(count: int) -> Reference:
    """The best known energy of `count` charges; KeyError for a count that is not from 2 to 100."""
    best = _table().best(count)
    if best is None:
        raise KeyError(count)
    return best


@cache
def _hits() -> dict:
    return json.loads((DATA / "hits.json").read_text(encoding="utf-8"))


def known_hits(count: int) -> Hits | None:
    """The stored number of random starts of `count` charges that end in the best known minimum; None without one."""
    hits = _hits()["hits"].get(str(count))
    return None if hits is None else Hits(hits, _hits()["starts"])

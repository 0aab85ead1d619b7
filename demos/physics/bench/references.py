"""Published energies of the best known minima, with their sources: `data/energies.json`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from demos.physics.bench.system import Reference


@cache
def _tables() -> dict:
    return json.loads((Path(__file__).parent / "data" / "energies.json").read_text(encoding="utf-8"))


def best_known(table: str, count: int) -> Reference | None:
    """The best known energy of `count` particles, from "lennard_jones" (2–75) or "thomson" (2–100).

    Its floor is half a unit of the last published digit.
    """
    data = _tables()[table]
    value = data["energies"].get(str(count))
    if value is None:
        return None
    words = data.get("exact", {}).get(str(count), "")
    group = data.get("point_groups", {}).get(str(count), "")
    return Reference(
        "energy",
        value,
        data["source"],
        floor=0.5 * 10.0 ** -data["digits"],
        note=f"exactly {words}" if words else f"point group {group}" if group else "",
    )


def second_funnel() -> Reference:
    """The icosahedral funnel of 38 Lennard-Jones atoms, where most searches end."""
    data = _tables()["lennard_jones"]["second_funnel"]
    return Reference("icosahedral funnel", data["energy"], data["source"], floor=5e-7)

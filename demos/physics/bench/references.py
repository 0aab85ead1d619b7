"""Tables of published energies of the best known minima."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demos.physics.bench.system import Reference


@dataclass(frozen=True)
class EnergyTable:
    """energies: number of particles (as text) -> best known energy, published with `digits` decimals. exact: closed
    forms, and point_groups: symmetries, of some of them. second_funnel: a second minimum of interest."""

    source: str
    digits: int
    energies: Mapping[str, float]
    units: str = ""
    exact: Mapping[str, str] = field(default_factory=dict)
    point_groups: Mapping[str, str] = field(default_factory=dict)
    second_funnel: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> EnergyTable:
        return cls(**json.loads(file.read_text(encoding="utf-8")))

    def best(self, count: int) -> Reference | None:
        """The best known energy of `count` particles, with a floor of half a unit of the last published digit; None
        where the table has none."""
        value = self.energies.get(str(count))
        if value is None:
            return None
        exact, group = self.exact.get(str(count), ""), self.point_groups.get(str(count), "")
        return Reference(
            "energy",
            value,
            self.source,
            floor=0.5 * 10.0**-self.digits,
            note=f"exactly {exact}" if exact else f"point group {group}" if group else "",
        )

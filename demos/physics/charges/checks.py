"""Checks of charges on a sphere: the best known energy, how often it is found, Euler's formula."""

from __future__ import annotations

from math import nan

import numpy as np
import torch
from torch import Tensor

from demos.contract import Check
from demos.physics.bench.system import Reference, System
from demos.physics.charges.model import FEWEST_CELLS, Minima, neighbours
from demos.physics.charges.reference import known_hits

ALIKE = 1e-8  # two energies that differ by less belong to one minimum: the table has nine decimals
FEW = 3.0  # hits or misses: if fewer are expected, the row has a tolerance of a few starts instead of a binomial error
AT_REST = 1e-8  # largest force at which a state is at rest


def hits_of(found: Minima, best: Reference) -> int:
    """How many starts ended in the best known minimum."""
    return int(found.counts[np.abs(found.energies - best.value) <= ALIKE].sum())


def hits_check(found: Minima, count: int, best: Reference) -> Check:
    """The row of the share of starts that ended in the best known minimum, against that of many other random starts,
    which were counted once and stored.

    The error is that of the difference of two binomial shares; see FEW for shares near 0 and 1.
    """
    hits, starts = hits_of(found, best), found.starts
    name, measured = "starts that found it", 100 * hits / max(1, starts)
    known, note = known_hits(count), f"{hits} of {starts}"
    if known is None:
        return Check(name, measured, None, unit="%", why=f"nobody counted {count} charges", note=note)
    share = known.hits / known.starts
    spread = float(np.sqrt(share * (1 - share) * (1 / starts + 1 / known.starts)))
    rare = starts * share * (1 - share) < FEW
    return Check(
        name,
        measured,
        100 * share,
        uncertainty=0.0 if rare else 100 * spread,
        floor=100 * (FEW / starts + FEW / known.starts + 4 * spread) if rare else 0.0,
        unit="%",
        source=f"{known.starts} other random starts, counted once",
        note=note,
    )


def rest_check(system: System, found: Minima, starts: int) -> Check:
    """The row of the number of starts that ended at rest."""
    still = (system.force(found.positions) <= AT_REST).numpy()
    return Check(
        "starts that came to rest",
        float(found.counts[still].sum()),
        float(starts),
        source="as many as were asked for",
        note="the others have no minimum yet",
    )


def defect_charge(x: Tensor) -> Check:
    """The row of Σ (6 − cᵢ), cᵢ the number of neighbours, which is 12 for every triangulation of a sphere (Euler)."""
    try:
        total = float((6 - neighbours(x)).sum())
    except ValueError:  # charges in one place, or in one plane, have no triangulation
        total = nan
    return Check("defect charge Σ(6 − c)", total, 12.0, source="Euler's polyhedron formula", about="code")


def topology_checks(state: Tensor) -> list[Check]:
    """`defect_charge` of a state (N, 3) that has a triangulation; no row for any other."""
    return [defect_charge(state)] if len(state) >= FEWEST_CELLS and torch.isfinite(state).all() else []

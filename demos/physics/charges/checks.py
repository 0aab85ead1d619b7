"""Charges beside what is known of them: the best known energy, Euler's formula, what the method must keep."""

from __future__ import annotations

import torch
from torch import Tensor

from demos.contract import Check
from demos.physics.charges.model import FEWEST_CELLS, neighbours


def defect_charge(x: Tensor) -> Check:
    """Σ (6 − cᵢ) = 12 for every triangulation of a sphere, whatever the charges do (Euler)."""
    total = float((6 - neighbours(x)).sum())
    return Check("defect charge Σ(6 − c)", total, 12.0, source="Euler's polyhedron formula", about="code")


def topology_checks(state: Tensor) -> list[Check]:
    """`defect_charge` of a state (N, 3) that has a triangulation; nothing of any other."""
    return [defect_charge(state)] if len(state) >= FEWEST_CELLS and torch.isfinite(state).all() else []

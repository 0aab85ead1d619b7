"""The energy page's systems, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Family
from demos.physics.legacy import member

SYSTEMS = ("cluster", "thomson", "film", "phase", "condensate", "chain", "column", "spins", "ritz")
FAMILY = Family(
    name="energy",
    title="Energy minimization",
    sentence="Physical systems fall down their energy to rest, each beside its known truth.",
    members={system: member(system) for system in SYSTEMS},
    parameter="system",
    label="System",
)

"""The energy page's systems, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Family
from demos.physics import SENTENCE, TITLE
from demos.physics.legacy import member

SYSTEMS = ("cluster", "thomson", "film", "phase", "condensate", "chain", "column", "spins", "ritz")
FAMILY = Family(
    name="energy",
    title=TITLE,
    sentence=SENTENCE,
    members={system: member(system) for system in SYSTEMS},
    parameter="system",
    label="System",
)

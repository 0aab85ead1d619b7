"""The energy page: one demo for each physical system, each in a folder of its own."""

from __future__ import annotations

from demos.contract import Family
from demos.physics import SENTENCE, TITLE

SYSTEMS = (  # folders, in the order in which the page lists them; each has a `demo.py` with its DEMO
    "clusters",
    "charges",
    "soap_film",
    "phase_field",
    "condensate",
    "chain",
    "column",
    "xy_magnet",
    "deep_ritz",
)

FAMILY = Family.of_folders("demos.physics", SYSTEMS, TITLE, SENTENCE, name="energy", parameter="system", label="System")

"""The energy page: one demo for each physical system, each in a folder of its own."""

from __future__ import annotations

from importlib import import_module

from demos.contract import Demo, Family
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

DEMOS: tuple[Demo, ...] = tuple(import_module(f"demos.physics.{folder}.demo").DEMO for folder in SYSTEMS)

FAMILY = Family(
    name="energy",
    title=TITLE,
    sentence=SENTENCE,
    members={demo.name: demo for demo in DEMOS},
    parameter="system",
    label="System",
)

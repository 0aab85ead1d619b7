"""The page of neural networks: one demo for each panel, each in a folder of its own."""

from __future__ import annotations

from demos.contract import Family
from demos.networks import SENTENCE, TITLE

PANELS = (  # folders, in the order in which the page lists them; each has a `demo.py` with its DEMO
    "depth",
    "training",
    "time",
    "gan",
    "ring",
    "architectures",
    "tasks",
    "vae",
    "pinn",
    "sensitivity",
    "sqrt",
)

FAMILY = Family.of_folders("demos.networks", PANELS, TITLE, SENTENCE, name="networks", parameter="panel", label="Panel")

"""The page of neural networks: one demo for each panel, each in a folder of its own."""

from __future__ import annotations

from importlib import import_module

from demos.contract import Demo, Family
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

DEMOS: tuple[Demo, ...] = tuple(import_module(f"demos.networks.{folder}.demo").DEMO for folder in PANELS)

FAMILY = Family(
    name="networks",
    title=TITLE,
    sentence=SENTENCE,
    members={demo.name: demo for demo in DEMOS},
    parameter="panel",
    label="Panel",
)

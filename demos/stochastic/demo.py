"""The page of stochastic gradient flow: one demo for each panel, each in a folder of its own."""

from __future__ import annotations

from importlib import import_module

from demos.contract import Demo, Family
from demos.stochastic import SENTENCE, TITLE

PANELS = (  # folders, in the order in which the page lists them; each has a `demo.py` with its DEMO
    "cloud",
    "batch_size",
    "diagonal",
    "wells",
    "saddle",
    "tails",
    "rescaling",
    "scaling",
    "schedules",
    "sgld",
)

DEMOS: tuple[Demo, ...] = tuple(import_module(f"demos.stochastic.{folder}.demo").DEMO for folder in PANELS)

FAMILY = Family(
    name="stochastic",
    title=TITLE,
    sentence=SENTENCE,
    members={demo.name: demo for demo in DEMOS},
    parameter="panel",
    label="Panel",
)

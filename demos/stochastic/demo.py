"""The page of stochastic gradient flow: one demo for each panel, each in a folder of its own."""

from __future__ import annotations

from demos.contract import Family
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

FAMILY = Family.of_folders(
    "demos.stochastic", PANELS, TITLE, SENTENCE, name="stochastic", parameter="panel", label="Panel"
)

"""Scenes of the column under load."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.column.config import ColumnConfig

SCENES = (
    Scene(
        "holds",
        "Just below the load",
        "Three hundredths below Euler's load a bent column still straightens, but it takes its time.",
        ColumnConfig(load=0.97, duration=900.0),
    ),
    Scene(
        "buckles",
        "Just above it",
        "A little above the load the straight column is a saddle: it bends to either side, like the elastica.",
        ColumnConfig(load=1.05, duration=460.0),
    ),
    Scene(
        "swings",
        "A jump too far",
        "Under a heavy load L-BFGS jumps across a ridge: the column ends hanging from its pin, as no flow would.",
        ColumnConfig(load=1.8, method="lbfgs", step=0.2, seed=1, duration=20.0),
    ),
)

"""Scenes of the hanging chain."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.chain.config import ChainConfig

SCENES = (
    Scene(
        "catenary",
        "Rigid links fall",
        "Rigid links in a zigzag fall into the polygon in which all joints balance; its multipliers are tensions.",
        ChainConfig(),
    ),
    Scene(
        "upturned",
        "The upturned arch",
        "Upside down the same shape balances too, every link pushed: the top of the energy, left at a breath.",
        ChainConfig(start="arch", links=40, length=1.5),
    ),
    Scene(
        "trembling",
        "Too long a step",
        "The step is 1.5 times the limit 2/L: the links stay rigid, but the chain never comes to rest.",
        ChainConfig(method="euler", step=0.01),
    ),
)

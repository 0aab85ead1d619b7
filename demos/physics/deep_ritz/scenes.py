"""Scenes of the network that learns Poisson's equation."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.deep_ritz.config import DeepRitzConfig

SCENES = (
    Scene(
        "poisson",
        "A network learns",
        "A network minimizes the Dirichlet energy; what is left above the minimum is a distance to the solution.",
        DeepRitzConfig(),
    ),
)

"""Named presets of charges on a sphere."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.charges.config import ChargesConfig

SCENES = (
    Scene(
        "thomson_12",
        "Twelve charges",
        "Charges on a sphere: twelve of them find the icosahedron from any start, and every cell has five sides.",
        ChargesConfig(count=12),
    ),
    Scene(
        "thomson_37",
        "37 charges",
        "One start in five finds the best known minimum of 37 charges; the others miss it by one part in 60,000.",
        ChargesConfig(count=37, method="starts", walks=64),
    ),
    Scene(
        "thomson_46",
        "46 charges",
        "One random start in eight finds the best of 46 charges. Whatever they do, Σ(6 − sides) is twelve.",
        ChargesConfig(count=46, method="starts", walks=64),
    ),
)

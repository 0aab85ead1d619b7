"""Scenes of the XY magnet."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.xy_magnet.config import WARM, XYMagnetConfig


def warm(kT: float) -> XYMagnetConfig:
    return XYMagnetConfig(method=WARM, step=XYMagnetConfig.STEPS[WARM], start="aligned", kT=kT)


SCENES = (
    Scene(
        "annihilation",
        "A pair vanishes",
        "A vortex and an antivortex attract each other, meet and vanish; their charges sum to 0 in every frame.",
        XYMagnetConfig(start="pair", side=32, duration=80.0),
    ),
    Scene(
        "spin_quench",
        "Quench",
        "Cooled at once from infinite temperature: hundreds of vortices find their partners, ever more slowly.",
        XYMagnetConfig(),
    ),
    Scene(
        "twist",
        "A twist that stays",
        "Two whole turns cannot undo themselves: a minimum above the ground state, whose energy is known exactly.",
        XYMagnetConfig(start="twisted", side=24),
    ),
    Scene(
        "bound_pairs",
        "Warm, bound",
        "Below T = 0.893 noise makes vortices only in close pairs: this is Langevin dynamics with 2,304 angles.",
        warm(0.75),
    ),
    Scene(
        "free_vortices",
        "Hot, free",
        "Above T = 0.893 vortices come apart and wander; the states alone still tell the temperature.",
        warm(1.1),
    ),
)

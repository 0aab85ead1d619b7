"""Scenes of spins and of the network: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.demo import Scene
from demos.physics.config import EnergyConfig


def spins(**changes: object) -> EnergyConfig:
    kind = {"method": "leimkuhler_matthews", "step": 0.05} if changes.get("kT") else {"method": "dopri5"}
    return EnergyConfig(**({"system": "spins", "start": "random", "duration": 60.0} | kind | changes))


SCENES = (
    Scene("annihilation", "A pair vanishes",
          "A vortex and an antivortex attract each other, meet and vanish; their charges sum to 0 in every frame.",
          spins(start="pair", side=32, duration=80.0)),
    Scene("spin_quench", "Quench",
          "Cooled at once from infinite temperature: hundreds of vortices find their partners, ever more slowly.",
          spins()),
    Scene("twist", "A twist that stays",
          "Two whole turns cannot undo themselves: a minimum above the ground state, whose energy is known exactly.",
          spins(start="twisted", side=24, duration=60.0)),
    Scene("bound_pairs", "Warm, bound",
          "Below T = 0.893 noise makes vortices only in close pairs: this is Langevin dynamics with 2,304 angles.",
          spins(start="aligned", kT=0.75)),
    Scene("free_vortices", "Hot, free",
          "Above T = 0.893 vortices come apart and wander; the states alone still tell the temperature.",
          spins(start="aligned", kT=1.1)),
    Scene("poisson", "A network learns",
          "A network minimizes the Dirichlet energy; what is left above the minimum is a distance to the solution.",
          EnergyConfig(system="ritz", method="lbfgs", iterations=200, step=0.05)),
)

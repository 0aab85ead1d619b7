"""Scenes of spins, chains, columns and the network: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.config import EnergyConfig


def spins(**changes: object) -> EnergyConfig:
    kind = {"method": "leimkuhler_matthews", "step": 0.05} if changes.get("kT") else {"method": "dopri5"}
    return EnergyConfig(**({"system": "spins", "start": "random", "duration": 60.0} | kind | changes))


def rods(system: str, **changes: object) -> EnergyConfig:
    default = {"method": "rkc", "links": 20, "start": "nearly straight" if system == "column" else "zigzag"}
    return EnergyConfig(**({"system": system} | default | changes))


SCENES = (
    Scene(
        "annihilation",
        "A pair vanishes",
        "A vortex and an antivortex attract each other, meet and vanish; their charges sum to 0 in every frame.",
        spins(start="pair", side=32, duration=80.0),
    ),
    Scene(
        "spin_quench",
        "Quench",
        "Cooled at once from infinite temperature: hundreds of vortices find their partners, ever more slowly.",
        spins(),
    ),
    Scene(
        "twist",
        "A twist that stays",
        "Two whole turns cannot undo themselves: a minimum above the ground state, whose energy is known exactly.",
        spins(start="twisted", side=24, duration=60.0),
    ),
    Scene(
        "bound_pairs",
        "Warm, bound",
        "Below T = 0.893 noise makes vortices only in close pairs: this is Langevin dynamics with 2,304 angles.",
        spins(start="aligned", kT=0.75),
    ),
    Scene(
        "free_vortices",
        "Hot, free",
        "Above T = 0.893 vortices come apart and wander; the states alone still tell the temperature.",
        spins(start="aligned", kT=1.1),
    ),
    Scene(
        "catenary",
        "Rigid links fall",
        "Rigid links in a zigzag fall into the polygon in which all joints balance; its multipliers are tensions.",
        rods("chain", start="zigzag", duration=8.0),
    ),
    Scene(
        "upturned",
        "The upturned arch",
        "Upside down the same shape balances too, every link pushed: the top of the energy, left at a breath.",
        rods("chain", start="arch", duration=8.0, links=40, length=1.5),
    ),
    Scene(
        "trembling",
        "Too long a step",
        "The step is 1.5 times the limit 2/L: the links stay rigid, but the chain never comes to rest.",
        rods("chain", start="zigzag", duration=8.0, method="euler", step=0.01),
    ),
    Scene(
        "holds",
        "Just below the load",
        "Three hundredths below Euler's load a bent column still straightens, but it takes its time.",
        rods("column", load=0.97, duration=900.0),
    ),
    Scene(
        "buckles",
        "Just above it",
        "A little above the load the straight column is a saddle: it bends to either side, like the elastica.",
        rods("column", load=1.05, duration=460.0),
    ),
    Scene(
        "swings",
        "A jump too far",
        "Under a heavy load L-BFGS jumps across a ridge: the column ends hanging from its pin, as no flow would.",
        rods("column", load=1.8, method="lbfgs", step=0.2, seed=1),
    ),
    Scene(
        "poisson",
        "A network learns",
        "A network minimizes the Dirichlet energy; what is left above the minimum is a distance to the solution.",
        EnergyConfig(system="ritz", method="lbfgs", iterations=200, step=0.05),
    ),
)

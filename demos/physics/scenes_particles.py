"""Named presets of particles at rest: clusters, and charges on a sphere."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.config import EnergyConfig

THOMSON = {"system": "thomson", "duration": 100.0, "iterations": 1_000}

SCENES = (
    Scene(
        "gather",
        "Atoms gather",
        "Thirteen atoms follow the true flow from a random start: the first minimum met is seldom the deepest.",
        EnergyConfig(),
    ),
    Scene(
        "icosahedron",
        "The icosahedron",
        "Basin hopping: sixteen walks over minima find the icosahedron of 13 atoms, each within a few dozen hops.",
        EnergyConfig(method="hopping"),
    ),
    Scene(
        "funnels",
        "Two funnels",
        "38 atoms: an octahedron is 0.68 deeper than the icosahedral funnel, in which nearly every search ends.",
        EnergyConfig(count=38, start="funnels"),
    ),
    Scene(
        "optimizer",
        "Not the flow",
        "FIRE takes the flow's very start to another minimum: open “An optimizer is not the flow” and count.",
        EnergyConfig(count=38, method="fire", step=0.011, color="neighbours"),
    ),
    Scene(
        "freezing",
        "Freezing",
        "Sixteen hot droplets of 13 atoms are cooled slowly: more freeze into the icosahedron than by minimizing.",
        EnergyConfig(method="annealing", step=0.005, duration=40.0),
    ),
    Scene(
        "past_stability",
        "A step too far",
        "A step 4 % beyond the stability limit 2/L: the icosahedron never comes to rest, it breathes step by step.",
        EnergyConfig(method="euler", start="icosahedron", step=0.0035, duration=3.0),
    ),
    Scene(
        "sticky",
        "Sticky atoms",
        "A Morse pair of range 1/14, like C₆₀: with so short a reach the atoms stick where they first touch.",
        EnergyConfig(potential="morse", steepness=14.0, count=38, color="neighbours"),
    ),
    Scene(
        "thomson_12",
        "Twelve charges",
        "Charges on a sphere: twelve of them find the icosahedron from any start, and every cell has five sides.",
        EnergyConfig(**THOMSON, count=12),
    ),
    Scene(
        "thomson_37",
        "37 charges",
        "One start in five finds the best known minimum of 37 charges; the others miss it by one part in 60,000.",
        EnergyConfig(**THOMSON, count=37, method="starts", walks=64),
    ),
    Scene(
        "thomson_46",
        "46 charges",
        "One random start in eight finds the best of 46 charges. Whatever they do, Σ(6 − sides) is twelve.",
        EnergyConfig(**THOMSON, count=46, method="starts", walks=64),
    ),
)

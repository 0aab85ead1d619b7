"""Named presets of clusters."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.clusters.config import ClusterConfig

SCENES = (
    Scene(
        "gather",
        "Atoms gather",
        "Thirteen atoms follow the true flow from a random start: the first minimum met is seldom the deepest.",
        ClusterConfig(),
    ),
    Scene(
        "icosahedron",
        "The icosahedron",
        "Basin hopping: sixteen walks over minima find the icosahedron of 13 atoms, each within a few dozen hops.",
        ClusterConfig(method="hopping"),
    ),
    Scene(
        "funnels",
        "Two funnels",
        "38 atoms: an octahedron is 0.68 deeper than the icosahedral funnel, in which nearly every search ends.",
        ClusterConfig(count=38, start="funnels"),
    ),
    Scene(
        "optimizer",
        "Not the flow",
        "FIRE takes the flow's very start to another minimum: open “An optimizer is not the flow” and count.",
        ClusterConfig(count=38, method="fire", step=0.011, color="neighbours"),
    ),
    Scene(
        "freezing",
        "Freezing",
        "Sixteen hot droplets of 13 atoms are cooled slowly: more freeze into the icosahedron than by minimizing.",
        ClusterConfig(method="annealing", step=0.005, duration=40.0),
    ),
    Scene(
        "past_stability",
        "A step too far",
        "A step 4 % beyond the stability limit 2/L: the icosahedron never comes to rest, it breathes step by step.",
        ClusterConfig(method="euler", start="icosahedron", step=0.0035, duration=3.0),
    ),
    Scene(
        "sticky",
        "Sticky atoms",
        "A Morse pair of range 1/14, like C₆₀: with so short a reach the atoms stick where they first touch.",
        ClusterConfig(potential="morse", steepness=14.0, count=38, color="neighbours"),
    ),
)

"""Named presets of condensates: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.condensate.config import CondensateConfig

SCENES = (
    Scene(
        "ground_state",
        "Ground state",
        "From a Gaussian to the ground state: E and μ agree with the table to eight digits, and the virial vanishes.",
        CondensateConfig(),
    ),
    Scene(
        "optical_lattice",
        "Atoms in a lattice",
        "A trap with a lattice in one dimension: atoms spill over the barriers until every well has the same μ.",
        CondensateConfig(dimensions="1", trap="lattice", beta=250.0, iterations=2_000),
    ),
    Scene(
        "vortex_lattice",
        "Vortex lattice",
        "Stirred, a condensate turns only by vortices: all of one sign, as many inside r as Feynman's rule says.",
        CondensateConfig(start="turbulent", beta=500.0, rotation=0.8, iterations=2_500),
    ),
)

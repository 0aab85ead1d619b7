"""Energies in two dimensions, with their minima, saddles and curvatures.

To add one: write its energy (its gradient, too, if it is to be fast), one `Landscape(...)` beside it, and its name
in LANDSCAPES. tests/test_landscapes.py then checks the derivatives, the places and the box.
"""

from demos.landscapes.egg_carton import EGG_CARTON
from demos.landscapes.exponential import MULLER_BROWN, THREE_GAUSSIANS
from demos.landscapes.landscape import Box, Chart, Grid, Landscape, Place, Profile, maximum, minimum, saddle
from demos.landscapes.polynomial import BANANA, DOUBLE_WELL, FUNNEL, HARMONIC, RING, TILTED_DOUBLE_WELL

LANDSCAPES: dict[str, Landscape] = {
    landscape.name: landscape
    for landscape in (
        HARMONIC,
        DOUBLE_WELL,
        TILTED_DOUBLE_WELL,
        MULLER_BROWN,
        RING,
        BANANA,
        FUNNEL,
        THREE_GAUSSIANS,
        EGG_CARTON,
    )
}

__all__ = ["LANDSCAPES", "Box", "Chart", "Grid", "Landscape", "Place", "Profile", "maximum", "minimum", "saddle"]

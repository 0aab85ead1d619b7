"""Energies in two dimensions, with their minima, saddles and curvatures.

To add one, write its energy, one `Landscape(...)` beside it, and its name in LANDSCAPES. The energy alone is enough
(autograd gives gradient and Hessian); a gradient written by hand is faster. A landscape must state:

energy      energy(x, t=0.0): points (N, 2) to (N,), also for N = 0, in the dtype and on the device of x, finite
            everywhere and growing in all directions. exp, sin and the like in torch, so that autograd can follow.
known       every stationary point inside `view`: `minimum`, `saddle` and `maximum`, each within 0.05 of the exact
            position (Newton's method does the rest) and of the right kind, else `places` raises ValueError. All of
            them: minima − saddles + maxima must be 1 (Morse). A saddle names the two minima that it joins, which are
            the ends of the steepest descents from it: saddle("A | B", x, y, "A", "B").
view        what a picture shows; holds all stationary points.
box         on its rim the energy stands more than 30 kT above its lowest value, at the highest kT of `kT_range`:
            quadrature of exp(−U/kT) over it then neglects nothing.
kT_range    where that is so, and where 300 × 300 nodes resolve the wells. kT is the default, in between.
separable   the two `Profile`s if U(x, y) = f(x) + g(y) + 0; it must be stated where it is so: exact one-dimensional
            results follow from it.

tests/landscapes/test_landscapes.py holds each landscape of LANDSCAPES to all of this.
"""

from demos.landscapes.egg_carton import EGG_CARTON
from demos.landscapes.energy_surface import Box, EnergySurface
from demos.landscapes.exponential import MULLER_BROWN, THREE_GAUSSIANS
from demos.landscapes.landscape import Chart, Grid, Landscape, Profile
from demos.landscapes.places import Place, maximum, minimum, saddle
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

__all__ = [
    "LANDSCAPES",
    "Box",
    "Chart",
    "EnergySurface",
    "Grid",
    "Landscape",
    "Place",
    "Profile",
    "maximum",
    "minimum",
    "saddle",
]

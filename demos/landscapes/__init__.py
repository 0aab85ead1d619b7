"""Energies in two dimensions, with their minima, saddles and curvatures.

To add one, write its energy, one `Landscape(...)` beside it, and its name in LANDSCAPES. The energy alone is enough
(autograd gives gradient and Hessian); a gradient written by hand is faster. A landscape must state:

energy      energy(x, t=0.0): points (N, 2) to (N,), also for N = 0, in the dtype and on the device of x, finite
            everywhere and growing in all directions. Written with torch functions, for autograd.
approximate_points
            every stationary point inside `view`: `minimum`, `saddle` and `maximum`, each within 0.05 of the exact
            position (Newton's method refines it) and of the right kind, else `stationary_points` raises ValueError.
            None may be missing: minima − saddles + maxima must be 1 (Morse). A saddle names the two minima that it
            joins, where the steepest descents from it end: saddle("A | B", x, y, "A", "B").
view        the part of the plane that a picture shows; contains all stationary points.
box         the domain for quadrature of exp(−U/kT). On its rim the energy is more than 30 kT above its minimum, at the
            highest kT of `kT_range`, so that the rest of the plane is negligible.
kT_range    the temperatures for which that holds and 300 × 300 nodes resolve the wells. kT: the default temperature.
separable   the two `Profile`s f and g if U(x, y) = f(x) + g(y). A separable landscape must state them: exact
            one-dimensional results follow from them.

tests/landscapes/test_landscapes.py checks all of this for each landscape in LANDSCAPES.
"""

from demos.landscapes.egg_carton import EGG_CARTON
from demos.landscapes.energy_surface import Box, EnergySurface
from demos.landscapes.exponential import MULLER_BROWN, THREE_GAUSSIANS
from demos.landscapes.landscape import Chart, Grid, Landscape, Profile
from demos.landscapes.polynomial import BANANA, DOUBLE_WELL, FUNNEL, HARMONIC, RING, TILTED_DOUBLE_WELL
from demos.landscapes.stationary_points import StationaryPoint, maximum, minimum, saddle

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
    "StationaryPoint",
    "Profile",
    "maximum",
    "minimum",
    "saddle",
]

"""The share of particles that diverge at too large a step, where the potential separates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from demos.landscapes import Landscape
from demos.langevin.reference.discretised import one_dimension
from demos.langevin.reference.distribution import StartDistribution

METHODS = ("euler", "leimkuhler_matthews")
DELAY = 6  # steps from the edge of the box to overflow: the growth is doubly exponential
MARGIN = 1.5  # size of the box, in units of the distance beyond which steps without noise grow


def lost_share(
    landscape: Landscape,
    method: str,
    kT: float,
    h: float,
    starts: tuple[StartDistribution, StartDistribution],
    steps: int,
) -> tuple[float, float] | None:
    """The probability to have diverged after `steps` steps, and its error: the mass that the method's kernel loses
    through the walls of a box. None where it is not known."""
    if landscape.separable is None or method not in METHODS:
        return None
    left_now, left_before = 1.0, 1.0
    for profile, start, box in zip(landscape.separable, starts, landscape.box, strict=True):
        far = MARGIN * no_return(profile.derivative, h, box)
        if far == 0:
            return None
        box = (-far, far) if np.isfinite(far) else box
        now, before = (one_dimension(profile, method, kT, h, start, max(steps - back, 1), box) for back in (0, DELAY))
        if now is None or before is None:
            return None
        left_now *= now[1].sum()
        left_before *= before[1].sum()
    return float(1 - 0.5 * (left_now + left_before)), 0.5 * abs(left_before - left_now) + 1e-3


def no_return(derivative: Callable[[np.ndarray], np.ndarray], h: float, box: tuple[float, float]) -> float:
    """The smallest |s| from which a step without noise ends farther out on the other side; inf where there is none; 0
    where that is so already at the bottom of a well (the growth is then exponential, which is too slow for DELAY)."""
    s = np.linspace(1e-3, 20 * max(map(abs, box)), 20_001)
    grows = (s - h * derivative(s) < -s) & (-s - h * derivative(-s) > s)
    if not grows.any():
        return np.inf
    first = int(np.argmax(grows))
    return float(s[first]) if first else 0.0

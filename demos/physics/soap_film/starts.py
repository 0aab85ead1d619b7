"""Start states of soap films: the radii (N, links − 1) float64 inside the rings."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import torch
from torch import Tensor

from demos.physics.soap_film.reference import catenoids

PUSH = 0.01  # displacement of the neck, in ring radii, from the unstable catenoid to the starts "above" and "below"


def starts_for(separation: float, heights: Tensor) -> dict[str, Callable[[int, int], Tensor]]:
    """Named starts for nodes at these heights (links − 1,): (seed, replicas) -> (replicas, links − 1).

    "cylinder" and "waist" always; "stable", "unstable", "above" and "below" where catenoids span the rings.
    """
    bulge = torch.cos(pi * heights / separation)
    shapes = {"cylinder": torch.ones_like(heights), "waist": 1 - 0.7 * bulge**2}  # pinched to 0.3 in the middle
    for name, catenoid in zip(("stable", "unstable"), catenoids(separation), strict=False):
        shapes[name] = torch.from_numpy(catenoid.radius(heights.numpy()))
    if "unstable" in shapes:
        push = min(PUSH, float(shapes["unstable"].min()) / 2) * bulge  # the neck of close rings is thinner than PUSH
        shapes |= {"above": shapes["unstable"] + push, "below": shapes["unstable"] - push}
    return {name: lambda seed, replicas, radii=radii: radii.repeat(replicas, 1) for name, radii in shapes.items()}

"""Start states of a `PhaseField`: (N, size, size) float64, seeded; or a visitor's drawing."""

from __future__ import annotations

from math import isfinite

import numpy as np
import torch
from torch import Tensor

BACKGROUND = -0.9  # value of c around small drops
DISC = 0.35  # radius of the disc, in lengths of the box


def spinodal(field, seed: int, replicas: int, mean: float = 0.0, amplitude: float = 0.05) -> Tensor:
    """A mixture: noise with an exact mean; amplitude: its standard deviation, within a percent.

    The noise is white down to the width of a wall and filtered below it: finer waves would decay at once.
    """
    noise = np.random.default_rng([seed, 11]).standard_normal((replicas, field.size, field.size))
    squares = field.torus.minus_laplacian()
    filter_ = torch.exp(-0.5 * field.width**2 * squares)
    filter_[0, 0] = 0.0
    spectrum = field.torus.real.forward(torch.from_numpy(noise)) * filter_
    power = field.torus.real.dot(filter_[None] + 0j, filter_[None] + 0j)  # the variance after the filter
    return mean + amplitude * field.torus.real.backward(spectrum) / power.sqrt()


def nucleation(field, seed: int, replicas: int) -> Tensor:
    """c = −0.9 with thirty small drops of 0.5 to 2.5 times the critical radius R* = tension/2μ(−0.9), about two wall
    widths, at which a drop neither grows nor dissolves. Background and mean lie outside the spinodal (3c² > 1)."""
    random = np.random.default_rng([seed, 12])
    count = 30
    centres = random.uniform(-field.length / 2, field.length / 2, (replicas, count, 2))
    radii = random.uniform(1, 5, (replicas, count)) * field.width
    state = torch.full((replicas, field.size, field.size), BACKGROUND, dtype=torch.float64)
    for drop in range(count):
        for i in range(replicas):
            profile = disc_profile(field, radii[i, drop], centres[i, drop])
            state[i] = torch.maximum(state[i], profile)
    return state.clamp_(-1, 1)


def disc(field, seed: int, replicas: int) -> Tensor:
    """One round domain, radius 0.35 of the box, with the wall of a flat interface."""
    return disc_profile(field, DISC * field.length).repeat(replicas, 1, 1)


def two_discs(field, seed: int, replicas: int) -> Tensor:
    """A large and a small disc: in H⁻¹ the large one grows at the expense of the small one (Ostwald ripening)."""
    large = disc_profile(field, 0.2 * field.length, (-0.2 * field.length, 0.0))
    small = disc_profile(field, 0.12 * field.length, (0.22 * field.length, 0.0))
    return (large + small + 1).clamp_(-1, 1).repeat(replicas, 1, 1)


def stripe(field, seed: int, replicas: int) -> Tensor:
    """Two flat walls, half the box apart."""
    x = field.torus.coordinates()[1]
    profile = torch.tanh((field.length / 4 - x.abs()) / field.width)
    return profile.expand(field.size, field.size).repeat(replicas, 1, 1)


def star(field, seed: int, replicas: int) -> Tensor:
    """A star with five arms, which curvature flow rounds."""
    y, x = field.torus.coordinates()
    radius = field.length * (0.27 + 0.11 * torch.cos(5 * torch.atan2(y, x)))
    return torch.tanh((radius - (x * x + y * y).sqrt()) / field.width).repeat(replicas, 1, 1)


STARTS = {
    "spinodal": spinodal,
    "nucleation": nucleation,
    "disc": disc,
    "two_discs": two_discs,
    "stripe": stripe,
    "star": star,
}


def disc_profile(field, radius: float, centre: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    """(size, size) +1 inside, −1 outside; distances around the periodic box. `centre` is (x, y)."""
    y, x = field.torus.coordinates()
    around = lambda d: d - field.length * torch.round(d / field.length)
    distance = (around(x - float(centre[0])) ** 2 + around(y - float(centre[1])) ** 2).sqrt()
    return torch.tanh((float(radius) - distance) / field.width)


def drawn(field, image: np.ndarray) -> Tensor:
    """(1, size, size): a drawing (height, width) of any size, values in [−1, 1], row 0 at the bottom.

    It is interpolated to the grid by periodic cubics. Raises ValueError for another shape or values.
    """
    from scipy.ndimage import zoom

    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or not 2 <= min(image.shape) <= max(image.shape) <= 4096:
        raise ValueError(f"a drawn field must be a picture of 2 to 4096 points a side, not one of shape {image.shape}.")
    low, high = float(image.min()), float(image.max())
    if not (isfinite(low) and isfinite(high) and -1 <= low and high <= 1):
        raise ValueError(f"a drawn field must hold numbers from -1 to 1; this one has {low:.3g} to {high:.3g}.")
    factors = (field.size / image.shape[0], field.size / image.shape[1])
    fine = zoom(image, factors, order=3, mode="grid-wrap", grid_mode=True)
    return torch.from_numpy(np.clip(fine, -1, 1))[None]

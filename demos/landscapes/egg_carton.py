"""The egg-carton: a wave on each axis, confined by a weak quartic.

The quartic is s⁴/100. Beyond |s| = 3.4 its derivative is larger than that of the wave, which is at most π/2. So there
are exactly three wells on each axis, 3 × 3 in all.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from demos.landscapes.energy_surface import constant, hessian_of
from demos.landscapes.landscape import Landscape, Profile
from demos.landscapes.stationary_points import StationaryPoint, maximum, minimum, saddle

PI = math.pi

CARTON = Profile(
    energy=lambda s: (1 - np.cos(PI * s)) / 2 + s**4 / 100,
    derivative=lambda s: PI / 2 * np.sin(PI * s) + s**3 / 25,
    second_derivative=lambda s: PI * PI / 2 * np.cos(PI * s) + 3 * s * s / 25,
)
WELL_AT, TOP_AT = 1.94, 1.01  # approximate positions of the outer wells and of the barriers on one axis
COLUMNS, ROWS = ("west", "", "east"), ("south", "", "north")


def _carton_energy(x: Tensor, t: float = 0.0) -> Tensor:
    rows = x.T
    return (1 - torch.cos(PI * rows).sum(0) / 2) + (rows * rows).square().sum(0) / 100


def _carton_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    rows = x.T
    g = torch.mul(rows, PI).sin_().mul_(PI / 2)
    return g.addcmul_(rows * rows, rows, value=0.04).T


def _carton_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    xx, yy = (torch.cos(PI * x) * (PI * PI / 2) + 0.12 * x * x).unbind(-1)
    return hessian_of(xx, torch.zeros_like(xx), yy)


def _carton_wells(x: Tensor) -> Tensor:
    tops = constant((-TOP, TOP), x.dtype, x.device)
    column, row = (torch.bucketize(part.contiguous(), tops) for part in x.unbind(-1))
    return row * 3 + column


def _cell(column: int, row: int) -> str:
    return "-".join(part for part in (ROWS[row], COLUMNS[column]) if part) or "centre"


def _carton_known() -> tuple[StationaryPoint, ...]:
    places = [minimum(_cell(i, j), WELL_AT * (i - 1), WELL_AT * (j - 1)) for j in range(3) for i in range(3)]
    for j in range(3):
        for i in range(2):
            side, level = TOP_AT * (2 * i - 1), WELL_AT * (j - 1)
            across, along = (_cell(i, j), _cell(i + 1, j)), (_cell(j, i), _cell(j, i + 1))
            places += [saddle(" | ".join(across), side, level, *across), saddle(" | ".join(along), level, side, *along)]
    for j, y in (("south", -TOP_AT), ("north", TOP_AT)):
        for i, x in (("west", -TOP_AT), ("east", TOP_AT)):
            places.append(maximum(f"{j}-{i} top", x, y))
    return tuple(places)


def _root(guess: float) -> float:
    for _ in range(20):
        guess -= float(CARTON.derivative(guess) / CARTON.second_derivative(guess))
    return guess


TOP = _root(TOP_AT)

EGG_CARTON = Landscape(
    name="egg_carton",
    title="Egg-carton",
    sentence="Nine wells in a square, about one apart in height: diffusion by hopping, until the rim turns it back.",
    formula=r"\sum_{s\in\{x,y\}}\tfrac12(1-\cos\pi s)+\tfrac1{100}s^4",
    energy=_carton_energy,
    gradient=_carton_gradient,
    hessian=_carton_hessian,
    view=((-3.6, 3.6), (-3.0, 3.0)),
    box=((-8.0, 8.0), (-8.0, 8.0)),
    kT=0.25,
    kT_range=(0.05, 1.0),
    approximate_points=_carton_known(),
    separable=(CARTON, CARTON),
    well_rule=_carton_wells,
)

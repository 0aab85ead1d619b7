"""Vortices of a phase on a grid: the squares of four neighbours around which the phase winds by ±2π."""

from __future__ import annotations

from math import pi

import numpy as np
import torch
from torch import Tensor


def wrapped(angle: Tensor) -> Tensor:
    """The same angle in [−π, π)."""
    return torch.remainder(angle + pi, 2 * pi) - pi


def charges(theta: Tensor, periodic: bool = True) -> Tensor:
    """(N, ny, nx) whole numbers, int8: the winding around the square whose lower left corner is a grid point.

    Each phase difference is wrapped to [−π, π). On a torus every link enters twice with opposite signs, so that the
    charges sum to exactly 0. periodic: if False, the last row and column, whose squares would wrap around, are 0.
    """
    right = wrapped(torch.roll(theta, -1, -1) - theta)
    up = wrapped(torch.roll(theta, -1, -2) - theta)
    around = right + torch.roll(up, -1, -1) - torch.roll(right, -1, -2) - up
    winding = torch.round(around / (2 * pi)).to(torch.int8)
    if not periodic:
        winding[..., -1, :] = 0
        winding[..., :, -1] = 0
    return winding


def places(winding: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The vortices of one field (ny, nx): centres (K, 2) of their squares as (x, y) in grid units, and charges (K,)."""
    rows, columns = torch.nonzero(winding, as_tuple=True)
    centres = np.stack((columns.numpy() + 0.5, rows.numpy() + 0.5), axis=1)
    return centres, winding[rows, columns].numpy().astype(int)


def winding_numbers(theta: Tensor) -> tuple[Tensor, Tensor]:
    """(N,) each: turns of the phase around the torus along x (through row 0) and along y (through column 0)."""
    along_x = wrapped(torch.roll(theta, -1, -1) - theta)[..., 0, :].sum(-1)
    along_y = wrapped(torch.roll(theta, -1, -2) - theta)[..., :, 0].sum(-1)
    return torch.round(along_x / (2 * pi)), torch.round(along_y / (2 * pi))

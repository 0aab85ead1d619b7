"""Atoms encoded as text, so that an uploaded file can be a field of the config and part of a link.

Each atom takes eight bytes, 21 bits a coordinate over ±REACH, which are eleven characters. The grid spacing is 1e-4 of
the equilibrium distance; rounding to it changes the energy of a bond by 1e-6.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import counted
from demos.common.url_arrays import decode_array, encode_array
from demos.physics.clusters.model import FEWEST, MOST

REACH = 100.0  # largest coordinate about the centre, in units of the pair potential
BITS = 21  # bits of one coordinate
LEVELS = 2**BITS - 1


def encode_atoms(positions: Tensor) -> str:
    """Positions (N, 3) about their centre as text. Raises ValueError for positions that cannot be encoded."""
    points = np.asarray(positions, dtype=float)
    if points.ndim != 2 or points.shape[1] != 3 or not FEWEST <= len(points) <= MOST:
        raise ValueError(f"Atoms must be {FEWEST} to {MOST} positions of three numbers.")
    points = points - points.mean(0)
    if not np.abs(points).max() <= REACH:  # also nan
        raise ValueError(f"An atom is {np.abs(points).max():.3g} away from the centre; at most {REACH:g} is allowed.")
    return encode_array(np.rint((points / REACH + 1) / 2 * LEVELS), BITS)


def decode_atoms(text: str) -> Tensor:
    """The positions (N, 3) float64 of a text. Raises ValueError where the text encodes none."""
    levels = decode_array(text, 3, BITS, "atoms")
    if not FEWEST <= len(levels) <= MOST:
        raise ValueError(f"{counted(len(levels), 'atom')} cannot be used; a cluster here has {FEWEST} to {MOST}.")
    return torch.from_numpy((2 * (levels / LEVELS) - 1) * REACH)

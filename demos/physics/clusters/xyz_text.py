"""Atoms as text: eight bytes an atom, 21 bits a coordinate over ±REACH, so that a file travels in a config.

Eleven characters an atom. The grid is 1e-4 of the distance at rest for clusters of the sizes used here: what an atom
moves by it costs 1e-6 of a bond's energy.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.common.url_arrays import decode_array, encode_array
from demos.physics.clusters.model import FEWEST, MOST

REACH = 100.0  # a coordinate about the centre, in units of the pair potential
BITS = 21  # of a coordinate
LEVELS = 2**BITS - 1


def encode_atoms(positions: Tensor) -> str:
    """Positions (N, 3) about their centre as text. Raises ValueError, in one sentence, for what cannot be."""
    points = np.asarray(positions, dtype=float)
    if points.ndim != 2 or points.shape[1] != 3 or not FEWEST <= len(points) <= MOST:
        raise ValueError(f"Atoms must be {FEWEST} to {MOST} positions of three numbers.")
    points = points - points.mean(0)
    if not np.abs(points).max() <= REACH:  # also nan
        raise ValueError(f"An atom is {np.abs(points).max():.3g} away from the centre; at most {REACH:g} is allowed.")
    return encode_array(np.rint((points / REACH + 1) / 2 * LEVELS), BITS)


def decode_atoms(text: str) -> Tensor:
    """The positions (N, 3) float64 of a text. Raises ValueError, in one sentence, where it is none."""
    levels = decode_array(text, 3, BITS, "atoms")
    if not FEWEST <= len(levels) <= MOST:
        raise ValueError(f"{len(levels)} atoms are out of range; {FEWEST} to {MOST} can be used here.")
    return torch.from_numpy((2 * (levels / LEVELS) - 1) * REACH)

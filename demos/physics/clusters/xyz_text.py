"""Atoms as text: eight bytes an atom, 21 bits a coordinate over ±REACH, so that a file travels in a config.

Eleven characters an atom. The grid is 1e-4 of the distance at rest for clusters of the sizes used here: what an atom
moves by it costs 1e-6 of a bond's energy.
"""

from __future__ import annotations

import base64
import binascii

import numpy as np
import torch
from torch import Tensor

from demos.physics.clusters.lennard_jones import FEWEST, MOST

REACH = 100.0  # a coordinate about the centre, in units of the pair potential
LEVELS = 2**21 - 1
BYTES = 8


def encode_atoms(positions: Tensor) -> str:
    """Positions (N, 3) about their centre as text. Raises ValueError, in one sentence, for what cannot be."""
    points = np.asarray(positions, dtype=float)
    if points.ndim != 2 or points.shape[1] != 3 or not FEWEST <= len(points) <= MOST:
        raise ValueError(f"Atoms must be {FEWEST} to {MOST} positions of three numbers.")
    points = points - points.mean(0)
    if not np.abs(points).max() <= REACH:  # also nan
        raise ValueError(f"An atom is {np.abs(points).max():.3g} away from the centre; at most {REACH:g} is allowed.")
    whole = np.rint((points / REACH + 1) / 2 * LEVELS).astype(np.uint64)
    words = whole[:, 0] << np.uint64(42) | whole[:, 1] << np.uint64(21) | whole[:, 2]
    return base64.urlsafe_b64encode(words.astype(">u8").tobytes()).decode().rstrip("=")


def decode_atoms(text: str) -> Tensor:
    """The positions (N, 3) float64 of a text. Raises ValueError, in one sentence, where it is none."""
    try:
        raw = base64.b64decode((text + "=" * (-len(text) % 4)).encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    if not raw or len(raw) % BYTES:
        raise ValueError("The text of the atoms is not one that this page wrote.")
    if not FEWEST <= len(raw) // BYTES <= MOST:
        raise ValueError(f"{len(raw) // BYTES} atoms are out of range; {FEWEST} to {MOST} can be used here.")
    words = np.frombuffer(raw, ">u8").astype(np.uint64)
    mask = np.uint64(LEVELS)
    whole = np.stack([words >> np.uint64(42) & mask, words >> np.uint64(21) & mask, words & mask], axis=1)
    return torch.from_numpy((2 * (whole / LEVELS) - 1) * REACH)

"""Random streams by name: one seed, and an independent stream of numbers for each use of it.

A use names its stream, `generator(seed, "forward noise")`, so that two uses cannot meet by taking the same number by
hand, and a new use leaves the numbers of the others as they are. The name becomes the spawn key of NumPy's
`SeedSequence`, whose children are independent (M. O'Neill's seed_seq; see NumPy's "Parallel random number generation").
"""

from __future__ import annotations

import zlib

import numpy as np
import torch


def seed_sequence(seed: int, name: str) -> np.random.SeedSequence:
    """The seed of a named stream; 0 ≤ seed. The same seed and name give the same numbers on every machine."""
    return np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()), len(name)))


def generator(seed: int, name: str) -> np.random.Generator:
    """A NumPy generator of its own for this use of the seed."""
    return np.random.default_rng(seed_sequence(seed, name))


def torch_generator(seed: int, name: str) -> torch.Generator:
    """A torch generator of its own for this use of the seed."""
    state = int(seed_sequence(seed, name).generate_state(1, np.uint64)[0])
    return torch.Generator().manual_seed(state >> 1)  # torch takes 63 bits and a sign

"""Named random streams: one seed gives an independent stream of random numbers for each name.

Each use names its stream, `generator(seed, "forward noise")`. Two uses with different names are independent, and a new
use does not change the numbers of the others. The name becomes the spawn key of NumPy's
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
    """A NumPy generator for the named stream of this seed."""
    return np.random.default_rng(seed_sequence(seed, name))


def torch_generator(seed: int, name: str) -> torch.Generator:
    """A torch generator on the CPU for the named stream of this seed."""
    state = int(seed_sequence(seed, name).generate_state(1, np.uint64)[0])
    return torch.Generator().manual_seed(state >> 1)  # torch takes a signed 64-bit integer

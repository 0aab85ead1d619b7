"""The random streams of this demo, by name, so that no number is used twice.

The numbers are older than `demos.common.random_streams` and are not changed, because the pictures depend on them. New
uses take a named stream from that module.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """Streams 0 to 15 of a config's seed; the samplers' noise has further streams, which `solve` draws from."""

    START = 1  # the noise that samplers start from
    ORIGIN = 2  # the true points of a start that is data plus noise
    TRUE_POINTS = 4  # the true points that samples are compared with
    FORWARD = 9  # the noise of the forward process, and that of the true points drawn at each level


class PointStream(IntEnum):
    """Streams of the seed from which points are made of strokes, words and files."""

    STROKE = 11
    INK = 13
    UPLOAD = 17
    THINNING = 19


def generator(seed: int, stream: Stream) -> torch.Generator:
    """A torch generator for one stream of a config's seed."""
    return torch.Generator().manual_seed(seed * 16 + stream)


def point_generator(seed: int, stream: PointStream) -> np.random.Generator:
    """A NumPy generator for one stream of the seed of points."""
    return np.random.default_rng([seed, int(stream)])

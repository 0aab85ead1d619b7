"""The random streams of this demo, by name: no number stands for two uses.

They were numbered by hand before `demos.common.random_streams` was there; their numbers stay, so that pictures do too.
New uses take a named stream from there.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """Streams of a config's seed, beside those of the samplers, which `solve` draws: 0 to 15."""

    START = 1  # the noise that samplers start from
    ORIGIN = 2  # the true points that become that noise, where it is made of data
    TRUE_POINTS = 4  # what the samples are compared with
    FORWARD = 9  # the noise of the forward process, also of the true points that are drawn at each level


class PointStream(IntEnum):
    """Streams of the seed of points that are made of strokes, words and files."""

    STROKE = 11
    INK = 13
    UPLOAD = 17
    THINNING = 19


def generator(seed: int, stream: Stream) -> torch.Generator:
    """torch's, for one stream of a config's seed."""
    return torch.Generator().manual_seed(seed * 16 + stream)


def point_generator(seed: int, stream: PointStream) -> np.random.Generator:
    """NumPy's, for one stream of the seed of points."""
    return np.random.default_rng([seed, int(stream)])

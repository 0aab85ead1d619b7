"""The start state of a config's run, and the tolerance that the run needs."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.method_run import first_distance
from demos.physics.bench.quench import quench
from demos.physics.clusters.config import SIZES, ClusterConfig
from demos.physics.clusters.model import Cluster

SHAKE = 0.05  # random displacement of the atoms of a known shape, in pair distances, so that the run has to relax it
FINER = 0.3  # such that of a dozen seeds of five atoms, which move least, none has a residual above a thousandth
FEW, MOST_STEPS = 4, 500  # up to four atoms, L-BFGS finds the distance to the minimum, in at most 500 iterations
SHORTEST = 1e-3  # shortest distance, in pair distances, that scales the tolerance: below, the fall is mostly rounding
STARTS = {"random": "loose", "icosahedron": "icosahedron", "octahedron": "octahedron", "given": "given"}


def start_of(config: ClusterConfig, system: Cluster, replicas: int = 1) -> Tensor:
    """The start (replicas, N, 3); the atoms of a known shape are displaced a little at random."""
    x = system.start(STARTS[config.start], config.seed, replicas)
    return shaken(x, system, config.seed) if config.start in SIZES else x


def random_start(config: ClusterConfig, system: Cluster, replicas: int) -> Tensor:
    """Random starts (replicas, N, 3), whatever start the config has; the first is that of the start "random"."""
    return system.start(STARTS["random"], config.seed, replicas)


def shaken(x: Tensor, system: Cluster, seed: int) -> Tensor:
    """The positions x with a small independent random displacement of each atom."""
    noise = torch.from_numpy(np.random.default_rng([seed, 6]).standard_normal(tuple(x.shape)))
    return x + SHAKE * 2 * system.radius * noise


def tolerance_for(config: ClusterConfig, system: Cluster, start: Tensor) -> float:
    """The tolerance of a run from start (1, N, 3): the config's, reduced to give the energy balance a small residual.

    The residual grows with the error of the atoms' places relative to the distance that they move, and to the width of
    the well or of its repulsive wall. RKC's error grows as the tolerance to the power 2/3, hence the factor u″^(3/2).
    Random starts of more than a few atoms are far from a minimum; for others L-BFGS finds that distance.
    """
    rest = 2 * system.radius
    wide, way = config.narrowness() ** -1.5, min(1.0, first_distance(system, start, config.duration) / rest)
    if config.start != "random" or config.count <= FEW:
        moves = quench(system, start, steps=MOST_STEPS).states[-1] - start
        way = min(way, float(moves.square().mean().sqrt()) / rest)
    return config.tolerance * (FINER * wide * float(np.clip(way, SHORTEST, 1.0)))

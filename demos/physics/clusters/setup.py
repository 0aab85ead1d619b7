"""What a config's run begins with: its start state, and the tolerance that it needs."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.method_run import first_distance
from demos.physics.bench.quench import quench
from demos.physics.clusters.config import SIZES, ClusterConfig
from demos.physics.clusters.model import Cluster

SHAKE = 0.05  # pair distances: how far the atoms of a known shape are moved, so that there is a way back
FINER = 0.3  # so that of a dozen seeds of five atoms, which fall the shortest way, none loses more than a thousandth
FEW, MOST_STEPS = 4, 500  # atoms, iterations: to see how far the minimum is
SHORTEST = 1e-3  # pair distances of a way: below it the energy that falls is nearly rounding
STARTS = {"random": "loose", "icosahedron": "icosahedron", "octahedron": "octahedron", "given": "given"}


def start_of(config: ClusterConfig, system: Cluster, replicas: int = 1) -> Tensor:
    """(replicas, N, 3); a known shape is shaken a little."""
    x = system.start(STARTS[config.start], config.seed, replicas)
    return shaken(x, system, config.seed) if config.start in SIZES else x


def random_start(config: ClusterConfig, system: Cluster, replicas: int) -> Tensor:
    """(replicas, N, 3) at random, whatever start is shown; the first is the one that a random start shows."""
    return system.start(STARTS["random"], config.seed, replicas)


def shaken(x: Tensor, system: Cluster, seed: int) -> Tensor:
    """The atoms moved a little, each for itself."""
    noise = torch.from_numpy(np.random.default_rng([seed, 6]).standard_normal(tuple(x.shape)))
    return x + SHAKE * 2 * system.radius * noise


def tolerance_for(config: ClusterConfig, system: Cluster, start: Tensor) -> float:
    """The tolerance of a run from start (1, N, 3): a share of the one asked for, so that its clock loses little energy.

    An error of the atoms' places costs the less, the shorter it is beside the way they go and beside the width of the
    well, or of its wall. RKC's error grows as the tolerance to the power 2/3, hence u″^(3/2). Random starts of more
    than a few atoms have far to go; how far others have, L-BFGS tells.
    """
    rest = 2 * system.radius
    wide, way = config.narrowness() ** -1.5, min(1.0, first_distance(system, start, config.duration) / rest)
    if config.start != "random" or config.count <= FEW:
        moves = quench(system, start, steps=MOST_STEPS).states[-1] - start
        way = min(way, float(moves.square().mean().sqrt()) / rest)
    return config.tolerance * (FINER * wide * float(np.clip(way, SHORTEST, 1.0)))

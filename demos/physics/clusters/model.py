"""The cluster of a config: its potential, its start, how stiff it is."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.pair_potentials import LennardJones, Morse, PairPotential, PowerLaw
from demos.physics.bench.quench import quench
from demos.physics.bench.system import System
from demos.physics.bench.trace import first_way
from demos.physics.clusters.lennard_jones import cluster, stiffness
from demos.physics.clusters.xyz_text import decode_atoms
from demos.physics.config import SIZES, EnergyConfig

SHAKE = 0.05  # pair distances: how far the atoms of a known shape are moved, so that there is a way back
FINER = 0.3  # so that of a dozen seeds of five atoms, which fall the shortest way, none loses more than a thousandth
FEW, MOST_STEPS = 4, 500  # atoms, iterations: to see how far the minimum is
SHORTEST = 1e-3  # pair distances of a way: below it the energy that falls is nearly rounding
STARTS = {"random": "loose", "icosahedron": "icosahedron", "octahedron": "octahedron", "given": "given"}


def potential_of(config: EnergyConfig) -> PairPotential:
    """The pair potential; ValueError where its numbers do not go together."""
    match config.potential:
        case "morse":
            return Morse(config.steepness)
        case "power_law":
            return PowerLaw(config.repulsion, config.attraction)
    return LennardJones()


def system_of(config: EnergyConfig) -> System:
    """The cluster of a config. Raises ValueError, in one sentence, where there is none."""
    if config.start != "given":
        return cluster(config.count, potential_of(config))
    if not config.atoms:
        raise ValueError("start = given needs atoms: upload an XYZ file, or start at random.")
    atoms = decode_atoms(config.atoms)
    if len(atoms) != config.count:
        raise ValueError(
            f"The file has {len(atoms)} atoms, not {config.count}: set N to {len(atoms)}, or start at random."
        )
    return cluster(config.count, potential_of(config), given=atoms)


def start_of(config: EnergyConfig, system: System, replicas: int = 1) -> Tensor:
    """(replicas, N, 3); a known shape is shaken a little."""
    x = system.start(STARTS[config.start], config.seed, replicas)
    return shaken(x, system, config.seed) if config.start in SIZES else x


def random_start(config: EnergyConfig, system: System, replicas: int) -> Tensor:
    """(replicas, N, 3) at random, whatever start is shown; the first is the one that a random start shows."""
    return system.start(STARTS["random"], config.seed, replicas)


def shaken(x: Tensor, system: System, seed: int) -> Tensor:
    """The atoms moved a little, each for itself."""
    noise = torch.from_numpy(np.random.default_rng([seed, 6]).standard_normal(tuple(x.shape)))
    return x + SHAKE * 2 * system.radius * noise


def fineness(config: EnergyConfig, system: System, start: Tensor) -> float:
    """What share of the tolerance asked for a run from start (1, N, 3) gets, so that its clock loses little energy.

    An error of the atoms' places costs the less, the shorter it is beside the way they go and beside the width of the
    well, or of its wall. RKC's error grows as the tolerance to the power 2/3, hence u″^(3/2). Random starts of more
    than a few atoms have far to go; how far others have, L-BFGS tells.
    """
    rest = 2 * system.radius
    wide, way = narrowness(config) ** -1.5, min(1.0, first_way(system, start, config.duration) / rest)
    if config.start != "random" or config.count <= FEW:
        moves = quench(system, start, steps=MOST_STEPS).states[-1] - start
        way = min(way, float(moves.square().mean().sqrt()) / rest)
    return FINER * wide * float(np.clip(way, SHORTEST, 1.0))


def narrowness(config: EnergyConfig) -> float:
    """How much stiffer than Lennard-Jones the pairs are, in the well or up its wall; at least 1."""
    wall = (config.repulsion / 12) ** 2 if config.potential == "power_law" else 1.0
    return max(1.0, wall, stiffness(potential_of(config)))

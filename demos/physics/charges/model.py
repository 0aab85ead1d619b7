"""Thomson's problem: the least Coulomb energy of equal charges on a sphere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial import ConvexHull, QhullError, SphericalVoronoi
from torch import Tensor

from demos.common.progress import Progress
from demos.physics.bench.constraints import UnitSpheres
from demos.physics.bench.own_energy import coulomb, pair_sum
from demos.physics.bench.pair_potentials import Coulomb
from demos.physics.bench.pairs import Pairs
from demos.physics.bench.quench import quench
from demos.physics.bench.system import Invariant, System
from demos.physics.charges.reference import best_known
from demos.physics.charges.starts import random_sphere, spiral_sphere

FEWEST, MOST = 2, 100  # charges: the range of the table of best known energies that is copied here
FEWEST_CELLS = 4  # fewer charges lie in one plane
SAME = 1e-9  # two energies that differ by less belong to the same minimum


def thomson(count: int) -> System:
    """N unit charges on the unit sphere, E = Σ 1/|xᵢ − xⱼ| over pairs. J. J. Thomson, Phil. Mag. 7 (1904) 237.

    Raises ValueError for a count out of range.
    """
    if not FEWEST <= count <= MOST:
        raise ValueError(f"{count} charges are out of range; the sphere here holds {FEWEST} to {MOST}.")
    pairs = Pairs(Coulomb())
    spacing = (4 * np.pi / count) ** 0.5
    return System(
        name="thomson",
        title=f"Thomson problem, N = {count}",
        sentence="Equal charges on a sphere repel each other into the most even arrangement, which is never a lattice.",
        formula=r"\sum_{i<j} \frac{1}{|x_i-x_j|},\quad |x_i| = 1",
        shape=(count, 3),
        energy=pairs.energy,
        gradient=pairs.gradient,
        hessian=pairs.hessian,
        project=UnitSpheres(),
        starts={
            "random": lambda seed, replicas: random_sphere(count, seed, replicas),
            "loose": lambda seed, replicas: random_sphere(count, seed, replicas, closest=0.5 * spacing),
            "spiral": lambda seed, replicas: torch.from_numpy(spiral_sphere(count)).repeat(replicas, 1, 1),
        },
        references=(best_known(count),),
        invariants=(Invariant("distance from the centre", _most_off_radius, 1.0, floor=1e-14, source="|x| = 1"),),
        flat=2 if count == 2 else 3,
        longest=0.2 * spacing,
        duration=20.0 / count,
        own_energy=pair_sum(coulomb),
    )


@dataclass(frozen=True)
class Minima:
    """The minima in which many random starts ended: energies (K,) ascending, number of starts that ended in each (K,),
    one state of each (K, N, 3), and the index of its start (K,). starts: their number; evaluations: gradients for each
    start."""

    energies: np.ndarray
    counts: np.ndarray
    positions: Tensor
    starts: int
    evaluations: int
    firsts: np.ndarray


def minima(system: System, *, seed: int = 0, starts: int = 100, progress: Progress | None = None) -> Minima:
    """Minimize random starts, all at once; the first of the minima is the lowest found."""
    path = quench(system, system.start("random", seed, starts), progress=progress)
    energies = path.energies[-1].numpy()
    order = np.argsort(energies, kind="stable")
    new = np.r_[True, np.diff(energies[order]) > SAME]
    firsts = order[new]
    return Minima(
        energies[firsts],
        np.diff(np.r_[np.flatnonzero(new), starts]),
        path.states[-1, firsts],
        starts,
        path.evaluations,
        firsts,
    )


def triangles(x: Tensor) -> np.ndarray:
    """(K, 3) the Delaunay triangulation of charges (N, 3) on the sphere: their convex hull. ValueError where they lie
    in one plane (always so for N ≤ 3)."""
    try:
        return ConvexHull(x.numpy()).simplices
    except (QhullError, ValueError):
        raise ValueError(f"{len(x)} charges in one plane span no triangulation of the sphere.") from None


def neighbours(x: Tensor) -> np.ndarray:
    """(N,) how many neighbours each charge has in the triangulation: 5 and 7 are the defects."""
    return np.bincount(np.sort(edges(triangles(x)), axis=1).ravel(), minlength=len(x))


def edges(faces: np.ndarray) -> np.ndarray:
    """(K, 2) the edges i < j of triangles (K, 3), each once."""
    sides = np.sort(np.concatenate((faces[:, :2], faces[:, 1:], faces[:, ::2])), axis=1)
    return np.unique(sides, axis=0)


def cells(x: Tensor) -> list[np.ndarray]:
    """The Voronoi cell of each charge (N, 3): corners (k, 3) on the sphere, in order around it. N ≥ 4."""
    diagram = SphericalVoronoi(x.numpy(), radius=1.0, center=np.zeros(3))
    diagram.sort_vertices_of_regions()
    return [diagram.vertices[region] for region in diagram.regions]


def _most_off_radius(x: Tensor) -> Tensor:
    """(B,) that length |xᵢ| which differs most from 1."""
    lengths = x.norm(dim=-1)
    return lengths.gather(1, (lengths - 1).abs().argmax(1, keepdim=True))[:, 0]

"""Clusters of atoms held together by a pair potential: Lennard-Jones, and any other well of depth one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import counted
from demos.physics.bench.own_energy import OwnEnergy, lennard_jones, morse, pair_sum, power_law
from demos.physics.bench.pair_potentials import LennardJones, Morse, PairPotential, PowerLaw
from demos.physics.bench.pairs import Pairs
from demos.physics.bench.system import Invariant, Reference, Starts, System
from demos.physics.clusters.reference import best_known, second_funnel
from demos.physics.clusters.starts import icosahedron, random_ball, truncated_octahedron

FEWEST, MOST = 2, 75  # atoms: the range of the table of best known energies that is copied here
BOND = 1.3  # atoms closer than this many equilibrium distances are neighbours (fcc's second shell is at 1.41)


@dataclass(frozen=True, eq=False, kw_only=True)
class Cluster(System):
    """A cluster with its pair sums. bond: the distance below which two atoms are neighbours; radius: of an atom, half
    of the equilibrium distance of a pair."""

    pairs: Pairs
    bond: float
    radius: float

    def has_isolated(self, state: Tensor) -> bool:
        """Whether an atom has no neighbour. In a minimum every atom has one, because an atom farther away is only
        attracted. (The Hessian of isolated atoms is mostly rounding, so that its spectrum would not show this.)"""
        return bool((coordination(state[None], self.bond) == 0).any())


def cluster(count: int, potential: PairPotential | None = None, given: Tensor | None = None) -> Cluster:
    """N atoms in space, E = Σ u(|xᵢ − xⱼ|) over pairs; Lennard-Jones where no potential is given.

    given: (count, 3) start positions of the user's own (see `clusters.xyz`); they become the start "given".
    Raises ValueError for a count out of range or positions that do not fit.
    """
    potential = potential or LennardJones()
    if not FEWEST <= count <= MOST:
        raise ValueError(f"{counted(count, 'atom')} cannot be used; a cluster here has {FEWEST} to {MOST}.")
    pairs, rest = Pairs(potential), potential.distance
    starts: dict[str, Starts] = {
        "random": lambda seed, replicas: random_ball(count, seed, replicas, rest),
        "loose": lambda seed, replicas: random_ball(count, seed, replicas, rest, closest=0.95),
    }  # forces of order 10
    if count == 13:
        starts["icosahedron"] = _fixed(icosahedron(1.05146 * rest))
    if count == 38:
        starts["octahedron"] = _fixed(truncated_octahedron(rest))
    if given is not None:
        starts["given"] = _fixed(checked_positions(given, count, potential).numpy())
    return Cluster(
        name="lennard_jones" if isinstance(potential, LennardJones) else potential.name,
        title=f"{potential.title} cluster, N = {count}",
        sentence="Atoms that attract at a distance and repel when close settle into one of very many stable shapes.",
        formula=r"\sum_{i<j} u(|x_i-x_j|),\quad u(r) = " + potential.formula,
        shape=(count, 3),
        energy=pairs.energy,
        gradient=pairs.gradient,
        hessian=pairs.hessian,
        starts=starts,
        references=_references(count, potential),
        invariants=_invariants(pairs),
        flat=5 if count == 2 else 6,
        longest=0.1 * rest,
        newton=0.1,
        duration=10.0,
        own_energy=_own(potential),
        pairs=pairs,
        bond=BOND * rest,
        radius=rest / 2,
    )


def checked_positions(positions: Tensor, count: int, potential: PairPotential) -> Tensor:
    """The positions as float64. Raises ValueError where no run can start from them."""
    if positions.ndim != 2 or tuple(positions.shape) != (count, 3):
        raise ValueError(
            f"the positions are {tuple(positions.shape)}; {counted(count, 'atom')} in space need ({count}, 3)."
        )
    positions = positions.to(torch.float64)
    gaps = torch.cdist(positions[None], positions[None])[0].fill_diagonal_(torch.inf)
    nearest, flat = float(gaps.min()), int(gaps.argmin())
    if not nearest >= 0.3 * potential.distance:  # (r₀/r)¹² is 2e6 there, so that steps along the gradient still work
        first, second = sorted((flat // count + 1, flat % count + 1))
        energy = float(Pairs(potential).energy(positions[None])[0])
        raise ValueError(
            f"Atoms {first} and {second} are {nearest:.3g} apart, less than 0.3 of their distance at rest "
            f"({potential.distance:.3g}): the energy is {energy:.2g}."
        )
    if not torch.isfinite(gaps[~torch.eye(count, dtype=torch.bool)]).all():
        raise ValueError("Some positions are not finite numbers.")
    return positions


def coordination(x: Tensor, bond: float) -> Tensor:
    """(B, N): how many atoms are closer than `bond` to each."""
    return (torch.cdist(x, x) < bond).sum(-1) - 1


def bonds(x: Tensor, bond: float) -> np.ndarray:
    """(K, 2) pairs i < j of one cluster (N, 3) that are closer than `bond`."""
    close = torch.triu(torch.cdist(x, x) < bond, diagonal=1)
    return torch.nonzero(close).numpy()


def stiffness(potential: PairPotential) -> float:
    """u″ at the bottom of the well as a multiple of that of Lennard-Jones, both at the same distance at rest."""

    def curvature(one: PairPotential) -> float:
        first, second = one.derivatives(np.array([one.distance**2]))
        return float(first[0] + second[0] * one.distance**2) * one.distance**2

    return curvature(potential) / curvature(LennardJones())


def _own(potential: PairPotential) -> OwnEnergy | None:
    """The energy by other code; None for a potential of the caller's own."""
    match potential:
        case LennardJones():
            return pair_sum(lennard_jones)
        case Morse():
            return pair_sum(morse(potential.steepness))
        case PowerLaw():
            return pair_sum(power_law(potential.repulsion, potential.attraction))
    return None


def _fixed(points: np.ndarray) -> Starts:
    return lambda seed, replicas: torch.from_numpy(np.array(points, dtype=np.float64)).repeat(replicas, 1, 1)


def _references(count: int, potential: PairPotential) -> tuple[Reference, ...]:
    if count <= 4:  # every pair is at its equilibrium distance, so that no energy can be lower
        return (Reference("energy", -count * (count - 1) / 2, "every pair at the bottom of its well", floor=1e-9),)
    lennard_jones = isinstance(potential, LennardJones)
    references = (best_known(count, potential), second_funnel() if count == 38 and lennard_jones else None)
    return tuple(reference for reference in references if reference is not None)


def _invariants(pairs: Pairs) -> tuple[Invariant, ...]:
    """Newton's third law: the sum of the forces and their torque are zero.

    Both are divided by the sum of the forces' sizes. The floor is rounding: a few thousand units in the last place,
    because of cancellation in the squared distances and between the forces of pairs, times the stiffness.
    """
    floor = 1e-12 * max(1.0, stiffness(pairs.potential))

    def relative(total: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        def measure(x: Tensor) -> Tensor:
            centred = x - x.mean(1, keepdim=True)
            gradient = pairs.gradient(x)
            size = (gradient.norm(dim=2) * centred.norm(dim=2).clamp_min(1)).sum(1) + 1  # a bond's forces: order 1
            return total(centred, gradient).norm(dim=1) / size

        return measure

    law = "Newton's third law"
    return (
        Invariant("sum of forces", relative(lambda x, g: g.sum(1)), 0.0, floor=floor, source=law),
        Invariant("torque", relative(lambda x, g: torch.linalg.cross(x, g).sum(1)), 0.0, floor=floor, source=law),
    )

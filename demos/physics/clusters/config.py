"""The settings of a cluster of atoms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from demos.common.numbers import counted
from demos.contract import choice, number, text, whole
from demos.physics.bench.config import (
    SystemConfig,
    check_cooling,
    coldest_field,
    count_field,
    duration_field,
    hottest_field,
    iterations_field,
    method_field,
    method_label,
    seed_field,
    start_field,
    step_field,
    tolerance_field,
    walks_field,
)
from demos.physics.bench.method_run import MOST_INTEGRATED
from demos.physics.bench.pair_potentials import LennardJones, Morse, PairPotential, PowerLaw
from demos.physics.clusters.model import Cluster, cluster, stiffness
from demos.physics.clusters.xyz_text import decode_atoms

DURATION, COOLING = 20.0, 40.0  # default duration of a flow, and of annealing
SIZES = {"icosahedron": 13, "octahedron": 38, "funnels": 38}
"""Starts that exist for one number of Lennard-Jones atoms only."""
NOT_FROM_FUNNELS = ("hopping", "annealing")  # searches look for funnels by themselves
PARAMETER_OF = {"steepness": "morse", "repulsion": "power_law", "attraction": "power_law"}


@dataclass(frozen=True)
class ClusterConfig(SystemConfig):
    """One run of a cluster; see `demos.contract.Config`."""

    STEPS: ClassVar[Mapping[str, float]] = {
        "euler": 1e-3,
        "implicit_euler": 0.05,
        "lbfgs": 0.11,
        "fire": 0.011,
        "nesterov": 1e-3,
        "heavy_ball": 1e-3,
        "annealing": 0.005,
    }

    method: str = method_field(
        (
            *("rkc", "bdf", "lsoda", "dopri5", "implicit_euler", "euler"),
            *("lbfgs", "fire", "nesterov", "heavy_ball"),
            *("annealing", "hopping"),
        )
    )
    start: str = start_field(
        {
            "random": "Random",
            "icosahedron": "Icosahedron",
            "octahedron": "Truncated octahedron",
            "funnels": "Both funnels",
            "given": "Your file",
        }
    )
    seed: int = seed_field()
    duration: float = duration_field(DURATION)
    step: float = step_field(1e-3)
    iterations: int = iterations_field(2_000)
    tolerance: float = tolerance_field()
    color: str = choice("energy", "Colour by", {"energy": "Energy", "neighbours": "Neighbours"}, group="picture")
    count: int = count_field(13, 75)
    potential: str = choice(
        "lennard_jones",
        "Pair potential",
        {"lennard_jones": "Lennard-Jones", "morse": "Morse", "power_law": "Power law"},
        group="system",
    )
    steepness: float = number(
        6.0,
        "Steepness ρ (Morse)",
        low=2.0,
        high=20.0,
        step=0.5,
        group="system",
        help="6 is like Lennard-Jones, 14 sticky like C₆₀, 3 soft like sodium.",
    )
    repulsion: float = number(12.0, "Power n of the repulsion", low=2.0, high=30.0, step=0.5, group="system")
    attraction: float = number(6.0, "Power m of the attraction", low=1.0, high=29.0, step=0.5, group="system")
    atoms: str = text(
        "",
        "Atoms",
        most=1_200,
        group="system",
        help="Positions from a file, as the page writes them: eight bytes an atom.",
    )
    walks: int = walks_field()
    hops: int = whole(100, "Hops of each walk", low=1, high=2_000, scale="log", group="search")
    hot: float = hottest_field()
    cold: float = coldest_field()

    def pair_potential(self) -> PairPotential:
        """The pair potential; ValueError where its parameters contradict each other."""
        match self.potential:
            case "morse":
                return Morse(self.steepness)
            case "power_law":
                return PowerLaw(self.repulsion, self.attraction)
        return LennardJones()

    def system(self) -> Cluster:
        """The cluster as a `System`. Raises ValueError where the config describes none."""
        if self.start != "given":
            return cluster(self.count, self.pair_potential())
        if not self.atoms:
            raise ValueError("start = given needs atoms: upload an XYZ file, or start at random.")
        atoms = decode_atoms(self.atoms)
        if len(atoms) != self.count:
            raise ValueError(
                f"The file has {counted(len(atoms), 'atom')}, not {self.count}: set N to {len(atoms)}, or start "
                "at random."
            )
        return cluster(self.count, self.pair_potential(), given=atoms)

    def narrowness(self) -> float:
        """The ratio of the pair potential's stiffness, in the well or on its repulsive wall, to that of Lennard-Jones;
        at least 1."""
        wall = (self.repulsion / 12) ** 2 if self.potential == "power_law" else 1.0
        return max(1.0, wall, stiffness(self.pair_potential()))

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """A method brings its step, cooling its own time. Known shapes have one size and are of Lennard-Jones atoms,
        and searches do not begin in funnels: the last choice wins."""
        now = super().adapt(before, values)
        chosen = now["start"] != before.start
        size = SIZES.get(now["start"])
        if size is not None and now["count"] != size:
            now = now | ({"count": size} if chosen else {"start": "random"})
        if now["start"] in SIZES and not _is_lennard_jones(now["potential"], now["repulsion"], now["attraction"]):
            now = now | ({"potential": "lennard_jones"} if chosen else {"start": "random"})
        if now["start"] == "funnels" and now["method"] in NOT_FROM_FUNNELS:
            now = now | ({"method": "rkc"} if chosen else {"start": "random"})
        if (now["method"] == "annealing") != (before.method == "annealing"):
            now = now | {"duration": COOLING if now["method"] == "annealing" else DURATION}
        return now

    def unused(self) -> frozenset[str]:
        """The fields that this method does not use; the text of uploaded atoms is never shown as a control."""
        other = {name for name, potential in PARAMETER_OF.items() if self.potential != potential}
        return super().unused() | other | {"atoms"}

    def check(self) -> None:
        size = SIZES.get(self.start)
        if size is not None and self.count != size:
            raise ValueError(
                f"start = {self.start} has {size} atoms, not {self.count}: set N to {size}, or start at random."
            )
        if self.atoms:  # checked even where they are not used now, because another start may use them
            decode_atoms(self.atoms)
        self.system()
        if self.start == "funnels" and self.method in NOT_FROM_FUNNELS:
            raise ValueError(f"{method_label(self.method)} looks for funnels by itself: start it at random.")
        if self.start in SIZES and not _is_lennard_jones(self.potential, self.repulsion, self.attraction):
            raise ValueError(
                f"start = {self.start} is a shape of Lennard-Jones atoms: start other potentials at random."
            )
        check_cooling(self)
        super().check()

    def seconds(self) -> float:
        """The estimated time of a run on one core, interpolated between measurements at 13, 38 and 75 atoms, for
        Lennard-Jones and for the narrowest wells."""
        size, runs = self.count, 2 if self.start == "funnels" else 1
        cost = 1.0 if self.potential == "lennard_jones" else 2.0  # exponentials and odd powers cost more
        gradient = cost * (2.2e-5 + 1.2e-8 * size * size)
        stiff, narrow = stiffness(self.pair_potential()), self.narrowness()
        steps = min(self.duration / self.step, 1e9)
        match self.method:
            case "hopping":
                return self.walks * self.hops * (4e-4 + 7e-7 * size * size) * (0.8 + 0.2 * narrow)
            case "annealing":
                return 0.2 + self.duration / self.step * (3e-5 + self.walks * (5e-7 + 8e-9 * size * size))
            case "dopri5":  # limited by stability: steps of about 3.3/L, of six gradients each
                return runs * (0.05 + self.duration * stiff * (100 + 6 * size) * 6 * gradient)
            case "euler":
                return runs * (0.05 + (steps + 0.7 * min(steps, MOST_INTEGRATED)) * gradient)
            case "implicit_euler":
                return runs * (0.05 + steps * cost * (6e-4 + 2.2e-6 * size * size))
            case "bdf":
                return runs * (0.05 + 1.1e-3 * size**1.4 * narrow**1.05 * (1e-5 / self.tolerance) ** 0.2)
            case "lsoda":
                return runs * (0.05 + 1.6e-4 * size**2 * narrow**1.05 * (1e-5 / self.tolerance) ** 0.2)
            case "rkc":
                return runs * (0.05 + 3e-3 * size * narrow**1.2 * (1e-5 / self.tolerance) ** 0.4)
        beside = min(0.2, 0.05 + 3e-3 * size * narrow**1.2)  # the flow from the same start, where it is short
        return runs * (0.03 + self.iterations * 1.5 * gradient) + beside


def _is_lennard_jones(potential: str, repulsion: float, attraction: float) -> bool:
    """Whether a pair potential is Lennard-Jones's, by either name."""
    return potential == "lennard_jones" or (potential == "power_law" and (repulsion, attraction) == (12, 6))

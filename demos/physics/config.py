"""Everything a visitor can change on the energy page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import pi
from typing import Any

from demos.contract import Config, choice, flag, number, text, whole
from demos.gradient_flow import METHODS
from demos.physics.menu import MENU, SEARCHES, STARTS, Row

USED = dict.fromkeys(name for row in MENU.values() for name in row.methods)
METHOD_LABELS = {name: SEARCHES.get(name) or METHODS[name].label for name in USED} | {"euler": "Explicit Euler"}


@dataclass(frozen=True)
class EnergyConfig(Config):
    """One run of the energy page; see `demos.contract.Config`. Which fields count depends on the system: see `MENU`."""

    system: str = choice("cluster", "System", {name: row.title for name, row in MENU.items()}, group="main")
    method: str = choice(
        "rkc",
        "Method",
        METHOD_LABELS,
        group="main",
        help="The flow itself by several integrators, or an optimizer that only wants its end.",
    )
    start: str = choice("random", "Start", STARTS, group="start")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1, group="run")
    duration: float = number(
        20.0,
        "Time",
        low=1e-3,
        high=1e4,
        scale="log",
        group="run",
        help="How far the flow is followed. It stops earlier where it has come to rest.",
    )
    step: float = number(
        1e-3,
        "Step size h",
        low=1e-6,
        high=100.0,
        scale="log",
        group="run",
        help="Of an optimizer: the longest move of a coordinate, or the learning rate.",
    )
    iterations: int = whole(2_000, "Iterations, at most", low=1, high=20_000, scale="log", group="run")
    tolerance: float = number(
        1e-5,
        "Tolerance",
        low=1e-8,
        high=0.1,
        scale="log",
        group="run",
        help="Relative error allowed in a step. Particles and rods get a share of it, the "
        "smaller, the shorter their way and the stiffer their pairs.",
    )
    color: str = choice("energy", "Colour by", {"energy": "Energy", "neighbours": "Neighbours"}, group="picture")

    count: int = whole(13, "Particles N", low=2, high=100, group="system")
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
    walks: int = whole(
        16,
        "Walks",
        low=1,
        high=64,
        scale="log",
        group="search",
        help="Independent searches; their share that finds the ground state is its hit rate.",
    )
    hops: int = whole(100, "Hops of each walk", low=1, high=2_000, scale="log", group="search")
    hot: float = number(0.35, "Hottest kT", low=1e-3, high=2.0, scale="log", group="search")
    cold: float = number(0.02, "Coldest kT", low=1e-3, high=2.0, scale="log", group="search")

    separation: float = number(1.0, "Distance of the rings", low=0.1, high=3.0, step=0.005, unit="R", group="system")
    film_metric: str = choice(
        "curvature", "Metric", {"curvature": "Mean curvature", "radius": "Radius"}, group="system"
    )
    pieces: int = whole(60, "Pieces of the profile", low=10, high=200, step=2, group="system")

    metric: str = choice(
        "H-1",
        "Metric",
        {"L2": "L²: Allen–Cahn", "H-1": "H⁻¹: Cahn–Hilliard", "both": "Both, side by side"},
        group="system",
    )
    gamma: float = number(
        1.0, "Gradient energy γ", low=0.25, high=16.0, scale="log", group="system", help="A wall is √(2γ) wide."
    )
    mean: float = number(0.0, "Mean composition", low=-0.9, high=0.9, step=0.05, group="system")
    grid: str = choice("128", "Grid", {"64": "64²", "128": "128²", "256": "256²"}, group="system")
    stabilizer: float = number(
        0.0,
        "Stabilizer S",
        low=0.0,
        high=4.0,
        step=0.25,
        group="system",
        help="Of the fixed-step methods: what makes any step stable, and slows the clock.",
    )
    drawing: str = text("", "Drawing", most=2_800, group="system", help="A drawn field, as the page writes it.")

    dimensions: str = choice("2", "Dimensions", {"1": "1", "2": "2"}, group="system")
    beta: float = number(62.742, "Interaction β", low=0.0, high=2_000.0, step=0.001, group="system")
    rotation: float = number(
        0.0,
        "Rotation Ω",
        low=0.0,
        high=1.2,
        step=0.01,
        unit="ω",
        group="system",
        help="In trap frequencies. At 1 the gas flies apart.",
    )
    trap: str = choice("harmonic", "Trap", {"harmonic": "Harmonic", "lattice": "With a lattice (1-D)"}, group="system")
    multiplier: bool = flag(
        True,
        "Multiplier μφ in the step",
        group="system",
        help="Without it the normalized flow ends in another state for every step size.",
    )

    links: int = whole(20, "Links", low=3, high=100, group="system")
    length: float = number(2.0, "Length of the chain", low=1.01, high=4.0, step=0.01, unit="spans", group="system")
    load: float = number(
        1.2, "Load", low=0.0, high=1.8, step=0.01, unit="π² EI/L²", group="system", help="1 is Euler's load."
    )

    kT: float = number(
        0.0, "Temperature kT", low=0.0, high=2.0, step=0.01, unit="J", group="system", help="Vortices unbind at 0.893."
    )
    side: int = whole(48, "Spins a side", low=8, high=128, step=4, group="system")
    width: int = whole(24, "Width of the network", low=4, high=64, group="system")

    @property
    def row(self) -> Row:
        return MENU[self.system]

    @cached_property
    def optimizes(self) -> bool:
        """Whether the method counts iterations instead of time."""
        return self.method in METHODS and (METHODS[self.method].family == "optimizer" or self.system == "condensate")

    @cached_property
    def searches(self) -> bool:
        return self.method in SEARCHES

    @cached_property
    def adapts(self) -> bool:
        """Whether the method chooses its own steps."""
        return self.method in METHODS and METHODS[self.method].adaptive is not None

    def check(self) -> None:
        from demos.physics.limits import check_config  # it builds systems: only where a config is made

        check_config(self)

    @classmethod
    def adapt(cls, before: EnergyConfig, values: dict[str, Any]) -> dict[str, Any]:
        """What goes with a new choice: another system brings its method, start and time, another method its step."""
        row = MENU[values["system"]]
        changed: dict[str, Any] = {}
        if values["system"] != before.system:
            changed = {"method": row.methods[0], "start": row.starts[0], **row.defaults}
        if values["system"] == "spins":
            changed |= noise_with(before, values | changed)
        if values["system"] == before.system == "column":
            changed |= time_to_settle(before, values)
        method = changed.get("method", values["method"])
        if changed or method != before.method:
            changed["step"] = row.steps.get(method, values["step"])
        if values["system"] == "phase":
            changed |= explicit_with(before, values | changed)
        if values["system"] == "condensate":
            changed |= stirred_with(before, values | changed)
        now = values | changed
        size = SIZES.get(now["start"])
        if size is not None and now["count"] != size:  # the last choice wins
            changed |= {"count": size} if now["start"] != before.start else {"start": "random"}
        if values["system"] in ANNEALING:
            changed |= particles_with(before, values | changed)
        return values | changed


ANNEALING = {"cluster": 40.0, "thomson": 2.0}
"""How long particles are cooled; a flow needs another time."""


def particles_with(before: EnergyConfig, now: dict[str, Any]) -> dict[str, Any]:
    """Known shapes are of Lennard-Jones atoms, and searches begin at random: the last choice wins. Cooling takes its
    own time."""
    row, changed = MENU[now["system"]], {}
    chosen = now["start"] != before.start
    if now["start"] in SIZES and now["potential"] != "lennard_jones":
        changed |= {"potential": "lennard_jones"} if chosen else {"start": "random"}
    if (now["start"], now["method"]) in (("funnels", "hopping"), ("funnels", "annealing"), ("spiral", "starts")):
        changed |= {"method": row.methods[0]} if chosen else {"start": "random"}
    method = changed.get("method", now["method"])
    if (method == "annealing") != (before.method == "annealing"):
        changed["duration"] = ANNEALING[now["system"]] if method == "annealing" else row.defaults["duration"]
    return changed


def noise_with(before: EnergyConfig, now: dict[str, Any]) -> dict[str, Any]:
    """Spins at a temperature need the one method with noise, and it needs a temperature: the last choice wins."""
    noisy = "leimkuhler_matthews"
    if (now["kT"] > 0) == (now["method"] == noisy):
        return {}
    if now["method"] != before.method and before.system == "spins":
        return {"kT": 0.7 if now["method"] == noisy else 0.0}
    return {"method": noisy if now["kT"] > 0 else MENU["spins"].methods[0]}


EXPLICIT_STEPS = 10_000  # of a phase field: some seconds


def explicit_with(before: EnergyConfig, now: dict[str, Any]) -> dict[str, Any]:
    """Explicit Euler on a phase field gets a step that is stable for this metric and γ, and a time that it can reach;
    a step that a person then chooses is theirs."""
    known = ("method", "metric", "gamma", "system")
    if now["method"] != "euler":
        return {"duration": MENU["phase"].defaults["duration"]} if before.method == "euler" else {}
    if all(now[name] == getattr(before, name) for name in known):
        return {}
    squares = 2 * pi**2  # the largest k² of a grid with one point a unit
    decay = now["gamma"] * squares + 2
    step = float(f"{0.8 * 2 / (decay * (1.0 if now['metric'] == 'L2' else squares)):.1g}")
    return {"step": step, "duration": min(now["duration"], EXPLICIT_STEPS * step)}


def time_to_settle(before: EnergyConfig, now: dict[str, Any]) -> dict[str, Any]:
    """A column takes the longer, the nearer its load is to the one at which it buckles: N/|P − P_H| for a factor e."""
    from demos.physics.column.model import EULER, hencky_load

    if (now["load"], now["links"]) == (before.load, before.links) or now["duration"] != before.duration:
        return {}
    slow = now["links"] / max(abs(now["load"] * EULER - hencky_load(now["links"])), 0.05)
    return {"duration": min(float(f"{12 * slow:.2g}"), 1e4)}


def stirred_with(before: EnergyConfig, now: dict[str, Any]) -> dict[str, Any]:
    """A condensate that begins to rotate gets a start with vortices; one at rest cannot have any."""
    stirred, vortices = now["rotation"] > 0 and now["dimensions"] == "2", ("turbulent", "vortex")
    if now["start"] in vortices and not stirred:
        if now["start"] != before.start and now["dimensions"] == "2":
            return {"rotation": 0.8}
        return {"start": MENU["condensate"].starts[0]}
    if stirred and now["rotation"] != before.rotation and before.rotation == 0:
        return {"start": vortices[0]}
    return {}


SIZES = {"icosahedron": 13, "octahedron": 38, "funnels": 38}
"""Starts that exist for one number of atoms only."""

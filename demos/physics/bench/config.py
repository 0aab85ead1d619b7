"""SystemConfig: what the configs of all physical systems share, and the fields that most of them have.

A system's own config is a frozen dataclass on top of it that lists the fields that mean something for it:

    @dataclass(frozen=True)
    class SoapFilmConfig(SystemConfig):
        method: str = method_field(("rkc", "dopri5", "euler", "lbfgs"))
        start: str = start_field({"cylinder": "Cylinder", "waist": "Pinched"})
        seed: int = seed_field()
        duration: float = duration_field(4.0)
        step: float = step_field(1e-3)
        ...
        separation: float = number(1.0, "Distance of the rings", low=0.1, high=3.0, unit="R", group="main")

        STEPS = {"euler": 1e-4, "lbfgs": 0.1}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from demos.contract import Config, choice, number, whole
from demos.gradient_flow import METHODS

SEARCHES = {"hopping": "Basin hopping", "starts": "Many random starts", "annealing": "Langevin annealing"}
"""Ways to a ground state that are made of many solves, beside the rows of METHODS."""
MEANINGS = {
    "rkc": "RKC follows the flow in explicit steps of several stages, which stay stable where plain ones must be tiny.",
    "rodas3": "Rodas3 follows the flow in steps that solve linear equations, and can be long where it is stiff.",
    "fire": "FIRE gathers speed downhill and stops dead when it would run uphill.",
    "lbfgs": "L-BFGS guesses the curvature from its last steps and jumps to where the bottom should be.",
}
"""A sentence on methods whose names say nothing, for the help of the menu."""
MOST_SECONDS = 40.0  # longest allowed run on one core, estimated; runs over 0.3 s show a progress bar


def method_label(name: str) -> str:
    """The menus' label of a method or a search."""
    return "Explicit Euler" if name == "euler" else SEARCHES.get(name) or METHODS[name].label


def method_field(names: Sequence[str], **rest: Any) -> Any:
    """The methods of a system; the first is the default."""
    told = [MEANINGS[name] for name in names if name in MEANINGS]
    text = " ".join(["The flow itself by several integrators, or an optimizer that only wants its end.", *told])
    labels = {name: method_label(name) for name in names}
    return choice(names[0], "Method", labels, **({"group": "main", "help": text} | rest))


def start_field(options: Mapping[str, str]) -> Any:
    """The named starts of a system, name -> label; the first is the default."""
    return choice(next(iter(options)), "Start", options, group="start")


def seed_field() -> Any:
    return whole(0, "Seed", low=0, high=2**31 - 1, group="run")


def duration_field(default: float) -> Any:
    text = "How far the flow is followed. It stops earlier where it has come to rest."
    return number(default, "Time", low=1e-3, high=1e4, scale="log", group="run", help=text)


def step_field(default: float) -> Any:
    text = "Of an optimizer: the longest move of a coordinate, or the learning rate."
    return number(default, "Step size h", low=1e-6, high=100.0, scale="log", group="run", help=text)


def iterations_field(default: int) -> Any:
    return whole(default, "Iterations, at most", low=1, high=20_000, scale="log", group="run")


def tolerance_field() -> Any:
    text = (
        "Relative error allowed in a step. Particles and rods get a share of it, the smaller, the shorter their way "
        "and the stiffer their pairs."
    )
    return number(1e-5, "Tolerance", low=1e-8, high=0.1, scale="log", group="run", help=text)


def count_field(default: int, most: int) -> Any:
    return whole(default, "Particles N", low=2, high=most, group="main")


def walks_field() -> Any:
    text = "Independent searches; their share that finds the ground state is its hit rate."
    return whole(16, "Walks", low=1, high=64, scale="log", group="search", help=text)


def hottest_field() -> Any:
    return number(0.35, "Hottest kT", low=1e-3, high=2.0, scale="log", group="search")


def coldest_field() -> Any:
    return number(0.02, "Coldest kT", low=1e-3, high=2.0, scale="log", group="search")


def check_cooling(config: Any) -> None:
    """Raise ValueError unless the temperature falls from config.hot to config.cold."""
    if config.method == "annealing" and config.cold > config.hot:
        raise ValueError(f"The coldest kT = {config.cold:g} is above the hottest, {config.hot:g}.")


USED_BY = {"walks": ("hopping", "starts"), "hops": ("hopping",), "hot": ("annealing",), "cold": ("annealing",)}
"""The fields of searches, and the searches that a page shows them for."""


@dataclass(frozen=True)
class SystemConfig(Config):
    """Base of the systems' configs. STEPS: for each fixed-step method, the step that choosing it sets."""

    STEPS: ClassVar[Mapping[str, float]] = {}

    method: str  # every system defines it by `method_field`

    @property
    def optimizes(self) -> bool:
        """Whether the method counts iterations instead of time."""
        return self.method in METHODS and METHODS[self.method].family == "optimizer"

    @property
    def searches(self) -> bool:
        """Whether the method is made of many solves."""
        return self.method in SEARCHES

    @property
    def adapts(self) -> bool:
        """Whether the method chooses its own steps."""
        return self.method in METHODS and METHODS[self.method].adaptive is not None

    @property
    def step_label(self) -> str:
        """The label of the step for this method."""
        if self.optimizes:
            return "Longest move" if self.method == "lbfgs" else "Step size"
        return "Step size h"

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """Another method brings its step."""
        if values["method"] != before.method and values["method"] in cls.STEPS:
            return values | {"step": cls.STEPS[values["method"]]}
        return values

    def unused(self) -> frozenset[str]:
        """The numbers of the run that this method does not use; a system adds its own."""
        name = self.method
        timed = name == "annealing" or not (self.optimizes or self.searches)
        hidden = {"iterations"} if timed or self.searches else set()
        hidden |= set() if timed else {"duration"}
        hidden |= set() if self.adapts else {"tolerance"}
        hidden |= {"step"} if self.adapts or name in ("hopping", "starts") else set()
        hidden |= {field for field, searches in USED_BY.items() if name not in searches}
        return frozenset(hidden & set(self.controls()))

    def seconds(self) -> float:
        """About how long a run takes on one core."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise ValueError where the run would take longer than `MOST_SECONDS`. A subclass whose fields may contradict
        each other checks that first and then calls this."""
        seconds = self.seconds()
        if seconds > MOST_SECONDS:
            raise ValueError(
                f"This would take about {seconds:.0f} s; at most {MOST_SECONDS:.0f} s are allowed: {self.advice()}."
            )

    def advice(self) -> str:
        """What to change where a run would take too long."""
        if self.searches:
            return "take fewer walks or hops, or fewer particles"
        return "take fewer iterations" if self.optimizes else "take a larger step, a shorter time or a smaller system"

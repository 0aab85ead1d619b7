"""Everything a visitor can change on the Langevin page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from demos.contract import Config, choice, flag, number, several, text, whole
from demos.gradient_flow import METHODS, Method
from demos.landscapes import LANDSCAPES, Landscape
from demos.landscapes.formula import Formula, formula_landscape
from demos.langevin.laws import confined

FORMULA = "formula"
POTENTIALS = {name: landscape.title for name, landscape in LANDSCAPES.items()} | {FORMULA: "Your own formula"}
SAMPLERS: dict[str, Method] = {
    name: row for name, row in METHODS.items() if row.stochastic != "never" and row.family != "diffusion"
}
METHOD_LABELS = {name: row.label for name, row in SAMPLERS.items()}
MOST_WORK = 50_000_000  # particles × gradient evaluations of one run: about two seconds of one core
FEWEST = 500  # particles: a call with fewer takes as long as with so many, about 20 µs
NEWTON = 3  # gradient evaluations that a step of an implicit method takes, about,
NEWTON_TIME = 45  # and how many take as long: a small eigenvalue problem for each particle, and a line search,
NEWTON_FEWEST = 1_000  # no shorter with fewer particles than these
# A formula's gradient comes by autograd: so many particles' worth for a call, for each of its operations, and so many
# operations that take as long, particle by particle, as a built-in gradient.
AUTOGRAD, OPERATION, OPERATIONS = 1_500, 120, 30

# A step at which each potential shows what it is about, well inside the stability limit.
STEPS = {
    "harmonic": 0.05,
    "double_well": 0.02,
    "tilted_double_well": 0.02,
    "muller_brown": 1e-4,
    "ring": 0.01,
    "banana": 0.005,
    "funnel": 0.02,
    "three_gaussians": 0.02,
    "egg_carton": 0.01,
}
STEP = 0.01  # for a formula without a curvature


@dataclass(frozen=True)
class LangevinConfig(Config):
    """One run of Langevin dynamics in the plane; see `demos.contract.Config`."""

    potential: str = choice("double_well", "Potential U", POTENTIALS, group="main")
    formula: str = text(
        "(x**2 - 1)**2 + y**2",
        "U(x, y) =",
        most=200,
        group="main",
        help="Numbers, x, y, + − * / **, sin cos tan exp log sqrt tanh abs, pi, e.",
    )
    method: str = choice("leimkuhler_matthews", "Method", METHOD_LABELS, group="main")
    step: float = number(0.02, "Step size h", low=1e-6, high=10.0, scale="log", group="main")
    temperature: float = number(
        0.25, "Temperature kT", low=1e-3, high=100.0, scale="log", group="main", help="In units of the energy."
    )
    compare: tuple[str, ...] = several(
        (),
        "Compare with",
        METHOD_LABELS,
        most=2,
        group="compare",
        help="Up to two more methods: the same seed, the same number of gradient evaluations, side by side.",
    )
    particles: int = whole(2_000, "Particles", low=1, high=20_000, scale="log", group="run")
    steps: int = whole(500, "Steps", low=1, high=100_000, scale="log", group="run")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1, group="run")
    start: str = choice(
        "point",
        "Start",
        {"point": "One place", "cloud": "Cloud", "box": "Spread", "equilibrium": "Equilibrium"},
        group="start",
        help="All at one place, a Gaussian cloud around it, spread over the picture, or drawn from "
        "the Boltzmann law. A click in the picture sets the place.",
    )
    x0: float = number(-1.0, "Start x", low=-100.0, high=100.0, step=0.01, group="start")
    y0: float = number(0.0, "Start y", low=-100.0, high=400.0, step=0.01, group="start")
    spread: float = number(0.3, "Spread of the cloud", low=1e-3, high=10.0, scale="log", group="start")
    schedule: str = choice(
        "constant",
        "Temperature over time",
        {"constant": "Constant", "linear": "Linear", "exponential": "Exponential", "logarithmic": "Logarithmic"},
        group="annealing",
        help="From the temperature above down (or up) to the final one.",
    )
    cold: float = number(0.02, "Final temperature", low=1e-3, high=100.0, scale="log", group="annealing")
    friction: float = number(1.0, "Friction γ", low=0.01, high=1000.0, scale="log", group="underdamped")
    mass: float = number(1.0, "Mass m", low=0.01, high=100.0, scale="log", group="underdamped")
    leapfrog_steps: int = whole(10, "Leapfrog steps (HMC)", low=1, high=100, group="underdamped")
    color: str = choice("well", "Colour by", {"well": "Well", "energy": "Energy", "none": "Nothing"}, group="picture")
    law: bool = flag(
        False,
        "Exact law beneath the cloud",
        group="picture",
        help="The Fokker–Planck density in motion instead of the energy.",
    )
    escape: bool = flag(
        False,
        "Measure escape times",
        group="run",
        help="A second run follows each particle from its well over the barrier.",
    )

    def check(self) -> None:
        landscape = landscape_of(self)
        (left, right), (bottom, top) = landscape.box
        if self.start in ("point", "cloud") and not (left <= self.x0 <= right and bottom <= self.y0 <= top):
            raise ValueError(
                f"The start ({self.x0:g}, {self.y0:g}) is outside the box of {landscape.title}: "
                f"x from {left:g} to {right:g}, y from {bottom:g} to {top:g}."
            )
        if self.start in ("point", "cloud") and not math.isfinite(_height(landscape, self.x0, self.y0)):
            raise ValueError(
                f"The start ({self.x0:g}, {self.y0:g}) is inside a wall: this formula has no real value there."
            )
        if self.start == "equilibrium" and not confined(landscape, self.temperature):
            low, high = landscape.kT_range
            raise ValueError(
                f"A start in equilibrium at kT = {self.temperature:g} is too hot for the box of {landscape.title}, "
                f"made for kT from {low:g} to {high:g}: choose another start or a lower temperature."
            )
        if self.method in self.compare:
            raise ValueError(f"compare: {self.method} is the method already; choose others beside it.")
        if self.work > MOST_WORK:
            raise ValueError(
                f"{self.particles:,} particles × {self.steps:,} steps need the time of {self.work:.2g} gradient "
                f"evaluations; at most {MOST_WORK:.0e} are allowed: take fewer particles or steps"
                f"{'' if self.particles > FEWEST else ' (few particles take as long as hundreds)'}."
            )

    @classmethod
    def adapt(cls, before: LangevinConfig, values: dict[str, Any]) -> dict[str, Any]:
        """What goes with a new choice: another potential brings its own temperature, step and start. So does another
        formula, but for what the visitor has set since the last one; a step that it cannot bear shrinks, and a start
        inside one of its walls leaves it."""
        name, text = values["potential"], values["formula"]
        same = name == before.potential
        if same and (name != FORMULA or text == before.formula):
            return values
        try:
            own = _own(name, text)
        except ValueError:
            return values  # the refusal is told when the config is built
        if not same:
            return values | own
        try:
            brought = _own(name, before.formula)
        except ValueError:
            return values | own
        kept = {}
        if values["temperature"] != brought["temperature"]:
            kept["temperature"] = values["temperature"]
        if values["step"] != brought["step"]:
            kept["step"] = min(values["step"], own["step"])
        place = {axis: values[axis] for axis in ("x0", "y0")}
        if any(place[axis] != brought[axis] for axis in place) and math.isfinite(
            _height(_formula_landscape(text), *place.values())
        ):
            kept |= place
        return values | own | kept

    @property
    def work(self) -> float:
        """Gradient evaluations of all particles and all compared methods (each gets the same number), or what takes as
        long as they."""
        budget = self.steps * cost(self.method, self)
        return sum(
            budget / cost(method, self) * step_work(method, self, self.particles)
            for method in (self.method, *self.compare)
        )

    @property
    def duration(self) -> float:
        """The time that the chosen method covers."""
        return self.steps * self.step


def cost(method: str, config: LangevinConfig) -> float:
    """Gradient evaluations a step."""
    row = SAMPLERS[method]
    return row.cost(**options_of(method, config)) or NEWTON


def step_work(method: str, config: LangevinConfig, particles: int) -> float:
    """What one step takes, in gradient evaluations of one particle: many calls for few particles are not free."""
    count, least, each = NEWTON_TIME, NEWTON_FEWEST, 1.0
    if SAMPLERS[method].cost(**options_of(method, config)) is not None:
        count, least = cost(method, config), FEWEST
    if config.potential == FORMULA:
        operations = _operations(config.formula)
        least, each = max(least, AUTOGRAD + OPERATION * operations), max(1.0, operations / OPERATIONS)
    return count * max(least, each * particles)


def hottest(config: LangevinConfig) -> float:
    """The highest temperature of the run."""
    return config.temperature if config.schedule == "constant" else max(config.temperature, config.cold)


def options_of(method: str, config: LangevinConfig) -> dict[str, float]:
    return {name: getattr(config, name) for name in SAMPLERS[method].options}


def landscape_of(config: LangevinConfig) -> Landscape:
    """The potential of a config. Raises ValueError, pointing at the character, for a formula that is no good."""
    if config.potential == FORMULA:
        return _formula_landscape(config.formula)
    return LANDSCAPES[config.potential]


def _own(potential: str, formula: str) -> dict[str, float]:
    """The step, temperature and start that a potential brings. Raises ValueError for a formula that is no good."""
    landscape = _formula_landscape(formula) if potential == FORMULA else LANDSCAPES[potential]
    curvature, controls = landscape.curvature, LangevinConfig.controls()
    step = STEPS.get(potential) or (_rounded(0.2 / curvature) if curvature > 0 else STEP)
    x, y = landscape.minima[0].position
    own = {"step": step, "temperature": _rounded(landscape.kT), "x0": round(x, 3), "y0": round(y, 3)}
    return {name: min(max(value, controls[name].low), controls[name].high) for name, value in own.items()}


def _height(landscape: Landscape, x: float, y: float) -> float:
    """The energy of a place, as the particles feel it: in single precision."""
    return float(landscape.energy(torch.tensor([[x, y]])))


def _rounded(value: float) -> float:
    """Two significant digits."""
    return float(f"{value:.1e}")


@lru_cache(maxsize=64)
def _operations(text: str) -> int:
    return Formula.parse(text).operations


@lru_cache(maxsize=64)
def _formula_landscape(text: str) -> Landscape:
    return formula_landscape(text)

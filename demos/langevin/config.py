"""Everything a visitor can change on the Langevin page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from demos.common.numbers import counted
from demos.contract import Config, choice, flag, number, several, text, whole
from demos.gradient_flow import GradientFlow
from demos.landscapes import Landscape
from demos.langevin.potentials import FORMULA, POTENTIALS, energy_at, landscape_named, operations_of, settings_for
from demos.langevin.samplers import METHOD_LABELS, SAMPLERS

MOST_WORK = 50_000_000  # particles × gradient evaluations of one run: about two seconds of one core
FEWEST = 500  # a call with fewer particles takes as long as with this number, about 20 µs
NEWTON = 3  # gradient evaluations of an implicit step, about
NEWTON_TIME = 45  # its time in gradient evaluations: an eigenvalue problem for each particle, and a line search
NEWTON_FEWEST = 1_000  # fewer particles than these do not shorten it
# Costs of a formula's gradient, which autograd computes: overhead of a call and of each operation, in particles; and
# the number of operations that take as long per particle as a built-in gradient.
AUTOGRAD, OPERATION, OPERATIONS = 1_500, 120, 30

# A test parses every example in it.
FORMULA_HELP = (
    "Type it as you would write it: `x^2 + 3y^2`, `(x² − 1)² + y²/2`, `|x| + √(1 + y²)`, `2x·cos(πy)`. "
    "Variables: x, y, or r and θ (theta). Signs: + − · × * / ÷, ^ or ** and ² ³ for powers, √, |x|, brackets; "
    "2x is 2·x. Numbers: 1.5, 2e-3, π (pi), e. Functions: sin, cos, tan, asin, acos, atan, atan2(y, x), sinh, cosh, "
    "tanh, exp, ln (log), lg (log10), log2, sqrt, abs, sign, erf, min(a, b), max(a, b), hypot(x, y)."
)


@dataclass(frozen=True)
class LangevinConfig(Config):
    """One run of Langevin dynamics in the plane; see `demos.contract.Config`."""

    potential: str = choice("double_well", "Potential U", POTENTIALS, group="main")
    formula: str = text(
        "(x**2 - 1)**2 + y**2",
        "U(x, y) =",
        most=200,
        group="main",
        help=FORMULA_HELP,
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
        "Boltzmann's distribution. A click in the picture sets the place.",
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
        "Exact density beneath the cloud",
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
        landscape = self.landscape
        (left, right), (bottom, top) = landscape.box
        if self.start in ("point", "cloud") and not (left <= self.x0 <= right and bottom <= self.y0 <= top):
            raise ValueError(
                f"The start ({self.x0:g}, {self.y0:g}) is outside the box of {landscape.title}: "
                f"x from {left:g} to {right:g}, y from {bottom:g} to {top:g}."
            )
        if self.start in ("point", "cloud") and not math.isfinite(energy_at(landscape, self.x0, self.y0)):
            raise ValueError(
                f"The start ({self.x0:g}, {self.y0:g}) is inside a wall: this formula has no real value there."
            )
        if self.start == "equilibrium" and not landscape.confines(self.temperature):
            low, high = landscape.kT_range
            raise ValueError(
                f"A start in equilibrium at kT = {self.temperature:g} is too hot for the box of {landscape.title}, "
                f"made for kT from {low:g} to {high:g}: choose another start or a lower temperature."
            )
        if self.method in self.compare:
            raise ValueError(f"compare: {self.method} is the method already; choose others beside it.")
        if self.work > MOST_WORK:
            raise ValueError(
                f"{counted(self.particles, 'particle')} × {counted(self.steps, 'step')} need the time of "
                f"{self.work:.2g} gradient "
                f"evaluations; at most {MOST_WORK:.0e} are allowed: take fewer particles or steps"
                f"{'' if self.particles > FEWEST else ' (few particles take as long as hundreds)'}."
            )

    @classmethod
    def adapt(cls, before: LangevinConfig, values: dict[str, Any]) -> dict[str, Any]:
        """Another potential brings its own temperature, step and start. So does another formula, except for what was
        changed since the last one; a step that is too long for it shrinks, and a start inside one of its walls
        moves."""
        name, text = values["potential"], values["formula"]
        same = name == before.potential
        if same and (name != FORMULA or text == before.formula):
            return values
        try:
            suited = cls._settings_for(name, text)
        except ValueError:
            return values  # building the config raises the error
        if not same:
            return values | suited
        try:
            previous = cls._settings_for(name, before.formula)
        except ValueError:
            return values | suited
        changed = {}
        if values["temperature"] != previous["temperature"]:
            changed["temperature"] = values["temperature"]
        if values["step"] != previous["step"]:
            changed["step"] = min(values["step"], suited["step"])
        place = {axis: values[axis] for axis in ("x0", "y0")}
        moved = any(place[axis] != previous[axis] for axis in place)
        if moved and math.isfinite(energy_at(landscape_named(name, text), *place.values())):
            changed |= place
        return values | suited | changed

    @classmethod
    def _settings_for(cls, potential: str, formula: str) -> dict[str, float]:
        """`settings_for`, within the limits of the controls."""
        controls = cls.controls()
        suited = settings_for(potential, formula)
        return {name: min(max(value, controls[name].low), controls[name].high) for name, value in suited.items()}

    def marks(self) -> dict[str, list[tuple[float, str]]]:
        """The largest stable step of the method, at the sharpest minimum."""
        row, curvature = SAMPLERS[self.method], self.landscape.curvature
        flow = GradientFlow(self.landscape.energy, friction=self.friction, mass=self.mass)
        limit = row.step_limit(curvature, flow, **self.options_of(self.method)) if curvature > 0 else math.inf
        control = self.controls()["step"]
        return {"step": [(limit, row.limit_formula)]} if control.low < limit < control.high else {}

    @property
    def landscape(self) -> Landscape:
        """The potential. Raises ValueError, with the position of the wrong character, for an invalid formula."""
        return landscape_named(self.potential, self.formula)

    @property
    def methods(self) -> tuple[str, ...]:
        """The method, and those it is compared with."""
        return (self.method, *self.compare)

    @property
    def work(self) -> float:
        """The cost of the run in gradient evaluations of one particle, over all particles and compared methods."""
        budget = self.steps * self.evaluations(self.method)
        return sum(
            budget / self.evaluations(method) * self.step_work(method, self.particles) for method in self.methods
        )

    @property
    def duration(self) -> float:
        """The time that the chosen method covers."""
        return self.steps * self.step

    def options_of(self, method: str) -> dict[str, Any]:
        """The options of a method, as `solve` takes them."""
        return {name: getattr(self, name) for name in SAMPLERS[method].options}

    def evaluations(self, method: str) -> float:
        """Gradient evaluations per step; for an implicit method an estimate."""
        return SAMPLERS[method].cost(**self.options_of(method)) or NEWTON

    def step_work(self, method: str, particles: int) -> float:
        """The time of one step in gradient evaluations of one particle, with the overhead of calls."""
        count, least, each = NEWTON_TIME, NEWTON_FEWEST, 1.0
        if SAMPLERS[method].cost(**self.options_of(method)) is not None:
            count, least = self.evaluations(method), FEWEST
        if self.potential == FORMULA:
            operations = operations_of(self.formula)
            least, each = max(least, AUTOGRAD + OPERATION * operations), max(1.0, operations / OPERATIONS)
        return count * max(least, each * particles)

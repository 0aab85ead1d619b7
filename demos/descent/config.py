"""DescentConfig: the settings of the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from demos.common.numbers import counted
from demos.contract import Config, choice, flag, number, several, text, whole
from demos.descent.optimizers import LABELS, OPTIMIZERS, WEIGHTS
from demos.descent.starts import MOST_PLACES, places_of, starts_of
from demos.descent.surfaces import (
    FORMULA,
    SUITED,
    SURFACES,
    energy_at,
    rates_suited_to,
    suited_to,
    surface_named,
)
from demos.landscapes import EnergySurface

MOST_STEPS = 20_000  # the most steps of one method
MOST_WORK = 60_000.0  # the most work, in steps of gradient descent for up to 64 starts: about three seconds
FEW = 64  # up to so many starts take as long as one
MOST_NUMBERS = 4_000_000  # the most recorded numbers of one method
_DEFAULT = SUITED["himmelblau"]
_RATES = rates_suited_to(_DEFAULT)


def _rate(method: str) -> Any:
    return number(
        _RATES[method],
        f"Rate of {LABELS[method]}",
        low=1e-7,
        high=1e3,
        scale="log",
        group="rates",
        help="The longest move of a coordinate in one step." if method == "lbfgs" else "",
    )


@dataclass(frozen=True)
class DescentConfig(Config):
    """One or several methods from one or several starts on one landscape; see `demos.contract.Config`."""

    surface: str = choice("himmelblau", "Landscape", SURFACES, group="main")
    formula: str = text(
        "(x**2 - 1)**2 + 2*(y - x**2/2)**2",
        "E(x, y) =",
        most=200,
        group="main",
        help="Numbers, x, y, + − * / **, sin cos tan exp log sqrt tanh abs, pi, e.",
    )
    condition: float = number(25.0, "Condition number κ", low=1.0, high=1e4, scale="log", group="main")
    angle: float = number(30.0, "Angle of the valley", low=0.0, high=90.0, step=1.0, unit="°", group="main")
    methods: tuple[str, ...] = several(("euler", "heavy_ball", "adam"), "Methods", LABELS, most=6, group="main")
    steps: int = whole(_DEFAULT.steps, "Steps of the first method", low=1, high=MOST_STEPS, scale="log", group="main")
    lr_euler: float = _rate("euler")
    lr_heavy_ball: float = _rate("heavy_ball")
    lr_nesterov: float = _rate("nesterov")
    lr_adagrad: float = _rate("adagrad")
    lr_rmsprop: float = _rate("rmsprop")
    lr_adam: float = _rate("adam")
    lr_adamw: float = _rate("adamw")
    lr_lion: float = _rate("lion")
    lr_normalized_descent: float = _rate("normalized_descent")
    lr_newton: float = _rate("newton")
    lr_implicit_euler: float = _rate("implicit_euler")
    lr_lbfgs: float = _rate("lbfgs")
    momentum: float = number(0.9, "Momentum β", low=0.0, high=0.999, step=0.001, group="rates")
    beta2: float = number(0.999, "Decay β₂ of Adam and AdamW", low=0.5, high=0.9999, step=0.0001, group="rates")
    weight_decay: float = number(0.01, "Weight decay of AdamW", low=0.0, high=1.0, step=0.01, group="rates")
    start: str = choice(
        "point",
        "Starts",
        {"point": "One", "places": "Several", "line": "A line", "grid": "A grid"},
        group="start",
        help="A click in the picture sets the start; with Several, each click adds one.",
    )
    x0: float = number(_DEFAULT.start[0], "Start x", low=-100.0, high=100.0, step=0.01, group="start")
    y0: float = number(_DEFAULT.start[1], "Start y", low=-100.0, high=100.0, step=0.01, group="start")
    x1: float = number(3.0, "End of the line x", low=-100.0, high=100.0, step=0.01, group="start")
    y1: float = number(-3.0, "End of the line y", low=-100.0, high=100.0, step=0.01, group="start")
    count: int = whole(
        8, "Starts on a line, or a side of the grid", low=2, high=16, group="start", help="A grid has count² starts."
    )
    places: str = text(
        "0, -0.5; 0.4, -0.6",
        "Places",
        most=400,
        group="start",
        help=f"x, y; x, y; … up to {MOST_PLACES} of them.",
    )
    clock: str = choice(
        "time",
        "Same for all methods",
        {"time": "Time t = rate × step", "steps": "Number of steps"},
        group="picture",
        help="How long the others run: to the same time t as the first, or for as many steps.",
    )
    beside: str = choice(
        "loss",
        "Beside the landscape",
        {"loss": "Loss", "distance": "Distance from the flow", "step": "One step dissected"},
        group="picture",
    )
    ground: str = choice(
        "energy",
        "Background",
        {"energy": "Energy", "flow": "Basins of the flow", "method": "Basins of the first method"},
        group="picture",
    )
    streamlines: bool = flag(False, "Streamlines of the flow", group="picture")
    tolerance: float = number(
        0.01,
        "ε: a path has left the flow",
        low=1e-6,
        high=1.0,
        scale="log",
        group="picture",
        help="In parts of the view's diagonal.",
    )

    def check(self) -> None:
        surface = self.landscape
        if not self.methods:
            raise ValueError("methods is empty: choose at least one.")
        for x, y in starts_of(self, surface).tolist():
            if not math.isfinite(energy_at(surface, x, y)):
                raise ValueError(
                    f"The start ({x:g}, {y:g}) is where {surface.title} has no finite value: choose another."
                )
        planned, count = self.planned_steps, len(starts_of(self, surface))
        for method, steps in planned.items():
            if steps > MOST_STEPS:
                raise ValueError(
                    f"{LABELS[method]} would need {steps:,} steps to reach the time of the others; at most "
                    f"{MOST_STEPS:,} are allowed: raise its rate, or lower the number of steps."
                )
        work = max(1.0, count / FEW) * sum(WEIGHTS.get(method, 1.0) * steps for method, steps in planned.items())
        if work > MOST_WORK or max(planned.values()) * count * 2 > MOST_NUMBERS:
            raise ValueError(
                f"{counted(count, 'start')} with these methods take the time of {work:,.0f} steps of gradient "
                "descent; at most "
                f"{MOST_WORK:,.0f} are allowed: take fewer starts, steps or methods."
            )

    @classmethod
    def adapt(cls, before: DescentConfig, values: dict[str, Any]) -> dict[str, Any]:
        """Another landscape, or another formula, brings its own start, rates and number of steps."""
        same = values["surface"] == before.surface
        if same and (before.surface != FORMULA or values["formula"] == before.formula):
            return values
        try:
            suited = suited_to(values["surface"], values["formula"])
        except ValueError:
            return values  # building the config raises the error
        controls = cls.controls()
        rates = {f"lr_{method}": rate for method, rate in rates_suited_to(suited).items()}
        rates = {name: min(max(rate, controls[name].low), controls[name].high) for name, rate in rates.items()}
        x, y = suited.start
        places = {"x0": x, "y0": y, "places": f"{x:g}, {y:g}"}
        (left, right), (bottom, top) = surface_named(values["surface"], values["formula"], 25.0, 30.0).view
        line = {"x1": round(left + 0.8 * (right - left), 3), "y1": round(bottom + 0.2 * (top - bottom), 3)}
        return values | rates | places | line | {"steps": suited.steps}

    def unused(self) -> frozenset[str]:
        away = {f"lr_{method}" for method in OPTIMIZERS if method not in self.methods}
        if self.surface != FORMULA:
            away.add("formula")
        if self.surface != "quadratic":
            away |= {"condition", "angle"}
        if not {"heavy_ball", "nesterov"} & set(self.methods):
            away.add("momentum")
        if not {"adam", "adamw"} & set(self.methods):
            away.add("beta2")
        if "adamw" not in self.methods:
            away.add("weight_decay")
        if self.start != "line":
            away |= {"x1", "y1"}
        if self.start != "places":
            away.add("places")
        if self.start not in ("line", "grid"):
            away.add("count")
        if self.start in ("grid", "places"):
            away |= {"x0", "y0"}
        return frozenset(away)

    def marks(self) -> dict[str, list[tuple[float, str]]]:
        """Marks on the sliders: the largest stable rate of each method at the sharpest minimum, if it has a limit."""
        found = {}
        for method in self.methods:
            name, limit = f"lr_{method}", self.limit_of(method)
            if self.controls()[name].low < limit < self.controls()[name].high:
                found[name] = [(limit, OPTIMIZERS[method].limit_formula)]
        return found

    @property
    def landscape(self) -> EnergySurface:
        """The chosen landscape. Raises ValueError, with the position of the error, for a formula that is not valid."""
        return surface_named(self.surface, self.formula, self.condition, self.angle)

    @property
    def places_given(self) -> list[tuple[float, float]]:
        return places_of(self.places)

    def rate(self, method: str) -> float:
        """The learning rate of a method."""
        return getattr(self, f"lr_{method}")

    def options_of(self, method: str) -> dict[str, float]:
        """The options of a method for `solve`. L-BFGS is used without its final Newton steps."""
        options: dict[str, float] = {}
        if "momentum" in OPTIMIZERS[method].options:
            options["momentum"] = self.momentum
        if method in ("adam", "adamw"):
            options["beta2"] = self.beta2
        if method == "adamw":
            options["weight_decay"] = self.weight_decay
        if method == "lbfgs":
            options["newton"] = 0.0
        return options

    def all_options_of(self, method: str) -> dict[str, Any]:
        """All options of a method: those of the config, and the defaults of the others."""
        return {name: option.default for name, option in OPTIMIZERS[method].options.items()} | self.options_of(method)

    def limit_of(self, method: str, curvature: float | None = None) -> float:
        """The largest stable rate at a curvature, by default that of the sharpest minimum; inf if there is no limit."""
        if curvature is None:
            curvature = self.landscape.curvature if self.landscape.minima else math.nan
        if method == "newton":
            return 2.0
        return OPTIMIZERS[method].step_limit(curvature, None, **self.options_of(method))

    @property
    def planned_steps(self) -> dict[str, int]:
        """method -> its number of steps."""
        first = self.methods[0]
        if self.clock == "steps":
            return {method: self.steps for method in self.methods}
        end = self.steps * self.rate(first)
        return {method: max(1, round(end / self.rate(method))) for method in self.methods}

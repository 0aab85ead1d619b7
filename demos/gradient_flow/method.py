"""A method as data: what it is, what it costs, how far it can be trusted, who wrote it down."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demos.gradient_flow.shapes import is_number

NEEDS = frozenset({"gradient", "energy", "hessian", "noise_level", "stiff", "project"})
SUPPORTS = frozenset({"mobility", "project"})
STOCHASTIC = ("never", "may", "must")
BACKWARD = ("may", "cold", "never")


@dataclass(frozen=True)
class Option:
    """A number that a method lets its caller choose."""

    default: float | None
    low: float
    high: float
    description: str
    whole: bool = False

    def read(self, method: str, name: str, value: Any) -> Any:
        """The value, or ValueError naming the argument, its value and what is allowed."""
        if value is None and self.default is None:
            return None
        number = float(value) if is_number(value) else math.nan
        if not self.low <= number <= self.high or (self.whole and number != int(number)):
            kind = "a whole number " if self.whole else ""
            raise ValueError(
                f"{name} = {value!r} ({self.description} of {method}) must be {kind}from {self.low:g} to {self.high:g}."
            )
        return int(number) if self.whole else number


@dataclass(frozen=True)
class Order:
    """Orders in the step size. deterministic: on dx = −∇E dt. weak: averages at a fixed time. stationary: averages
    in the long run (inf: exact). strong: paths, for additive noise. None: does not apply. On a constraint set the
    deterministic orders stand; noise there is of weak order 1."""

    deterministic: float | None = None
    strong: float | None = None
    weak: float | None = None
    stationary: float | None = None


def x_alone(problem: Any, x: Any, t: float) -> tuple:
    """The first state of a method that remembers nothing."""
    return (x,)


@dataclass(frozen=True)
class Method:
    """A fixed-step method is two pure functions; an adaptive one builds a stepper. `solve` takes it as it is.

    step(problem, state, t, h) -> state after one step of size h from t, h < 0 on a falling grid. It may reuse the old
    state's memory. init(problem, x, t) -> the first state: a tuple of tensors, arrays and numbers, x first; by
    default x alone. It owns x and may write into it. `problem` is a `Problem`: gradient, move, normal …
    adaptive(problem, x, t0, t1) -> an `AdaptiveStepper`, instead of step and init.

    Raises ValueError where a field has none of its values.
    """

    name: str
    step: Callable[..., tuple] | None = None
    init: Callable[..., tuple] = x_alone
    adaptive: Callable[..., Any] | None = None
    label: str = ""  # for menus; by default the name
    # "explicit", "adaptive", "implicit", "stiff", "sampler", "splitting", "optimizer", "diffusion", or one's own word
    family: str = "explicit"
    formula: str = ""  # LaTeX, one step
    paper: str = ""
    order: Order = Order()
    evaluations: float | str | None = 1  # gradient evaluations a step; a str: the option that says; None: it depends
    stochastic: str = "never"  # noise (T > 0): it "never", "may" or "must" have it
    backward: str = "may"  # a falling grid: "may" be given, also with noise; "cold": at T = 0 only; "never"
    limit: Callable[[float, Any, Mapping], float] | None = None  # (L, flow, options) -> largest stable step
    limit_formula: str = ""  # the same limit for people, such as "2/L"
    needs: frozenset[str] = frozenset({"gradient"})  # parts that a flow must have; a subset of NEEDS
    supports: frozenset[str] = frozenset({"mobility", "project"})  # parts that it can use where a flow has them
    normals: int = 0  # standard normals a step, each shaped like the states
    uniforms: int = 0  # uniforms a step, one a replica
    momentum: int | None = None  # where the state holds the momenta, for underdamped methods
    gradient_index: int | None = None  # where the state holds ∇E(x), for methods that know it at the end of a step
    holds_values: bool = True  # whether it uses a gradient or an energy after asking for the next one
    proposes: bool = False  # has an acceptance rate
    options: Mapping[str, Option] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.step is None) == (self.adaptive is None):
            raise ValueError(f"method {self.name!r} must have either a step or an adaptive stepper.")
        object.__setattr__(self, "label", self.label or self.name)
        for name, allowed in (("stochastic", STOCHASTIC), ("backward", BACKWARD)):
            if getattr(self, name) not in allowed:
                value = getattr(self, name)
                raise ValueError(f"{name} = {value!r} of method {self.name!r} must be one of {', '.join(allowed)}.")
        for name, known in (("needs", NEEDS), ("supports", SUPPORTS)):
            parts = frozenset(getattr(self, name))
            object.__setattr__(self, name, parts)
            if not parts <= known:
                raise ValueError(
                    f"{name} = {sorted(parts)} of method {self.name!r} must be some of {', '.join(sorted(known))}."
                )

    def cost(self, **options: Any) -> float | None:
        """Gradient evaluations a step; None where that depends on the problem."""
        if isinstance(self.evaluations, str):
            return options.get(self.evaluations, self.options[self.evaluations].default)
        return self.evaluations

    def step_limit(self, curvature: float, flow: Any = None, **options: Any) -> float:
        """The largest stable step on E = L x²/2 with L = `curvature`; inf where there is none."""
        if self.limit is None or not curvature > 0:
            return math.inf
        chosen = {name: option.default for name, option in self.options.items()} | options
        return self.limit(curvature, flow, chosen)

"""One row of the table of methods: what a method is, what it costs, how far it can be trusted, who wrote it down."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any


@dataclass(frozen=True)
class Option:
    """A number that a method lets its caller choose."""

    default: float | None
    low: float
    high: float
    words: str
    whole: bool = False

    def read(self, method: str, name: str, value: Any) -> Any:
        """The value, or ValueError naming the argument, its value and what is allowed."""
        if value is None and self.default is None:
            return None
        fits = isinstance(value, Real) and not isinstance(value, bool) and self.low <= value <= self.high
        if not fits or (self.whole and value != int(value)):
            kind = "a whole number " if self.whole else ""
            raise ValueError(
                f"{name} = {value!r} ({self.words} of {method}) must be {kind}from {self.low:g} to {self.high:g}."
            )
        return int(value) if self.whole else float(value)


@dataclass(frozen=True)
class Order:
    """Orders in the step size. deterministic: on dx = −∇E dt. weak: averages at a fixed time. stationary: averages
    in the long run (inf: exact). strong: paths, for additive noise. None: does not apply. On a constraint set the
    deterministic orders stand; noise there is of weak order 1."""

    deterministic: float | None = None
    strong: float | None = None
    weak: float | None = None
    stationary: float | None = None


@dataclass(frozen=True)
class Method:
    """A fixed-step method is two pure functions; an adaptive one builds a stepper.

    init(problem, x, t) -> state: a tuple of tensors, x first. It owns x and may write into it.
    step(problem, state, t, h) -> state after one step of size h from t. It may reuse the old state's memory.
    adaptive(problem, x, t0, t1) -> an `AdaptiveStepper` (see `steppers`).
    """

    name: str
    label: str
    family: str  # "explicit", "adaptive", "implicit", "sampler", "splitting", "optimizer"
    formula: str  # LaTeX, one step
    paper: str
    order: Order
    step: Callable | None = None
    init: Callable = lambda problem, x, t: (x,)
    adaptive: Callable | None = None
    evaluations: float | str | None = 1  # gradient evaluations a step; a str: the option that says; None: it depends
    stochastic: str = "never"  # temperature > 0: "never" allowed, "may" be there, "must" be there
    limit: Callable[[float, Any, Mapping], float] | None = None  # (L, flow, options) -> largest stable step
    limit_words: str = ""  # the same limit as a formula, for people
    needs: frozenset[str] = frozenset({"gradient"})
    supports: frozenset[str] = frozenset({"mobility", "project"})
    normals: int = 0  # standard normals a step, each shaped like the states
    uniforms: int = 0  # uniforms a step, one a replica
    momentum: int | None = None  # where the state holds the momenta, for underdamped methods
    slope: int | None = None  # where the state holds ∇E(x), for methods that know it at the end of a step
    proposes: bool = False  # has an acceptance rate
    options: Mapping[str, Option] = field(default_factory=dict)

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

"""Method: a numerical method as data: its step, its cost, its orders of accuracy, its stability limit and its paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from demos.gradient_flow.recurrence import Recurrence
from demos.gradient_flow.shapes import is_number, kind
from demos.gradient_flow.signatures import takes

NEEDS = frozenset({"gradient", "energy", "hessian", "noise_level", "stiff", "project"})
SUPPORTS = frozenset({"mobility", "project"})
STOCHASTIC = ("never", "may", "must")
BACKWARD = ("may", "cold", "never")


@dataclass(frozen=True)
class Option:
    """A parameter of a method, with its default and its bounds."""

    default: float | None
    low: float
    high: float
    description: str
    whole: bool = False

    def read(self, method: str, name: str, value: Any) -> Any:
        """The checked value. Raises ValueError naming the argument, its value and what is allowed."""
        if value is None and self.default is None:
            return None
        number = float(value) if is_number(value) else math.nan
        if not self.low <= number <= self.high or (self.whole and number != int(number)):
            whole = "a whole number " if self.whole else ""
            allowed = f"{whole}from {self.low:g} to {self.high:g}"
            raise ValueError(f"{name} = {kind(value)} ({self.description} of {method}) must be {allowed}.")
        return int(number) if self.whole else number


@dataclass(frozen=True)
class Order:
    """Orders of accuracy in the step size; None: does not apply.

    deterministic: on dx = −∇E dt. strong: of paths, for additive noise. weak: of averages at a fixed time.
    stationary: of long-time averages (inf: exact). On a constraint set the deterministic order is the same, and the
    weak order with noise is 1.
    """

    deterministic: float | None = None
    strong: float | None = None
    weak: float | None = None
    stationary: float | None = None


def x_alone(problem: Any, x: Any, t: float) -> tuple:
    """The initial state of a method that carries nothing but x from step to step."""
    return (x,)


@dataclass(frozen=True)
class Method:
    """A method, to be passed to `solve`: two pure functions for a fixed-step method, or a factory for an adaptive one.

    step(problem, state, t, h) -> the state after one step of size h from t; h < 0 on a falling grid. It may write into
    the old state, unless `evaluations` is not a number: such a step may be left at any of its gradients, when the
    caller stops the run, and the old state is then the end. init(problem, x, t) -> the initial state: a tuple of
    tensors, arrays and numbers, x first; by default (x,). It may write into x. `problem` is a `Problem`, which gives
    gradients, energies and noise.
    adaptive(problem, x, t0, t1) -> an `AdaptiveStepper`, instead of step and init.

    Raises ValueError if the value of a field is not allowed.
    """

    name: str
    step: Callable[..., tuple] | None = None
    init: Callable[..., tuple] = x_alone
    adaptive: Callable[..., Any] | None = None
    label: str = ""  # for menus; by default the name
    # "explicit", "adaptive", "implicit", "stiff", "sampler", "splitting", "optimizer", "diffusion", or another word
    family: str = "explicit"
    formula: str = ""  # LaTeX, one step
    paper: str = ""
    order: Order = Order()
    evaluations: float | str | None = 1  # gradients a step; a str: the option that gives them; None: not constant
    stochastic: str = "never"  # whether the flow "never", "may" or "must" have noise (T > 0)
    backward: str = "may"  # a falling grid is allowed: "may": always; "cold": at T = 0 only; "never"
    limit: Callable[[float, Any, Mapping], float] | None = None  # (L, flow, options) -> largest stable step
    limit_formula: str = ""  # the same limit as text, such as "2/L"
    needs: frozenset[str] = frozenset({"gradient"})  # parts that a flow must have; a subset of NEEDS
    supports: frozenset[str] = frozenset({"mobility", "project"})  # parts of a flow that it can use: of SUPPORTS
    normals: int = 0  # standard normals a step, each shaped like the states
    uniforms: int = 0  # uniform random numbers for each replica and step
    momentum: int | None = None  # index of the momenta in the state, for underdamped methods
    gradient_index: int | None = None  # index of ∇E(x) in the state, if it is known after a step
    holds_values: bool = True  # whether it still uses a gradient or an energy after it computed the next one
    recurrence: Callable[[Mapping[str, Any]], Recurrence] | None = None  # options -> the same steps as data
    proposes: bool = False  # whether it proposes and accepts moves: it has an acceptance rate
    options: Mapping[str, Option] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"name = {kind(self.name)} of a method must be a text.")
        if (self.step is None) == (self.adaptive is None):
            raise ValueError(f"method {self.name!r} must have either a step or an adaptive stepper.")
        object.__setattr__(self, "label", self.label or self.name)
        for name, arguments in (("step", 4), ("init", 3), ("adaptive", 4), ("limit", 3)):
            value = getattr(self, name)
            if value is not None and not takes(value, arguments):
                self._refuse(name, f"a function of {arguments} arguments")
        for name in ("normals", "uniforms"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 0:
                self._refuse(name, "a whole number ≥ 0")
        if not isinstance(self.order, Order):
            self._refuse("order", "an Order, such as Order(deterministic=2)")
        if not isinstance(self.options, Mapping) or not all(isinstance(o, Option) for o in self.options.values()):
            self._refuse("options", "a dict of names and Options")
        if isinstance(self.evaluations, str) and self.evaluations not in self.options:
            self._refuse("evaluations", "a number, None, or the name of one of its options")
        for name, allowed in (("stochastic", STOCHASTIC), ("backward", BACKWARD)):
            if getattr(self, name) not in allowed:
                self._refuse(name, f"one of {', '.join(allowed)}")
        for name, known in (("needs", NEEDS), ("supports", SUPPORTS)):
            parts = getattr(self, name)
            if not isinstance(parts, Iterable) or isinstance(parts, str) or not set(parts) <= known:
                self._refuse(name, f"a set of some of {', '.join(sorted(known))}")
            object.__setattr__(self, name, frozenset(parts))

    def _refuse(self, name: str, allowed: str) -> NoReturn:
        raise ValueError(f"{name} = {kind(getattr(self, name))} of method {self.name!r} must be {allowed}.")

    def cost(self, **options: Any) -> float | None:
        """Gradient evaluations for each step; None if that depends on the problem."""
        if isinstance(self.evaluations, str):
            return options.get(self.evaluations, self.options[self.evaluations].default)
        return self.evaluations

    def step_limit(self, curvature: float, flow: Any = None, **options: Any) -> float:
        """The largest stable step on E = L x²/2 with L = `curvature`; inf if every step is stable."""
        if self.limit is None or not curvature > 0:
            return math.inf
        chosen = {name: option.default for name, option in self.options.items()} | options
        return self.limit(curvature, flow, chosen)

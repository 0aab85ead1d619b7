"""The flow itself: dx = −M ∇E(x, t) dt + √(2 T(t) M) dW on a set C."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from numbers import Real
from typing import Protocol

from torch import Tensor

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian
from demos.gradient_flow.mobility import Mobility, as_mobility
from demos.gradient_flow.shapes import described, kind
from demos.gradient_flow.signatures import signature, takes
from demos.gradient_flow.stiff import Stiff

Energy = Callable[[Tensor, float], Tensor]
VectorField = Callable[[Tensor, float], Tensor]


class Projection(Protocol):
    """A constraint set C: how to come back to it, and its tangent space."""

    def retract(self, x: Tensor) -> Tensor:
        """The point of C that x stands for, same shape (N, ...)."""

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        """The part of v tangent to C at x, same shape."""


@dataclass(frozen=True)
class GradientFlow:
    """dx = −M ∇E(x, t) dt + √(2 T(t) M) dW on C; with momenta, dq = p/m dt, dp = −∇E dt − γ p dt + √(2 γ m T) dW.

    energy(x, t) -> (N,) for x (N, ...); gradient(x, t) -> like x. One of them is enough: a missing gradient is
    taken by autograd, a missing energy only rules out the methods that compare energies. Written without t, or with a
    default for it, they do not depend on time, and methods may keep their values from step to step.
    temperature: T ≥ 0 (kT in units of the energy), a number or a function of t. mobility: a number, a tensor, a
    function of t, or an object with `apply` and `root`. project: the constraint set. hessian(x, t) -> (N, D, D)
    over flattened coordinates. stiff: the linear part of M∇E, which semi-implicit methods solve exactly. friction γ
    and mass m belong to the underdamped (second-order) form only.

    Raises ValueError where a part cannot be used.
    """

    energy: Energy | None = None
    gradient: VectorField | None = None
    temperature: float | Callable[[float], float] = 0.0
    mobility: float | Tensor | Callable[[float], float | Tensor] | Mobility | None = None
    project: Projection | None = None
    hessian: Callable[[Tensor, float], Tensor] | None = None
    friction: float = 1.0
    mass: float = 1.0
    stiff: Stiff | None = None
    time_dependent: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if self.energy is None and self.gradient is None:
            raise ValueError("A flow needs an energy or a gradient.")
        for name in ("energy", "gradient", "hessian"):
            given = getattr(self, name)
            if given is not None and not (takes(given, 2) or takes(given, 1)):
                raise ValueError(f"{name} = {kind(given)} must be a function of (x, t).")
        if not takes(self.temperature, 1) and not (_is_number(self.temperature) and self.temperature >= 0):
            raise ValueError(f"temperature = {self.temperature!r} must be a finite number ≥ 0, or a function of t.")
        if not (_is_number(self.friction) and self.friction >= 0):
            raise ValueError(f"friction = {self.friction!r} must be a finite number ≥ 0.")
        if not (_is_number(self.mass) and self.mass > 0):
            raise ValueError(f"mass = {self.mass!r} must be a finite number > 0.")
        if self.project is not None and not (hasattr(self.project, "retract") and hasattr(self.project, "tangent")):
            raise ValueError(f"project = {self.project!r} must have retract(x) and tangent(x, v).")
        if self.stiff is not None and not isinstance(self.stiff, Stiff):
            raise ValueError(f"stiff = {self.stiff!r} must be a Stiff.")
        put = lambda name, value: object.__setattr__(self, name, value)  # frozen dataclass
        put("time_dependent", any(_requires_t(function) for function in (self.energy, self.gradient)))
        for name in ("energy", "gradient", "hessian"):
            put(name, _of_x_and_t(getattr(self, name)))
        put("mobility", as_mobility(self.mobility))
        if self.gradient is None:
            put("gradient", autograd_gradient(self.energy))
        if self.hessian is None and self.energy is not None:
            put("hessian", autograd_hessian(self.energy))

    @property
    def is_stochastic(self) -> bool:
        return callable(self.temperature) or self.temperature > 0

    def temperature_at(self, t: float) -> float:
        """T(t); raises ValueError where a schedule gives a negative or non-finite number."""
        if not callable(self.temperature):
            return self.temperature
        given = self.temperature(t)
        try:
            value = float(given)
        except (TypeError, ValueError, RuntimeError):
            value = float("nan")
        if not 0 <= value < float("inf"):
            raise ValueError(f"temperature({t:g}) = {described(given)} must be a finite number ≥ 0.")
        return value


def _of_x_and_t(function: Callable | None) -> Callable | None:
    """The function as f(x, t), also where it was written as f(x)."""
    if function is None:
        return None
    return function if takes(function, 2) else lambda x, t=0.0: function(x)  # the default: it does not depend on t


def _requires_t(function: Callable | None) -> bool:
    """Whether the function cannot be called without t, or does not tell: then its value may change with it."""
    if function is None:
        return False
    try:
        told = signature(function)
        told.bind(None)
    except (TypeError, ValueError):
        return True
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in told.parameters.values())


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)

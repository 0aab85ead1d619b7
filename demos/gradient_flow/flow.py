"""The flow itself: dx = −M ∇E(x, t) dt + √(2 T(t) M) dW on a set C."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from numbers import Real
from typing import Protocol

from torch import Tensor
from torch.nn import Module

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian
from demos.gradient_flow.mobility import Mobility, as_mobility
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
            if getattr(self, name) is not None and not callable(getattr(self, name)):
                raise ValueError(f"{name} = {getattr(self, name)!r} must be a function of (x, t).")
        if not callable(self.temperature) and not (_is_number(self.temperature) and self.temperature >= 0):
            raise ValueError(f"temperature = {self.temperature!r} must be a finite number ≥ 0, or a function of t.")
        if not (_is_number(self.friction) and self.friction >= 0):
            raise ValueError(f"friction = {self.friction!r} must be a finite number ≥ 0.")
        if not (_is_number(self.mass) and self.mass > 0):
            raise ValueError(f"mass = {self.mass!r} must be a finite number > 0.")
        if self.project is not None and not (hasattr(self.project, "retract") and hasattr(self.project, "tangent")):
            raise ValueError(f"project = {self.project!r} must have retract(x) and tangent(x, v).")
        if self.stiff is not None and not isinstance(self.stiff, Stiff):
            raise ValueError(f"stiff = {self.stiff!r} must be a Stiff.")
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731 - frozen dataclass
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
        value = float(self.temperature(t))
        if not 0 <= value < float("inf"):
            raise ValueError(f"temperature({t:g}) = {value} must be a finite number ≥ 0.")
        return value


def _of_x_and_t(function: Callable | None) -> Callable | None:
    """The function as f(x, t), also where it was written as f(x)."""
    if function is None:
        return None
    try:
        _signature(function).bind(None, 0.0)
    except TypeError:
        return lambda x, t=0.0: function(x)  # the default says that it does not depend on t
    except ValueError:  # a builtin that does not tell its signature
        pass
    return function


def _requires_t(function: Callable | None) -> bool:
    """Whether the function cannot be called without t, or does not tell: then its value may change with it."""
    if function is None:
        return False
    try:
        signature = _signature(function)
        signature.bind(None)
    except (TypeError, ValueError):
        return True
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in signature.parameters.values())


def _signature(function: Callable) -> inspect.Signature:
    """What a function takes; a torch module is called through its `forward`."""
    return inspect.signature(function.forward if isinstance(function, Module) else function)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)

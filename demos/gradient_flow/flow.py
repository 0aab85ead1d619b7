"""GradientFlow: the parts of dx = −M ∇E(x, t) dt + √(2 T(t) M) dW on a set C."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian
from demos.gradient_flow.mobility import Mobility, as_mobility
from demos.gradient_flow.shapes import is_number, kind, nonnegative
from demos.gradient_flow.signatures import may_depend_on_time, of_x_and_t, takes
from demos.gradient_flow.stiff import Stiff

Energy = Callable[[Tensor, float], Tensor]  # (x, t) -> (N,)
VectorField = Callable[[Tensor, float], Tensor]  # (x, t) -> like x


class Projection(Protocol):
    """A constraint set C: the retraction onto it, and the projection onto its tangent space."""

    def retract(self, x: Tensor) -> Tensor:
        """x (N, ...) moved onto C; the same shape."""
        ...

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        """The projection of v onto the tangent space of C at x; the same shape."""
        ...


class CurvedProjection(Projection, Protocol):
    """A constraint set that also gives the Hessian on C, with which L-BFGS finishes by Newton's method."""

    def hessian(self, x: Tensor, gradient: Tensor, hessian: Tensor) -> Tensor:
        """(N, D, D) the Hessian of E restricted to C, from ∇E like x and ∇²E (N, D, D), both without the constraint."""
        ...


@dataclass(frozen=True, init=False)
class GradientFlow:
    """dx = −M ∇E(x, t) dt + √(2 T(t) M) dW on C; with momenta, dq = p/m dt, dp = −∇E dt − γ p dt + √(2 γ m T) dW.

    energy(x, t) -> (N,) for x (N, ...); gradient(x, t) -> like x. One of them is enough: a missing gradient is
    taken by autograd; without an energy, methods that compare energies cannot be used. Functions without an argument
    t, or with a default for it, count as independent of time, and methods may reuse their values in the next step. An
    argument with a default gets the time only if it is called t: `lambda x, k=k: …` keeps its k.
    temperature: T ≥ 0 (kT in units of the energy), a number or a function of t. mobility: a number, a tensor, a
    function of t, or an object with `apply` and `root`. project: the constraint set. hessian(x, t) -> (N, D, D)
    over flattened coordinates. stiff: the linear part of M∇E, which semi-implicit methods solve exactly. friction γ
    and mass m belong to the underdamped (second-order) form only. noise_level: σ(t) of a diffusion's reverse process,
    whose time is the falling noise level, dσ = −dt; its samplers need it.

    The attributes hold these parts in a normalized form: functions of (x, t), a `Mobility` or None. A flow can be
    pickled if the functions given to it can. Raises ValueError if a part is not usable.
    """

    energy: Energy | None
    gradient: VectorField
    temperature: float | Callable[[float], float]
    mobility: Mobility | None
    project: Projection | None
    hessian: VectorField | None
    friction: float
    mass: float
    stiff: Stiff | None
    noise_level: Callable[[float], float] | None
    time_dependent: bool = field(init=False)

    def __init__(
        self,
        energy: Callable[..., Tensor] | None = None,
        gradient: Callable[..., Tensor] | None = None,
        temperature: float | Callable[[float], float] = 0.0,
        mobility: float | Tensor | Callable[[float], float | Tensor] | Mobility | None = None,
        project: Projection | None = None,
        hessian: Callable[..., Tensor] | None = None,
        friction: float = 1.0,
        mass: float = 1.0,
        stiff: Stiff | None = None,
        noise_level: Callable[[float], float] | None = None,
    ):
        if energy is None and gradient is None:
            raise ValueError("A flow needs an energy or a gradient.")
        for name, part in (("energy", energy), ("gradient", gradient), ("hessian", hessian)):
            if part is not None and not (takes(part, 2) or takes(part, 1)):
                raise ValueError(f"{name} = {kind(part)} must be a function of (x, t).")
        if not takes(temperature, 1) and not (is_number(temperature) and temperature >= 0):
            raise ValueError(f"temperature = {kind(temperature)} must be a finite number ≥ 0, or a function of t.")
        if not (is_number(friction) and friction >= 0):
            raise ValueError(f"friction = {kind(friction)} must be a finite number ≥ 0.")
        if not (is_number(mass) and mass > 0):
            raise ValueError(f"mass = {kind(mass)} must be a finite number > 0.")
        if project is not None and not (hasattr(project, "retract") and hasattr(project, "tangent")):
            raise ValueError(f"project = {project!r} must have retract(x) and tangent(x, v).")
        if stiff is not None and not isinstance(stiff, Stiff):
            raise ValueError(f"stiff = {stiff!r} must be a Stiff.")
        if noise_level is not None and not takes(noise_level, 1):
            raise ValueError(f"noise_level = {kind(noise_level)} must be a function of t.")
        put: Callable[[str, Any], None] = lambda name, value: object.__setattr__(self, name, value)  # frozen dataclass
        put("time_dependent", may_depend_on_time(energy) or may_depend_on_time(gradient))
        put("energy", None if energy is None else of_x_and_t(energy))
        if gradient is not None:
            put("gradient", of_x_and_t(gradient))
        elif energy is not None:
            put("gradient", autograd_gradient(energy))
        if hessian is not None:
            put("hessian", of_x_and_t(hessian))
        else:
            put("hessian", None if energy is None else autograd_hessian(energy))
        put("temperature", temperature if callable(temperature) else float(temperature))
        put("mobility", as_mobility(mobility))
        put("project", project)
        put("friction", float(friction))  # a float32 of NumPy would make the steps' numbers single
        put("mass", float(mass))
        put("stiff", stiff)
        put("noise_level", noise_level)

    @property
    def is_stochastic(self) -> bool:
        return callable(self.temperature) or self.temperature > 0

    def temperature_at(self, t: float) -> float:
        """T(t). Raises ValueError if a schedule gives a negative or non-finite number."""
        if not callable(self.temperature):
            return self.temperature
        return nonnegative("temperature", t, self.temperature(t))

"""A physical system: an energy with its metric, its constraint set, its starts and its reference values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from demos.gradient_flow import GradientFlow
from demos.gradient_flow.flow import Projection

Starts = Callable[[int, int], Tensor]
"""(seed, replicas) -> (replicas, *shape) float64"""


class ConstraintSet(Projection, Protocol):
    """A constraint set C with the Hessian for Newton's method and for a certificate; see `bench.constraints`."""

    def hessian(self, x: Tensor, gradient: Tensor, hessian: Tensor) -> Tensor:
        """(B, D, D) the Riemannian Hessian on C."""
        ...

    def normals(self, x: Tensor) -> Tensor:
        """(B, k, D) an orthonormal basis of the normal directions."""
        ...


@dataclass(frozen=True)
class Reference:
    """A number from the literature. floor: its uncertainty, half a unit of the last published digit."""

    name: str
    value: float
    source: str
    floor: float = 0.0
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Invariant:
    """A quantity that no step may change: |x| = 1, a link's length, the mass, the sum of all forces.

    measure(x) -> (B,) for states (B, *shape). exact: its value; None for its value at the start. floor: the effect of
    rounding.
    """

    name: str
    measure: Callable[[Tensor], Tensor]
    exact: float | None
    floor: float
    unit: str = ""
    source: str = ""


@dataclass(frozen=True, eq=False)
class System:
    """dx = −M ∇E dt on C for one physical system; states are (B, *shape), B replicas that do not interact.

    energy(x, t=0.0) -> (B,); gradient(x, t=0.0) -> like x, analytic; hessian(x, t=0.0) -> (B, D, D) over the D
    flattened coordinates, where it is small enough to be used. All of them in the plain coordinates: `project` (the
    constraint set) and `mobility` (the metric) are applied by the solver.

    starts: named start states, seeded. references: known energies of minima, the ground state first. longest: the
    largest change of a coordinate in a step of an optimizer, so small that a particle stays among its neighbours.
    newton: the largest force below which L-BFGS tries Newton's method. duration: time in which the exact flow comes to
    rest. flat: number of directions in which the energy is flat at a minimum (6 for a cluster in space: translations
    and rotations). own_energy: E by other code, (F, *shape) -> (F,), for checks; see `bench.own_energy`.
    """

    name: str
    title: str
    sentence: str
    formula: str  # LaTeX of E
    shape: tuple[int, ...]
    energy: Callable[..., Tensor]
    gradient: Callable[..., Tensor]
    starts: Mapping[str, Starts]
    hessian: Callable[..., Tensor] | None = None
    project: ConstraintSet | None = None
    mobility: Any = None
    stiff: Any = None  # the linear part, for methods that solve it exactly
    references: tuple[Reference, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    flat: int = 0
    longest: float = 0.1
    newton: float = 1e-3
    duration: float = 1.0
    own_energy: Callable[[np.ndarray], np.ndarray] | None = None

    def start(self, name: str, seed: int = 0, replicas: int = 1) -> Tensor:
        """(replicas, *shape) float64; ValueError for a name that is none of `starts`."""
        if name not in self.starts:
            raise ValueError(f"start = {name!r} is not one of: {', '.join(self.starts)}.")
        return self.starts[name](seed, replicas)

    def flow(self, temperature: float | Callable[[float], float] = 0.0, **rest: Any) -> GradientFlow:
        """The system for `solve`; `rest` replaces parts of the flow."""
        parts: dict[str, Any] = {
            "energy": self.energy,
            "gradient": self.gradient,
            "hessian": self.hessian,
            "project": self.project,
            "mobility": self.mobility,
            "stiff": self.stiff,
            "temperature": temperature,
        }
        return GradientFlow(**(parts | rest))

    def has_isolated(self, state: Tensor) -> bool:
        """Whether a particle of the state (*shape) does not interact with any other."""
        return False

    def force(self, x: Tensor) -> Tensor:
        """(B,) the largest component of the gradient, tangent to C: the criterion by which a run has converged."""
        gradient = self.gradient(x)
        if self.project is not None:
            gradient = self.project.tangent(x, gradient)
        return gradient.reshape(len(x), -1).abs().amax(1)

    @property
    def ground_state(self) -> Reference | None:
        return self.references[0] if self.references else None

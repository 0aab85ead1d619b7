"""The stiff linear part of M∇E, which exponential and semi-implicit methods treat exactly or implicitly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from demos.gradient_flow.shapes import is_number, kind
from demos.gradient_flow.signatures import takes


class Transform(Protocol):
    """A change of basis in which the linear part is diagonal: Fourier, sine, or an orthogonal matrix.

    States are (N, ...); their transforms may be complex and of another shape, but keep the first axis.
    """

    def forward(self, x: Tensor) -> Tensor:
        """x in the basis in which the linear part is diagonal."""
        ...

    def backward(self, y: Tensor) -> Tensor:
        """The inverse of `forward`."""
        ...

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """(N,) the inner product of two states, from their transforms."""
        ...


@dataclass(frozen=True, eq=False)  # tensors have no single answer to ==
class Stiff:
    """M∇E(x, t) = L x + r(x, t): L is diagonal in the transform's basis, r is the rest.

    linear: the eigenvalues of L, real, ≥ 0 for modes that do not grow, broadcastable to transform.forward(x).
    rest: (x, t) -> transform.forward(r(x, t)).
    damping: the eigenvalues of an operator D. A method may move S D x from r to L, for any number S ≥ 0, to be more
    stable. D is the identity (1), or −Δ for a flow in H⁻¹, whose nonlinear part is as stiff as −Δ.
    """

    transform: Transform
    linear: Tensor
    rest: Callable[[Tensor, float], Tensor]
    damping: Tensor | float = 1.0

    def __post_init__(self) -> None:
        if not all(callable(getattr(self.transform, name, None)) for name in ("forward", "backward", "dot")):
            raise ValueError(
                f"stiff.transform = {kind(self.transform)} must have forward(x), backward(y) and dot(a, b)."
            )
        if not isinstance(self.linear, Tensor) or self.linear.is_complex() or not torch.isfinite(self.linear).all():
            raise ValueError("stiff.linear must be a tensor of finite real numbers.")
        if not takes(self.rest, 2):
            raise ValueError(f"stiff.rest = {kind(self.rest)} must be a function of (x, t).")
        damping = self.damping
        if isinstance(damping, Tensor):
            if damping.is_complex() or not torch.isfinite(damping).all():
                raise ValueError("stiff.damping must be a number, or a tensor of finite real numbers.")
        elif not is_number(damping):
            raise ValueError(f"stiff.damping = {kind(damping)} must be a finite number, or a tensor of them.")

    def preconditioned_gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        """M∇E(x, t) = L x + r(x, t), in the basis of x; it must be equal to the flow's mobility times its gradient."""
        return self.transform.backward(self.linear * self.transform.forward(x) + self.rest(x, t))

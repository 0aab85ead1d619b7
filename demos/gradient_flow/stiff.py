"""The stiff part of a flow: the linear part of M∇E, which some methods solve exactly instead of stepping it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Transform(Protocol):
    """A change of basis in which the linear part is diagonal: Fourier, sine, or an orthogonal matrix.

    States are (N, ...); their transforms may be complex and of another shape, but keep the first axis.
    """

    def forward(self, x: Tensor) -> Tensor:
        """x in the other basis."""
        ...

    def backward(self, y: Tensor) -> Tensor:
        """x again."""
        ...

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """(N,) the inner product of two states, from their transforms."""
        ...


@dataclass(frozen=True)
class Stiff:
    """M∇E(x, t) = L x + r(x, t): L is diagonal in the transform's basis, r is what is left.

    linear: the eigenvalues of L, real, ≥ 0 where the flow shall not grow, broadcastable to transform.forward(x).
    rest: (x, t) -> transform.forward(r(x, t)).
    damping: the eigenvalues of what a method may add to L and take from r, in any amount S: the identity (1), or −Δ
    for a flow in H⁻¹, whose nonlinear part is as stiff as that.
    """

    transform: Transform
    linear: Tensor
    rest: Callable[[Tensor, float], Tensor]
    damping: Tensor | float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.linear, Tensor) or self.linear.is_complex() or not torch.isfinite(self.linear).all():
            raise ValueError("stiff.linear must be a tensor of finite real numbers.")
        if not callable(self.rest):
            raise ValueError(f"stiff.rest = {self.rest!r} must be a function of (x, t).")

    def preconditioned_gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        """M∇E(x, t) = L x + r, back in the basis of x: what the flow's own gradient and mobility must give too."""
        return self.transform.backward(self.linear * self.transform.forward(x) + self.rest(x, t))

"""The stiff part of a flow: the linear part of its slope, which some methods solve exactly instead of stepping it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from demos.gradient_flow.shapes import checked_like

if TYPE_CHECKING:
    from demos.gradient_flow.problem import Problem


class Transform(Protocol):
    """A change of basis in which the linear part is diagonal: Fourier, sine, or an orthogonal matrix.

    States are (N, ...); their transforms may be complex and of another shape, but keep the first axis.
    """

    def forward(self, x: Tensor) -> Tensor:
        """x in the other basis."""

    def backward(self, y: Tensor) -> Tensor:
        """x again."""

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """(N,) the inner product of two states, from their transforms."""


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

    def slope(self, x: Tensor, t: float = 0.0) -> Tensor:
        """M∇E(x, t) = L x + r, back in the basis of x: what the flow's own gradient and mobility must give too."""
        return self.transform.backward(self.linear * self.transform.forward(x) + self.rest(x, t))


def checked_stiff(problem: Problem, x: Tensor, t: float) -> Stiff:
    """The flow's stiff part; raises ValueError where it and the gradient do not describe the same slope."""
    flow = problem.flow
    stiff = flow.stiff
    slope, same = problem.drift(flow.gradient(x, t), t), checked_like("stiff.slope(x, t)", stiff.slope(x, t), x)
    distance, size = float((slope - same).abs().max()), float(slope.abs().max())
    linear = float((stiff.transform.backward(stiff.linear * stiff.transform.forward(x))).abs().max())
    stiffest = float(torch.as_tensor(stiff.damping).max() + stiff.linear.abs().max())  # what rounding meets
    eps = torch.finfo(x.dtype).eps
    if distance > eps**0.5 * (size + linear) + 100 * eps * stiffest * float(x.abs().max()):
        raise ValueError(f"stiff is another flow's: its slope is {distance:.1e} from this M∇E, of size {size:.1e}.")
    return stiff


class Orthogonal:
    """States (N, d) in the basis of an orthogonal matrix's columns, such as the eigenvectors of L."""

    def __init__(self, basis: Tensor):
        self._basis = basis

    def forward(self, x: Tensor) -> Tensor:
        return x @ self._basis

    def backward(self, y: Tensor) -> Tensor:
        return y @ self._basis.T

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        return (a * b).sum(1)

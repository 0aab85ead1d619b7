"""Copies of the results of a flow's parts, which may write into the same buffer at every call.

A method may hold several results at once. `Problem` copies gradients and energies; this module wraps the parts that
methods call directly: the mobility, the constraint set, and the transform of the stiff part.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

from torch import Tensor

from demos.gradient_flow.flow import GradientFlow, Projection
from demos.gradient_flow.mobility import Diagonal, Matrix, Mobility
from demos.gradient_flow.stiff import Transform


def with_own_memory(flow: GradientFlow) -> GradientFlow:
    """The same flow with a mobility, a constraint set and a transform that return new tensors at every call."""
    changes: dict[str, Any] = {}
    if flow.mobility is not None and not isinstance(flow.mobility, Diagonal | Matrix):  # these make new tensors
        changes["mobility"] = _Mobility(flow.mobility)
    if flow.project is not None:
        changes["project"] = _Projection(flow.project)
    if flow.stiff is not None:
        changes["stiff"] = replace(flow.stiff, transform=_Transform(flow.stiff.transform))
    if not changes:
        return flow
    flow = copy(flow)
    for name, part in changes.items():
        object.__setattr__(flow, name, part)  # a frozen dataclass
    return flow


class _Mobility:
    def __init__(self, given: Mobility):
        self._given = given

    def apply(self, v: Tensor, t: float) -> Tensor:
        return self._given.apply(v, t).clone()

    def root(self, v: Tensor, t: float) -> Tensor:
        return self._given.root(v, t).clone()


class _Projection:
    def __init__(self, given: Projection):
        self._given = given

    def retract(self, x: Tensor) -> Tensor:
        return self._given.retract(x).clone()

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        return self._given.tangent(x, v).clone()

    def __getattr__(self, name: str) -> Any:
        """Attributes that only some constraint sets have, such as `hessian`."""
        return getattr(self._given, name)


class _Transform:
    def __init__(self, given: Transform):
        self._given = given

    def forward(self, x: Tensor) -> Tensor:
        return self._given.forward(x).clone()

    def backward(self, y: Tensor) -> Tensor:
        return self._given.backward(y).clone()

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        return self._given.dot(a, b).clone()

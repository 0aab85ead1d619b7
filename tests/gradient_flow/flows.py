"""Flows with known answers, and noise that a test chooses: what the solver's tests share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow import METHODS, GradientFlow, Method, Trajectory, solve

# the rows that serve any flow; samplers that must know a diffusion's noise level are tested with it
GENERAL = [row for row in METHODS.values() if row.needs <= {"gradient", "energy", "hessian"}]
DETERMINISTIC = [row for row in GENERAL if row.stochastic != "must"]  # can run at T = 0
FIXED = [row for row in GENERAL if row.step is not None]
ADAPTIVE = [row for row in GENERAL if row.adaptive is not None]
NOISY = [row for row in GENERAL if row.stochastic != "never"]
ADAPTIVE_NAMES = [row.name for row in ADAPTIVE]


def names(rows: Iterable[Method]) -> list[str]:
    return [row.name for row in rows]


def temperature_for(row: Method, T: float = 0.25) -> float:
    """The temperature at which a row can run: T for the samplers, none for the others."""
    return T if row.stochastic == "must" else 0.0


def double_well(x: Tensor) -> Tensor:
    """(x² − 1)² in the first coordinate, y² in the others."""
    return (x[:, 0] ** 2 - 1) ** 2 + x[:, 1:].square().sum(1)


def quadratic(K: Tensor):
    """x·Kx/2 for a symmetric K (d, d)."""
    return lambda x: 0.5 * ((x @ K) * x).sum(1)


# Müller & Brown, Theor. Chim. Acta 53 (1979) 75
_A, _a = (-200.0, -100.0, -170.0, 15.0), (-1.0, -1.0, -6.5, 0.7)
_b, _c = (0.0, 0.0, 11.0, 0.6), (-10.0, -10.0, -6.5, 0.7)
_X, _Y = (1.0, 0.0, -0.5, -1.0), (0.0, 0.5, 1.5, 1.0)
MULLER_BROWN_MINIMA = ((-0.5582236346, 1.4417258418), (0.6234994049, 0.0280377585), (-0.0500108230, 0.4666941049))


def muller_brown(x: Tensor) -> Tensor:
    u, v = x[:, 0], x[:, 1]
    return sum(
        A * torch.exp(a * (u - p) ** 2 + b * (u - p) * (v - q) + c * (v - q) ** 2)
        for A, a, b, c, p, q in zip(_A, _a, _b, _c, _X, _Y, strict=True)
    )


def muller_brown_gradient(x: Tensor) -> Tensor:
    total = torch.zeros_like(x)
    for A, a, b, c, p, q in zip(_A, _a, _b, _c, _X, _Y, strict=True):
        u, v = x[:, 0] - p, x[:, 1] - q
        e = A * torch.exp(u * (a * u + b * v) + c * v * v)
        total[:, 0] += e * (2 * a * u + b * v)
        total[:, 1] += e * (b * u + 2 * c * v)
    return total


class Sphere:
    """Unit vectors."""

    def retract(self, x: Tensor) -> Tensor:
        return x / x.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.ndim - 1))

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        along = (x * v).flatten(1).sum(1) / x.flatten(1).square().sum(1)
        return v - along.reshape(-1, *[1] * (x.ndim - 1)) * x


class Orthogonal:
    """A `Transform`: states (N, d) in the basis of an orthogonal matrix's columns, such as the eigenvectors of L."""

    def __init__(self, basis: Tensor):
        self._basis = basis

    def forward(self, x: Tensor) -> Tensor:
        return x @ self._basis

    def backward(self, y: Tensor) -> Tensor:
        return y @ self._basis.T

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        return (a * b).sum(1)


class GivenNoise:
    """A source of noise that hands out the normals and uniforms of a test, in order."""

    def __init__(self, normals: Iterable[Tensor], uniforms: Iterable[Tensor] = ()):
        self._normals, self._uniforms = iter(normals), iter(uniforms)

    def refill(self, normals: int, uniforms: int) -> None:
        pass

    def rewind(self) -> None:
        raise AssertionError("a replay needs noise that can be given again")

    def normal(self) -> Tensor:
        return next(self._normals)

    def uniform(self) -> Tensor:
        return next(self._uniforms)


def solve_with(
    noise: Iterable[Tensor],
    flow: GradientFlow,
    start: Tensor,
    times,
    method: str,
    uniforms: Iterable[Tensor] = (),
    **rest,
) -> Trajectory:
    """`solve` on chosen noise: the solver's own steps as functions of their random numbers."""
    return solve(flow, start, times, method, record=2, noise=GivenNoise(noise, uniforms), **rest)


def fitted_order(steps: Iterable[float], errors: Iterable[float]) -> float:
    """The slope of log error over log step."""
    return float(np.polyfit(np.log(np.asarray(list(steps))), np.log(np.asarray(list(errors))), 1)[0])

"""Backward error analysis: the modified flow, which gradient descent follows more closely than the flow of E.

With f = −∇E, Euler's method of step h follows dx/dt = f − (h/2) f'f + h² (f''(f, f)/12 + f'f'f/3) to O(h³); the first
two terms are the flow of E + (h/4)|∇E|². Implicit Euler is the same with −h. Hairer, Lubich & Wanner, Geometric
Numerical Integration (2006), §IX.1; Barrett & Dherin, ICLR 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.descent.flow import exact_flow
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun
from demos.landscapes import EnergySurface

RTOL = 1e-7
SIGN = {"euler": 1.0, "implicit_euler": -1.0}


def modified_field(surface: EnergySurface, h: float, terms: Sequence[int]) -> Callable[[Tensor, float], Tensor]:
    """−dx/dt of modified flows at points (N, 2).

    terms[i]: the number of terms of the series at the i-th point; 1 (the flow of E), 2 or 3. h: the step size; negative
    for implicit Euler.
    """
    second = torch.tensor([[float(count >= 2)] for count in terms], dtype=torch.float64)
    third = torch.tensor([[float(count >= 3)] for count in terms], dtype=torch.float64)

    def field(x: Tensor, t: float = 0.0) -> Tensor:
        g = surface.gradient(x)
        size = 1e-4 * (1 + x.norm(dim=-1, keepdim=True)) / g.norm(dim=-1, keepdim=True).clamp_min(1e-30)
        here, ahead, behind = surface.hessian(torch.cat([x, x + size * g, x - size * g])).chunk(3)
        hg = here @ g[..., None]
        curving = ((ahead - behind) @ g[..., None])[..., 0] / (2 * size)  # D³E[g, g]
        return g + second * (h / 2) * hg[..., 0] + third * h * h * (curving / 12 + (here @ hg)[..., 0] / 3)

    return field


@dataclass(frozen=True)
class Departure:
    """Distances from the exact flow for the first start, at the steps (S,).

    measured: of the path; two, three: of the modified flow with two and three terms.
    """

    steps: np.ndarray
    measured: np.ndarray
    two: np.ndarray
    three: np.ndarray


def departure(setup: Setup, run: MethodRun) -> Departure | None:
    """The distances of a run; None if the method has no modified flow, if the flow or the path leaves, or if the flow
    is that of a landscape with kinks, on which the series has no meaning."""
    if run.method not in SIGN or setup.exact.is_rounded or not np.isfinite(run.states[:, 0]).all():
        return None
    steps = setup.compared_steps(run.method)
    times = steps * run.rate
    exact = setup.exact.at(times)[:, 0]
    if not np.isfinite(exact).all():
        return None
    field = modified_field(setup.surface, SIGN[run.method] * run.rate, (2, 3))
    near = exact_flow(setup.surface, setup.starts[:1].repeat(2, 1), times, field, RTOL).at(times)
    distances = [np.linalg.norm(near[:, i] - exact, axis=1) for i in range(2)]
    measured = np.linalg.norm(run.states[steps, 0] - exact, axis=1)
    if not all(np.isfinite(part).all() for part in distances):
        return None
    return Departure(steps, measured, *distances)

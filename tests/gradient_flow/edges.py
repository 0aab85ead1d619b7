"""Flows that every method can serve, whatever it needs."""

from __future__ import annotations

import numpy as np
import torch

from demos.gradient_flow import (
    METHODS,
    GradientFlow,
    Stiff,
    autograd_gradient,
)
from tests.gradient_flow.flows import Orthogonal, Sphere, temperature_for

TIMES = np.linspace(0, 0.5, 11)
START = torch.tensor([[1.0, 0.5], [0.4, -0.8]], dtype=torch.float64)
IDENTITY = Orthogonal(torch.eye(2, dtype=torch.float64))


def bowl(x: torch.Tensor) -> torch.Tensor:
    return (x**2).sum(1) / 2


def flow_for(method: str, energy=bowl, gradient=None, rest=None) -> GradientFlow:
    """A flow that the method can serve, whatever it needs."""
    row = METHODS[method]
    parts: dict = {}
    if "stiff" in row.needs:
        force = gradient or autograd_gradient(energy)
        rest = rest or (lambda x, t: force(x) - x)  # L = 1
        parts["stiff"] = Stiff(IDENTITY, torch.ones(2, dtype=torch.float64), rest)
    if "project" in row.needs:
        parts["project"] = Sphere()
    if "noise_level" in row.needs:
        parts["noise_level"] = lambda t: 1 - t
    return GradientFlow(energy, gradient, temperature=temperature_for(row), **parts)

"""What one step of a method does to a small wave: exact numbers, for every method of the phase field.

About a uniform state c = m the flow is linear, c_t = −(γk² + f′(m)) D c with D = 1 in L² and k² in H⁻¹. A method
multiplies each wave by a known factor in each step, whatever its step size: e^(σh) is the flow's own.
"""

from __future__ import annotations

from math import pi

import numpy as np
import torch
from torch import Tensor

from demos.contract import Check
from demos.gradient_flow import solve
from demos.gradient_flow.methods.etdrk2 import phi
from demos.physics.phase_field.model import PhaseField

SHAKE = 1e-6  # a wave whose square is beyond the check's floor


def factors(field: PhaseField, method: str, step: float, stabilizer: float = 0.0, mean: float = 0.0) -> Tensor:
    """What one step multiplies each wave by, like a half spectrum (size, size/2 + 1); real, negative where it flips."""
    squares = field.torus.minus_laplacian(field.laplacian)
    damping = squares if field.conserved else torch.ones_like(squares)
    bent = 3 * mean**2 - 1
    if method == "euler":
        return 1 - step * damping * (field.gamma * squares + bent)
    linear, rest = damping * (field.gamma * squares + stabilizer), damping * (bent - stabilizer)
    if method == "semi_implicit":
        return 1 - step * (linear + rest) / (1 + step * linear)
    if method == "etdrk2":
        decay, first, second = phi(-step * linear)
        half = decay - step * first * rest
        return half - step * second * rest * (half - 1)
    raise ValueError(f"method = {method!r} must be one of: euler, semi_implicit, etdrk2.")


def stability_limit(field: PhaseField) -> float:
    """The largest stable step of explicit Euler in phases at rest, c = ±1: 2 over the fastest decay."""
    fastest = float((1 - factors(field, "euler", 1.0, mean=1.0)).max())
    return 2 / fastest


def wave_check(field: PhaseField, method: str, step: float, stabilizer: float = 0.0) -> Check:
    """One step of the solver from a small wave on a phase at rest, beside its exact factor: the finest wave, which
    limits explicit Euler, or for other methods one eight points long."""
    places = torch.arange(field.size, dtype=torch.float64)
    if method == "euler":
        name, at = "finest wave", (field.size // 2,) * 2
        wave = torch.cos(pi * places)[:, None] * torch.cos(pi * places)
    else:
        name, at = "a wave of 8 points", (0, field.size // 8)
        wave = torch.cos(pi / 4 * places).expand(field.size, field.size)
    options = {} if method == "euler" else {"stabilizer": stabilizer}
    path = solve(field.system().flow(), (1 + SHAKE * wave)[None], np.array([0.0, step]), method, record=2, **options)
    measured = float(((path.states[-1, 0] - 1) * wave).mean() / wave.square().mean()) / SHAKE
    exact = float(factors(field, method, step, stabilizer, 1.0)[at])
    return Check(
        f"{name}, factor of one step",
        measured,
        exact,
        floor=1e-6 * (1 + abs(exact)),
        source="1 − hλ" if method == "euler" else "the method's own factor, in closed form",
        note="a size above 1 is instability",
    )

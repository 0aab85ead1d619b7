"""Closed forms for a phase field: walls, shrinking circles, drops at rest, growth rates of small waves."""

from __future__ import annotations

from math import pi, sqrt

import torch
from torch import Tensor

from demos.physics.phase_field.model import PhaseField

WALL_DELAY = 0.4  # γ∫c″²/∫c′² of a wall tanh(x/√(2γ)); see `semi_implicit_slowdown`


def wall_tension(gamma: float) -> float:
    """(2√2/3)√γ: the energy per unit length of a flat wall c = tanh(x/√(2γ))."""
    return 2 * sqrt(2) / 3 * sqrt(gamma)


def stripe_profile(field: PhaseField) -> Tensor:
    """(n, n) the field of two flat walls, half the box apart, each tanh of the distance over √(2γ)."""
    x = field.torus.coordinates()[1]
    return torch.tanh((field.length / 4 - x.abs()) / field.width).expand(field.size, field.size)


def circle_rate(gamma: float) -> float:
    """d(R²)/dt = −2γ: a circle under curvature flow, v = −γκ. Exact for thin walls, √(2γ) ≪ R."""
    return -2 * gamma


def semi_implicit_slowdown(step: float, stabilizer: float) -> float:
    """The factor 1 + h(S + 0.4) by which semi-implicit steps slow a wall: (1 + hS − hγΔ) c_t = −∇E projected on the
    translation of the wall is the exact flow slowed by it. Valid if a wall moves by less than its width in a step."""
    return 1 + step * (stabilizer + WALL_DELAY)


def drop_potential(gamma: float, radius: float) -> float:
    """Gibbs–Thomson: the chemical potential tension/2R of a drop at rest, with a relative error of (width/R)²."""
    return wall_tension(gamma) / (2 * radius)


def growth_rate(field: PhaseField, squares: float | Tensor, mean: float = 0.0):
    """The growth rate σ of a small wave e^(ikx + σt) at c = mean m; squares: k². σ = 1 − 3m² − γk², times k² in H⁻¹.

    In H⁻¹ at m = 0 the fastest wave has k² = 1/(2γ) and σ = 1/(4γ).
    """
    rate = 1 - 3 * mean**2 - field.gamma * squares
    return rate * squares if field.conserved else rate


def fastest_rate(field: PhaseField, mean: float) -> float:
    """The largest growth rate among the waves of this grid."""
    return float(growth_rate(field, field.torus.minus_laplacian(), mean).max())


def fastest_wave(gamma: float, mean: float) -> float | None:
    """Length 2π√(2γ/(1 − 3m²)) of the wave that grows fastest in H⁻¹; None outside the spinodal, where none grows."""
    slack = 1 - 3 * mean**2
    return 2 * pi * sqrt(2 * gamma / slack) if slack > 0 else None

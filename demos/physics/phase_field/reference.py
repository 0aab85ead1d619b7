"""What a phase field is known to do, as closed forms, and the same quantities measured on its states."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import torch
from torch import Tensor

from demos.physics.phase_field.model import PhaseField


def wall_tension(gamma: float) -> float:
    """(2√2/3)√γ: the energy of a flat wall c = tanh(x/√(2γ)), a unit of its length."""
    return 2 * sqrt(2) / 3 * sqrt(gamma)


def circle_rate(gamma: float) -> float:
    """d(R²)/dt = −2γ: a circle under curvature flow, v = −γκ. Exact for thin walls, √(2γ) ≪ R."""
    return -2 * gamma


def growth_rate(field: PhaseField, squares: float, mean: float = 0.0) -> float:
    """σ of a small wave e^(ikx + σt) about c = mean; squares: k².  1 − 3m² − γk², times k² in H⁻¹.

    In H⁻¹ and about 0 the fastest has k² = 1/(2γ) and σ = 1/(4γ).
    """
    rate = 1 - 3 * mean**2 - field.gamma * squares
    return rate * squares if field.conserved else rate


def radius(c: Tensor, spacing: float) -> Tensor:
    """(N,) √(area/π) of {c > 0}, to the second order of the spacing: every grid line is cut where c crosses 0.

    Along each row the length of the positive part is that of c's linear interpolant, periodic.
    """
    following = torch.roll(c, -1, -1)
    share = torch.where((c > 0) & (following > 0), 1.0, 0.0).to(c)
    crossing = (c > 0) != (following > 0)
    positive, negative = torch.maximum(c, following), torch.minimum(c, following)
    share = torch.where(crossing, positive / (positive - negative), share)
    return (share.sum((-1, -2)) * spacing**2 / pi).sqrt()


def smooth_squares(frames: np.ndarray, field: PhaseField) -> np.ndarray:
    """(F,) R² of discs in frames (F, n, n): ∫(1 + c)/2 over π, less the π²w²/12 by which a wall tanh((R − r)/w) exceeds
    a sharp one. Exact to rounding on a grid that resolves the wall, where cutting grid lines jumps at each new line;
    meant for bulk phases at ±1.
    """
    area = 0.5 * (1 + frames.mean((-2, -1), dtype=np.float64)) * field.length**2
    return area / pi - (pi * field.width) ** 2 / 12


def domain_length(c: Tensor, field: PhaseField) -> Tensor:
    """(N,) 2π over the mean wave number of |ĉ|²: the size of the domains, up to a factor that does not change."""
    transform, numbers = field.torus.real, field.torus.minus_laplacian().to(c).sqrt()
    spectrum = transform.forward(c - c.mean((-1, -2), keepdim=True))
    power = transform.dot(spectrum, spectrum)
    return 2 * pi * power / transform.dot(spectrum, numbers * spectrum)


def mode_amplitude(c: Tensor, waves: int) -> Tensor:
    """(N,) of cos(2π waves x/length)"""
    return 2 * torch.fft.rfft(c.mean(-2), dim=-1)[..., waves].abs() / c.shape[-1]


@dataclass(frozen=True)
class PowerLaw:
    """y ~ t^exponent over a window of times, by least squares on the logarithms."""

    exponent: float
    first: float
    last: float


def fitted_power(times: np.ndarray, values: np.ndarray, first: float, last: float) -> PowerLaw:
    """Points are weighted by their share of log t, so that dense steps count no more than sparse ones."""
    chosen = (times >= first) & (times <= last) & (values > 0)
    if chosen.sum() < 3:
        raise ValueError(f"fewer than three points from t = {first:g} to {last:g}.")
    x, y = np.log(times[chosen]), np.log(values[chosen])
    return PowerLaw(float(np.polyfit(x, y, 1, w=np.sqrt(np.gradient(x)))[0]), first, last)

"""The exact factor by which one step of a fixed-step method multiplies a small wave of the phase field.

Near a uniform state c = m the flow is linear, c_t = −(γk² + f′(m)) D c with D = 1 in L² and k² in H⁻¹. A method
multiplies each wave by a known factor in each step; that of the exact flow is e^(σh). The formulas are independent of
the methods' code, which is tested against them.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.physics.phase_field.model import PhaseField

NODES, WEIGHTS = (torch.from_numpy(values) for values in np.polynomial.legendre.leggauss(12))
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2  # on [0, 1]: exact to rounding for |z| ≤ 1


def amplification(field: PhaseField, method: str, step: float, stabilizer: float = 0.0, mean: float = 0.0) -> Tensor:
    """The factor of one step for each wave, shaped like a half spectrum (size, size/2 + 1); real, and negative where
    the wave changes its sign.

    Raises ValueError for a method without a formula here.
    """
    squares = field.torus.minus_laplacian(field.laplacian)
    damping = squares if field.conserved else torch.ones_like(squares)
    well = 3 * mean**2 - 1  # f′(m)
    if method == "euler":
        return 1 - step * damping * (field.gamma * squares + well)
    linear, rest = damping * (field.gamma * squares + stabilizer), damping * (well - stabilizer)
    if method == "semi_implicit":
        return 1 - step * (linear + rest) / (1 + step * linear)
    if method == "etdrk2":  # Cox & Matthews, J. Comput. Phys. 176 (2002) 430, eqs. 20–22
        first, second = _phi_functions(-step * linear)
        predictor = torch.exp(-step * linear) - step * first * rest
        return predictor - step * second * rest * (predictor - 1)
    raise ValueError(f"method = {method!r} must be one of: euler, semi_implicit, etdrk2.")


def _phi_functions(z: Tensor) -> tuple[Tensor, Tensor]:
    """φ₁(z) = ∫₀¹ e^((1−s)z) ds and φ₂(z) = ∫₀¹ e^((1−s)z) s ds for z ≤ 0: by quadrature where |z| < 1, where the
    closed forms (eᶻ − 1)/z and (eᶻ − 1 − z)/z² would cancel."""
    integrand = torch.exp((1 - NODES) * z.clamp_min(-1.0)[..., None])
    far = torch.where(z <= -1, z, -1.0)
    first = torch.where(z <= -1, torch.expm1(far) / far, integrand @ WEIGHTS)
    return first, torch.where(z <= -1, (torch.expm1(far) - far) / far**2, integrand @ (NODES * WEIGHTS))


def stability_limit(field: PhaseField) -> float:
    """The largest stable step of explicit Euler at c = ±1: 2 over the fastest decay rate."""
    fastest = float((1 - amplification(field, "euler", 1.0, mean=1.0)).max())
    return 2 / fastest

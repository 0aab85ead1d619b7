"""The step-size bias of Euler-Maruyama on any potential, to first order in the step.

Euler-Maruyama with step h on dX = -∇U dt + √(2 kT) dW samples, up to O(h²), not exp(-U/kT) but exp(-U_h/kT) with

    U_h = U - (h/4) |∇U|² + (h kT/2) ΔU.

Derivation: with L = -∇U·∇ + kT Δ, one step takes f to exp(hL) f + h² D f + O(h³), where
D f = -½ [(∇²U ∇U)·∇f - kT ∇ΔU·∇f - 2 kT ∇²U:∇²f]. Seeking ρ_h = ρ (1 + h g) with ∫ρ (g L f + D f) = 0 for all f
and integrating by parts gives kT ∇g = ∇(|∇U|²/4 - kT ΔU/2) in any dimension: the bias is a potential.
(Expansions of this kind: Talay & Tubaro, Stoch. Anal. Appl. 8 (1990) 483; for schemes of Langevin type, Leimkuhler &
Matthews, AMRX 2013, 34.) On U = k x²/2 it gives the variance kT/(k (1 - h k/2)), which is
exact. The implicit Euler step has -D in place of D, hence the opposite bias; stochastic Heun and Leimkuhler-Matthews
have none at this order.
"""

from __future__ import annotations

import numpy as np

FIRST_ORDER = {
    "euler": 1.0,
    "implicit_euler": -1.0,
    "heun": 0.0,
    "leimkuhler_matthews": 0.0,
    "mala": 0.0,
    "implicit_midpoint": 0.0,
}
"""Factor of the correction U_h - U of Euler-Maruyama for each method."""


def correction(
    gradient_squared: np.ndarray, laplacian: np.ndarray, kT: float, h: float, method: str = "euler"
) -> np.ndarray:
    """U_h - U, from |∇U|² and ΔU (any shape, the same for both). ValueError for a method that is not known here."""
    if method not in FIRST_ORDER:
        raise ValueError(f"the first-order bias of {method!r} is not known; known: {', '.join(FIRST_ORDER)}.")
    return FIRST_ORDER[method] * h * (kT / 2 * np.asarray(laplacian) - np.asarray(gradient_squared) / 4)

"""Observables of a rotating condensate: vortices and angular momentum."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.vortices import charges, places
from demos.physics.condensate.model import GrossPitaevskii

Vortices = tuple[np.ndarray, np.ndarray]
"""Positions (K, 2) and charges (K,) of the vortices of one state."""


def find_vortices(condensate: GrossPitaevskii, x: Tensor, faintest: float = 0.05) -> Vortices:
    """The vortices of one state (1, 2, n, n) inside the Thomas–Fermi radius where the density around them is at least
    `faintest` times its maximum; farther out the phase is not defined well enough."""
    winding = charges(torch.atan2(x[:, 1], x[:, 0]), periodic=False)[0]
    density = condensate.density(x)[None]
    around = torch.nn.functional.max_pool2d(density, 5, 1, 2)[0, 0]
    winding = torch.where(around >= faintest * around.max(), winding, 0)
    centres, signs = places(winding)
    centres = centres * condensate.torus.spacings[0] - condensate.width / 2
    inside = np.hypot(*centres.T) < condensate.cloud_radius
    return centres[inside], signs[inside]


def net_count(condensate: GrossPitaevskii, vortices: Vortices, share: np.ndarray) -> np.ndarray:
    """Vortices minus antivortices inside each radius, given as shares of the cloud's radius."""
    positions, signs = vortices
    radii = np.hypot(*positions.T) / max(condensate.cloud_radius, 1e-300)
    return ((radii[None] < share[:, None]) * signs[None]).sum(1).astype(float)


def angular_momentum(condensate: GrossPitaevskii, x: Tensor) -> Tensor:
    """(N,) ⟨L_z⟩ in ħ a particle; a rigid body turning at Ω would have Ω⟨r²⟩."""
    return -condensate.parts(x)["rotation"] / condensate.rotation

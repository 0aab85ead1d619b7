"""Starts of planar spins: random, aligned, twisted, and with vortices at given places."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.system import Starts


def starts(n: int) -> dict[str, Starts]:
    """The named starts of n × n spins, each (seed, replicas) -> (replicas, n, n)."""
    y, x = torch.meshgrid(torch.arange(n, dtype=torch.float64), torch.arange(n, dtype=torch.float64), indexing="ij")

    def random(seed: int, replicas: int) -> Tensor:
        """Infinite temperature."""
        return torch.from_numpy(np.random.default_rng([seed, 31]).uniform(-pi, pi, (replicas, n, n)))

    def aligned(seed: int, replicas: int) -> Tensor:
        return torch.zeros(replicas, n, n, dtype=torch.float64)

    def pair(seed: int, replicas: int) -> Tensor:
        """A vortex and an antivortex, ten sites apart: they attract and vanish. Farther ones the lattice pins."""
        half, height = min(5, n / 6), (n - 1) / 2 + 0.07
        places = [((n - 1) / 2 - half, height, 1), ((n - 1) / 2 + half, height, -1)]
        return with_vortices(n, places).repeat(replicas, 1, 1)

    def crystal(seed: int, replicas: int) -> Tensor:
        """Four vortices and four antivortices, alternating, each moved a little: pinned until it is warm."""
        shifts = np.random.default_rng([seed, 32]).uniform(-n / 24, n / 24, (2, 4, 2))
        places = [
            (
                n * (2 * (i % 2) + s + 0.5) / 4 + shifts[s, i, 0],
                n * (i // 2 + 0.5) / 2 + shifts[s, i, 1],
                1 - 2 * ((s + i // 2) % 2),
            )
            for s in range(2)
            for i in range(4)
        ]
        return with_vortices(n, places).repeat(replicas, 1, 1)

    def twisted(seed: int, replicas: int) -> Tensor:
        """Two turns along x and a little noise: a minimum that is not the ground state."""
        noise = np.random.default_rng([seed, 33]).standard_normal((replicas, n, n))
        return 4 * pi * x / n + 0.2 * torch.from_numpy(noise)

    return {"random": random, "pair": pair, "crystal": crystal, "twisted": twisted, "aligned": aligned}


def with_vortices(n: int, places: Sequence[tuple[float, float, int]]) -> Tensor:
    """(1, n, n): vortices at (x, y) in grid units with charges that sum to 0, smooth across the torus.

    The phase of Π σ(z − zₖ)^qₖ with σ ~ θ₁(πz/L) and its quasi-periods taken out by a linear twist, rounded to
    whole turns so that the torus closes. Raises ValueError where the charges do not sum to 0.
    """
    if sum(charge for *_, charge in places) != 0:
        raise ValueError("the charges of vortices on a torus must sum to 0.")
    y, x = torch.meshgrid(torch.arange(n, dtype=torch.float64), torch.arange(n, dtype=torch.float64), indexing="ij")
    theta = torch.zeros(n, n, dtype=torch.float64)
    for px, py, charge in places:
        z = torch.complex(pi * (x - px) / n, pi * (y - py) / n)
        total = torch.zeros_like(z)
        for k in range(5):  # θ₁ with nome e^(−π): the terms fall as e^(−πk²)
            total = total + (-1) ** k * np.exp(-pi * (k + 0.5) ** 2) * torch.sin((2 * k + 1) * z)
        theta = theta + charge * torch.angle(total)
    # θ₁(z + iπ) = −e^(π − 2iz) θ₁(z): going around y adds 2π Σ qₖ xₖ/L to the phase
    dipole = sum(charge * px for px, _, charge in places) / n
    theta = theta - 2 * pi * (dipole - round(dipole)) * (y / n)
    return theta[None]

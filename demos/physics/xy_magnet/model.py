"""The XY model: planar spins on a square lattice, E = −J Σ cos(θᵢ − θⱼ) over neighbours, periodic.

Overdamped, it is a gradient flow with vortices as its slowest inhabitants; at a temperature, it is Langevin dynamics.
Kosterlitz & Thouless, J. Phys. C 6 (1973) 1181: pairs of vortices unbind at T ≈ 0.893 J.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.system import Invariant, Reference, System
from demos.physics.bench.vortices import charges

T_BKT = 0.893  # in J; Hasenbusch, J. Phys. A 38 (2005) 5869: 0.8929


@dataclass(frozen=True)
class XYModel:
    """Spins θ (N, size, size) on a torus. coupling: J. Raises ValueError where a value is out of range."""

    size: int = 64
    coupling: float = 1.0

    def __post_init__(self) -> None:
        if not 4 <= self.size <= 512:
            raise ValueError(f"size = {self.size} must be from 4 to 512.")
        if not 0 < self.coupling < float("inf"):
            raise ValueError(f"coupling = {self.coupling} must be a finite number > 0.")

    def energy(self, theta: Tensor, t: float = 0.0) -> Tensor:
        """(N,)"""
        across = torch.cos(theta - torch.roll(theta, 1, -1)).flatten(1).sum(1)
        along = torch.cos(theta - torch.roll(theta, 1, -2)).flatten(1).sum(1)
        return -self.coupling * (across + along)

    def gradient(self, theta: Tensor, t: float = 0.0) -> Tensor:
        """J Σ sin(θᵢ − θⱼ) over the four neighbours; each link's sine is taken once."""
        result = torch.zeros_like(theta)
        for axis in (-1, -2):
            sine = torch.sin(theta - torch.roll(theta, 1, axis))
            result += sine
            result -= torch.roll(sine, -1, axis)
        return result.mul_(self.coupling)

    def site_energies(self, theta: Tensor) -> Tensor:
        """(N, size, size): half of each link's energy belongs to either spin; they sum to E."""
        result = torch.zeros_like(theta)
        for axis in (-1, -2):
            cosine = torch.cos(theta - torch.roll(theta, 1, axis))
            result -= 0.5 * (cosine + torch.roll(cosine, -1, axis))
        return result.mul_(self.coupling)

    def measure(self, theta: Tensor, t: float = 0.0) -> tuple[Tensor, Tensor]:
        """E and its dissipation |∇E|², each (N,)"""
        return self.energy(theta), self.gradient(theta).flatten(1).square().sum(1)

    @property
    def ground_state(self) -> float:
        """−2JL²: all parallel"""
        return -2 * self.coupling * self.size**2

    def twisted_energy(self, turns: int) -> float:
        """−JL²(1 + cos 2πn/L): θ = 2πnx/L is an exact critical point, and a minimum for |n| < L/4."""
        return -self.coupling * self.size**2 * (1 + cos(2 * pi * turns / self.size))

    def vortices(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(N,) each: how many squares wind to the left, and how many to the right. On a torus they are as many."""
        winding = charges(theta)
        return winding.clamp_min(0).flatten(1).sum(1), (-winding).clamp_min(0).flatten(1).sum(1)

    def starts(self) -> dict[str, Callable[[int, int], Tensor]]:
        n = self.size
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
            return self.with_vortices(places).repeat(replicas, 1, 1)

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
            return self.with_vortices(places).repeat(replicas, 1, 1)

        def twisted(seed: int, replicas: int) -> Tensor:
            """Two turns along x and a little noise: a minimum that is not the ground state."""
            noise = np.random.default_rng([seed, 33]).standard_normal((replicas, n, n))
            return 4 * pi * x / n + 0.2 * torch.from_numpy(noise)

        return {"random": random, "pair": pair, "crystal": crystal, "twisted": twisted, "aligned": aligned}

    def with_vortices(self, places: list[tuple[float, float, int]]) -> Tensor:
        """(1, size, size): vortices at (x, y) in grid units with charges that sum to 0, smooth across the torus.

        The phase of Π σ(z − zₖ)^qₖ with σ ~ θ₁(πz/L) and its quasi-periods taken out by a linear twist, rounded to
        whole turns so that the torus closes. Raises ValueError where the charges do not sum to 0.
        """
        if sum(charge for *_, charge in places) != 0:
            raise ValueError("the charges of vortices on a torus must sum to 0.")
        n = self.size
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

    def system(self) -> System:
        n, J = self.size, self.coupling
        total = lambda x: charges(x).flatten(1).sum(1, dtype=torch.int64).double()
        neutral = Invariant("total vortex charge", total, 0.0, 0.0, source="every link is gone both ways round")
        ground = Reference("energy", self.ground_state, "all spins parallel: −2JL²")
        return System(
            name="xy_model",
            title="XY model",
            sentence="Planar magnets turn into line; what is left over are vortices that find their partners.",
            formula=r"-J\sum_{\langle ij\rangle}\cos(\theta_i - \theta_j)",
            shape=(n, n),
            energy=self.energy,
            gradient=self.gradient,
            starts=self.starts(),
            references=(ground,),
            invariants=(neutral,),
            flat=1,
            longest=0.5,
            duration=200.0 / J,
            parts={"measure": self.measure, "charges": charges, "site_energies": self.site_energies},
        )

"""The XY model: planar spins on a square lattice, E = −J Σ cos(θᵢ − θⱼ) over neighbours, periodic.

Overdamped, it is a gradient flow whose slowest states have vortices; at a temperature, it is Langevin dynamics.
Kosterlitz & Thouless, J. Phys. C 6 (1973) 1181.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from demos.physics.bench.system import Invariant, Reference, System
from demos.physics.bench.vortices import charges
from demos.physics.xy_magnet.starts import starts


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

    def measure(self, theta: Tensor, t: float = 0.0) -> tuple[Tensor, Tensor]:
        """E and its dissipation |∇E|², each (N,)"""
        return self.energy(theta), self.gradient(theta).flatten(1).square().sum(1)

    @property
    def ground_state(self) -> float:
        """−2JL²: all parallel"""
        return -2 * self.coupling * self.size**2

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
            starts=starts(n),
            references=(ground,),
            invariants=(neutral,),
            flat=1,
            longest=0.5,
            duration=200.0 / J,
        )

"""A trapped condensate, with or without rotation: the Gross–Pitaevskii energy on the unit sphere of L².

    E(φ) = ∫ ½|∇φ|² + V|φ|² + β/2 |φ|⁴ − Ω φ* L_z φ,    ∫|φ|² = 1
    φ_t = ½Δφ − Vφ − β|φ|²φ + Ω L_z φ + μφ,    dE/dt = −2‖φ_t‖²

Lengths in √(ħ/mω), energies in ħω. Pitaevskii & Stringari, Bose–Einstein Condensation (2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import pi, sqrt

import torch
from torch import Tensor

from demos.gradient_flow import Diagonal, Stiff
from demos.physics.bench.grid import Torus
from demos.physics.bench.system import Invariant, System
from demos.physics.condensate.reference import references_for
from demos.physics.condensate.starts import starts_for

TRAPS = {"harmonic": "½ω²r²", "lattice": "½x² + 25 sin²(πx/4)"}
POINTS = {1: 512, 2: 128}


class UnitNorm:
    """The constraint set ∫|φ|² = 1 on a grid whose cells have the volume `cell`."""

    def __init__(self, cell: float):
        self._cell = cell

    def retract(self, x: Tensor) -> Tensor:
        return x / (self._cell * _square(x)).sqrt()

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        along = (x * v).flatten(1).sum(1).reshape(-1, *[1] * (x.ndim - 1)) / _square(x)
        return v - along * x


@dataclass(frozen=True)
class GrossPitaevskii:
    """One condensate in `dimensions` 1 or 2; its states are φ on a periodic grid far wider than the cloud.

    beta: β ≥ 0, the interaction. trap: "harmonic" (frequency 1), or "lattice" (one dimension only). rotation: Ω about
    the axis of a two-dimensional trap; then φ is complex and states are (N, 2, n, n), else they are real, (N, n) or
    (N, n, n). points: n a side; width: of the box, by default the Thomas–Fermi cloud and the reach of its tails.
    Raises ValueError where a value is out of range.
    """

    dimensions: int = 2
    beta: float = 62.742
    trap: str = "harmonic"
    rotation: float = 0.0
    points: int | None = None
    width: float | None = None

    def __post_init__(self) -> None:
        if self.dimensions not in (1, 2):
            raise ValueError(f"dimensions = {self.dimensions} must be 1 or 2.")
        if not 0 <= self.beta <= 1e5:
            raise ValueError(f"beta = {self.beta:g} must be from 0 to 100,000: an attractive gas would collapse.")
        if self.trap not in TRAPS or (self.trap == "lattice" and self.dimensions == 2):
            raise ValueError(f"trap = {self.trap!r} must be 'harmonic', or 'lattice' in one dimension.")
        if self.rotation != 0 and self.dimensions == 1:
            raise ValueError("rotation needs two dimensions.")
        if not abs(self.rotation) < 1:
            raise ValueError(
                f"rotation = {self.rotation:g} is {abs(self.rotation):.3g} × the trap frequency: at 1 and above the "
                "centrifugal force exceeds the trap's and the gas flies apart, so that there is no ground state."
            )
        if self.points is None:
            object.__setattr__(self, "points", POINTS[self.dimensions])
        if not 16 <= self.points <= 4096:
            raise ValueError(f"points = {self.points} must be from 16 to 4,096.")
        if self.width is None:
            still, rotating = self.cloud_radius + 6.0, max(self.cloud_radius + 3.0, 7.0)
            object.__setattr__(self, "width", 2 * (still if self.rotation == 0 else rotating))

    @property
    def thomas_fermi(self) -> float:
        """μ in the Thomas–Fermi limit (no kinetic energy): ∫(μ − V)/β = 1, in the trap ½(1 − Ω²)r² with rotation."""
        if self.dimensions == 1:
            return 0.5 * (1.5 * self.beta) ** (2 / 3)
        return sqrt((1 - self.rotation**2) * self.beta / pi)

    @property
    def cloud_radius(self) -> float:
        """Where the Thomas–Fermi density ends."""
        return sqrt(2 * self.thomas_fermi / (1 - self.rotation**2))

    @cached_property
    def torus(self) -> Torus:
        return Torus((self.points,) * self.dimensions, (self.width,) * self.dimensions)

    @property
    def is_complex(self) -> bool:
        return self.rotation != 0

    @cached_property
    def potential(self) -> Tensor:
        """V on the grid. Without rotation V is cut off in the corners of the box at its value at the middle of the
        sides: the cloud does not reach them, and larger values would only limit the step. With rotation it is not cut
        off, because the corners must confine the cloud."""
        axes = self.torus.coordinates()
        V = sum(0.5 * x * x for x in axes)
        V = V if self.rotation else V.clamp_max(self.width**2 / 8)
        return V + 25 * torch.sin(pi * axes[0] / 4) ** 2 if self.trap == "lattice" else V

    @property
    def _transform(self):
        return self.torus.complex if self.is_complex else self.torus.real

    @cached_property
    def _kinetic(self) -> Tensor:
        """½k² in the basis of the transform"""
        return 0.5 * self.torus.minus_laplacian(half=not self.is_complex)

    @cached_property
    def _derivatives(self) -> tuple[Tensor, Tensor]:
        """ik_y and ik_x, with 0 for the highest wave number, for which the sign of k is ambiguous."""
        result = []
        for k in self.torus.wave_numbers(half=False):
            edge = k.abs() >= k.abs().max() * (1 - 1e-9)
            result.append(1j * torch.where(edge, 0.0, k))
        return tuple(result)

    def _rotation_term(self, spectrum: Tensor) -> Tensor:
        """Ω L_z φ = −iΩ (x∂_y − y∂_x) φ as (N, 2, n, n), from the spectrum of φ."""
        y, x = (axis.to(spectrum.real) for axis in self.torus.coordinates())
        along_y, along_x = (torch.fft.ifftn(d.to(spectrum) * spectrum, dim=(-2, -1)) for d in self._derivatives)
        whirl = x * along_y - y * along_x
        return self.rotation * torch.stack((whirl.imag, -whirl.real), 1)

    def rest(self, x: Tensor, t: float = 0.0) -> Tensor:
        """The transform of Vφ + β|φ|²φ − ΩL_zφ"""
        density = x.square().sum(1, keepdim=True) if self.is_complex else x * x
        local = (self.beta * density).add_(self.potential.to(x)).mul(x)
        if self.is_complex:
            local -= self._rotation_term(self._transform.forward(x))
        return self._transform.forward(local)

    def hamiltonian(self, x: Tensor) -> Tensor:
        """Hφ = −½Δφ + Vφ + β|φ|²φ − ΩL_zφ, like x"""
        return self._transform.backward(self._kinetic.to(x) * self._transform.forward(x) + self.rest(x))

    def parts(self, x: Tensor) -> dict[str, Tensor]:
        """(N,) each: "kinetic", "trap", "interaction" (β/2 ∫|φ|⁴), "rotation" (−Ω⟨L_z⟩)."""
        spectrum = self._transform.forward(x)
        density = x.square().sum(1) if self.is_complex else x * x
        cell = self.torus.cell
        result = {
            "kinetic": cell * self._transform.dot(spectrum, self._kinetic.to(x) * spectrum),
            "trap": cell * (density * self.potential.to(x)).flatten(1).sum(1),
            "interaction": 0.5 * self.beta * cell * density.square().flatten(1).sum(1),
        }
        if self.is_complex:
            result["rotation"] = -cell * (x * self._rotation_term(spectrum)).flatten(1).sum(1)
        return result

    def energy(self, x: Tensor, t: float = 0.0) -> Tensor:
        """(N,)"""
        return sum(self.parts(x).values())

    def gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        """∂E/∂x of the grid values: 2Hφ times the cell."""
        return 2 * self.torus.cell * self.hamiltonian(x)

    def chemical_potential(self, x: Tensor) -> Tensor:
        """(N,) μ = ⟨φ, Hφ⟩/⟨φ, φ⟩ = E + interaction"""
        return (x * self.hamiltonian(x)).flatten(1).sum(1) / _square(x).flatten()

    def residual(self, x: Tensor) -> Tensor:
        """(N,) ‖Hφ − μφ‖: 0 at every stationary state; μ is then right to its square."""
        image = self.hamiltonian(x)
        mu = (x * image).flatten(1).sum(1) / _square(x).flatten()
        error = image - mu.reshape(-1, *[1] * (x.ndim - 1)) * x
        return (self.torus.cell * error.square().flatten(1).sum(1)).sqrt()

    def virial(self, x: Tensor) -> Tensor:
        """(N,) 2 kinetic − 2 trap + d interaction: 0 for a stationary state in a harmonic trap, where stretching φ does
        not change E to first order."""
        parts = self.parts(x)
        return 2 * parts["kinetic"] - 2 * parts["trap"] + self.dimensions * parts["interaction"]

    def density(self, x: Tensor) -> Tensor:
        """|φ|², (N, n) or (N, n, n)"""
        return x.square().sum(1) if self.is_complex else x * x

    def width_rms(self, x: Tensor) -> Tensor:
        """(N,) √⟨r²⟩"""
        squares = sum(axis * axis for axis in self.torus.coordinates()).to(x)
        return (self.torus.cell * (self.density(x) * squares).flatten(1).sum(1)).sqrt()

    def stabilizer(self, x: Tensor) -> float:
        """S with which steps of any size are stable near x: half the largest curvature of the explicit part.

        |ΩL_z| ≤ ½k² + ½Ω²r², of which the implicit part covers ½k².
        """
        return 0.5 * float((self._bowl + 3 * self.beta * self.density(x).amax(0).double()).max())

    @cached_property
    def _bowl(self) -> Tensor:
        """V + ½Ω²r²"""
        squares = sum(axis * axis for axis in self.torus.coordinates())
        return self.potential + 0.5 * self.rotation**2 * squares

    @cached_property
    def stiff(self) -> Stiff:
        return Stiff(self._transform, self._kinetic, self.rest)

    def system(self) -> System:
        """The system for `solve`, with its starts, its norm constraint and the reference values of its ground state."""
        cell, n = self.torus.cell, self.points
        shape = ((2,) if self.is_complex else ()) + (n,) * self.dimensions
        norm = Invariant("norm", lambda x: cell * _square(x).flatten(), 1.0, 1e-13, source="the constraint itself")
        return System(
            name="gross_pitaevskii",
            title="Condensate",
            sentence="Bosons in a trap settle into their ground state; stirred, they let vortices in.",
            formula=r"\int \tfrac12|\nabla\phi|^2 + V|\phi|^2 + \tfrac\beta2|\phi|^4 - \Omega\,\phi^* L_z\phi",
            shape=shape,
            energy=self.energy,
            gradient=self.gradient,
            project=UnitNorm(cell),
            mobility=Diagonal(0.5 / cell),
            stiff=self.stiff,
            starts=starts_for(self),
            references=references_for(self),
            invariants=(norm,),
            longest=0.1,
            duration=20.0,
        )


def _square(x: Tensor) -> Tensor:
    """Σ x² of each replica, shaped to divide by"""
    return x.flatten(1).square().sum(1).reshape(-1, *[1] * (x.ndim - 1))

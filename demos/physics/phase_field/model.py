"""One energy, two metrics: in L² the flow is Allen–Cahn's; in H⁻¹ it is Cahn–Hilliard's, which conserves the mass.

E(c) = ∫ γ/2 |∇c|² + (c² − 1)²/4
L²:   c_t = γ Δc − c³ + c              Allen & Cahn, Acta Metall. 27 (1979) 1085
H⁻¹:  c_t = Δ(c³ − c − γ Δc)           Cahn & Hilliard, J. Chem. Phys. 28 (1958) 258
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import torch
from torch import Tensor

from demos.gradient_flow import Diagonal, Stiff
from demos.physics.bench.grid import MinusLaplacian, Torus
from demos.physics.bench.system import Invariant, System
from demos.physics.phase_field.starts import STARTS

METRICS = {"L2": "Allen–Cahn", "H-1": "Cahn–Hilliard"}
METRIC_SIGNS = {"L2": "L²", "H-1": "H⁻¹"}


@dataclass(frozen=True)
class PhaseField:
    """The phase field on a periodic square of `size`² points and side `length` (by default `size`, spacing 1).

    States are (N, size, size), the values of c. gamma: γ; the width of an interface is √(2γ).
    metric: "L2" or "H-1". laplacian: "spectral", or "stencil" for the five-point one.
    Raises ValueError where a value is out of range.
    """

    size: int = 128
    gamma: float = 1.0
    metric: str = "L2"
    length: float | None = None
    laplacian: str = "spectral"

    def __post_init__(self) -> None:
        if not 8 <= self.size <= 1024 or self.size != int(self.size):
            raise ValueError(f"size = {self.size} must be a whole number from 8 to 1024.")
        if not 0 < self.gamma < float("inf"):
            raise ValueError(f"gamma = {self.gamma} must be a finite number > 0.")
        if self.metric not in METRICS:
            raise ValueError(f"metric = {self.metric!r} must be one of: {', '.join(METRICS)}.")
        if self.length is None:
            object.__setattr__(self, "length", float(self.size))

    @cached_property
    def torus(self) -> Torus:
        return Torus((self.size,) * 2, (self.length,) * 2)

    @cached_property
    def _minus_laplacian(self) -> Tensor:
        return self.torus.minus_laplacian(self.laplacian)

    def well_spectrum(self, c: Tensor) -> Tensor:
        """The transform of c³ − c; must not be changed by the caller. The latest one is cached, because a step of the
        solver computes it at its end, and an observer needs it again there."""
        known = self._latest
        if not known or known[0] is not c or known[1] != c._version:
            self._latest[:] = c, c._version, self.torus.real.forward(_well(c))
        return self._latest[2]

    @cached_property
    def _latest(self) -> list:
        return []

    @property
    def width(self) -> float:
        """√(2γ): a wall is tanh of the distance over this."""
        return (2 * self.gamma) ** 0.5

    @property
    def conserved(self) -> bool:
        return self.metric == "H-1"

    @property
    def stabilizer(self) -> float:
        """S for adaptive steps: 0 in L², where accuracy limits them; ½ in H⁻¹, where stability would limit them."""
        return 0.5 if self.conserved else 0.0

    def energy(self, c: Tensor, t: float = 0.0) -> Tensor:
        """(N,)"""
        spectrum = self.torus.real.forward(c)
        bending = 0.5 * self.gamma * self.torus.real.dot(spectrum, self._minus_laplacian.to(c) * spectrum)
        return self.torus.cell * (bending + 0.25 * (c * c - 1).square().flatten(1).sum(1))

    def gradient(self, c: Tensor, t: float = 0.0) -> Tensor:
        """∂E/∂c of the grid values: the functional derivative c³ − c − γΔc times the cell."""
        bent = self.torus.real.backward(self._minus_laplacian.to(c) * self.torus.real.forward(c))
        return self.torus.cell * (self.gamma * bent + _well(c))

    def mass(self, c: Tensor) -> Tensor:
        """(N,) the mean of c."""
        return c.flatten(1).mean(1)

    @cached_property
    def stiff(self) -> Stiff:
        """The stiff linear part for `solve`: γ(−Δ) in L², γΔ² in H⁻¹; the rest comes from the double well."""
        symbol, transform = self._minus_laplacian, self.torus.real
        symbols = {torch.float64: symbol, torch.float32: symbol.to(torch.float32)}
        if self.conserved:
            rest = lambda c, t: self.well_spectrum(c) * symbols[c.dtype]
            return Stiff(transform, self.gamma * symbol**2, rest, symbol)
        return Stiff(transform, self.gamma * symbol, lambda c, t: self.well_spectrum(c).clone())

    def system(self) -> System:
        """The system for `solve`, with its starts and invariants."""
        n = self.size
        mobility = MinusLaplacian(self.torus, self.laplacian) if self.conserved else Diagonal(1 / self.torus.cell)
        mass = Invariant("mean of c", self.mass, None, 1e-13, source="the flow is in divergence form")
        return System(
            name=f"phase_field_{'cahn_hilliard' if self.conserved else 'allen_cahn'}",
            title=METRICS[self.metric],
            sentence="Two phases part, and then the walls between them shorten.",
            formula=r"\int \tfrac\gamma2|\nabla c|^2 + \tfrac14(c^2-1)^2",
            shape=(n, n),
            energy=self.energy,
            gradient=self.gradient,
            mobility=mobility,
            stiff=self.stiff,
            starts={name: partial(make, self) for name, make in STARTS.items()},
            invariants=(mass,) if self.conserved else (),
            longest=0.5,
            duration=1000.0,
        )


def _well(c: Tensor) -> Tensor:
    """c³ − c by products, because a power takes ten times longer."""
    return (c * c).sub_(1).mul_(c)

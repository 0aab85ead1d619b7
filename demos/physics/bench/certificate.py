"""Certificate of a minimum: the spectrum of the Hessian on the tangent space of the constraint set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from demos.physics.bench.system import System

FLAT = 1e-7  # a direction is flat if its eigenvalue is less than this share of the largest


@dataclass(frozen=True)
class Certificate:
    """One state's energy, largest force, and eigenvalues (D − k,) of the Hessian, ascending, on the tangent space of
    the k constraints. expected: the number of flat directions that the system's symmetries cause."""

    energy: float
    force: float
    eigenvalues: np.ndarray
    expected: int
    tolerance: float

    @property
    def flat(self) -> int:
        return int((np.abs(self.eigenvalues) <= self._flat).sum())

    @property
    def negative(self) -> int:
        return int((self.eigenvalues < -self._flat).sum())

    @property
    def softest(self) -> float:
        """The smallest eigenvalue that is not flat; nan where there is none."""
        rest = self.eigenvalues[self.eigenvalues > self._flat]
        return float(rest[0]) if len(rest) else float("nan")

    @property
    def is_minimum(self) -> bool:
        return self.force <= self.tolerance and self.negative == 0 and self.flat == self.expected

    @property
    def _flat(self) -> float:
        return FLAT * float(np.abs(self.eigenvalues).max())

    def __str__(self) -> str:
        if not self.force <= self.tolerance:
            return f"not at rest: the largest force is {self.force:.1e}, more than {self.tolerance:.0e}"
        if self.negative:
            ways = "one way" if self.negative == 1 else f"{self.negative} ways"
            return f"a saddle: {ways} down, the steepest with curvature {self.eigenvalues[0]:.3g}"
        zero = f"{self.flat} flat directions" + ("" if self.flat == self.expected else f" (expected {self.expected})")
        kind = "a minimum" if self.is_minimum else "a rest"
        return f"{kind}: largest force {self.force:.1e}, {zero}, softest mode {self.softest:.4g}"


def certify(system: System, x: Tensor, tolerance: float = 1e-9) -> Certificate:
    """The certificate of one state x (*shape). Raises ValueError where the system has no Hessian."""
    if system.hessian is None:
        raise ValueError(f"{system.title} has no Hessian to certify a minimum with.")
    x = x[None]
    hessian = system.hessian(x)
    if system.project is not None:
        hessian = system.project.hessian(x, system.gradient(x), hessian)
    matrix = hessian[0].numpy()
    if not np.isfinite(matrix).all():
        raise ValueError(f"The Hessian of {system.title} is not finite there.")
    if system.project is not None:
        normals = system.project.normals(x)[0].numpy()  # (k, D), orthonormal
        tangent = np.linalg.qr(normals.T, mode="complete")[0][:, len(normals) :]
        matrix = tangent.T @ matrix @ tangent
    eigenvalues = np.linalg.eigvalsh((matrix + matrix.T) / 2)
    return Certificate(float(system.energy(x)[0]), float(system.force(x)[0]), eigenvalues, system.flat, tolerance)

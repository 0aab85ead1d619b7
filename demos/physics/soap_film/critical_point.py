"""Critical points of the area by Newton's method, certified by the spectrum of the Hessian."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
import torch
from scipy.linalg import eigvalsh_tridiagonal, solve_banded

from demos.physics.soap_film.model import SoapFilm


@dataclass(frozen=True)
class CriticalPoint:
    """radii (links − 1,), largest gradient, number of negative eigenvalues: 0 for a minimum, 1 for a saddle."""

    radii: np.ndarray
    gradient: float
    downhill: int

    @property
    def neck(self) -> float:
        return float(self.radii[len(self.radii) // 2])


def critical_point(film: SoapFilm, radii: np.ndarray, rounds: int = 60) -> CriticalPoint:
    """Newton's method from radii (links − 1,) to a nearby critical point of the area, a minimum or the saddle.

    Raises ValueError where it does not converge.
    """
    x = torch.from_numpy(np.array(radii, dtype=float))[None]
    scale = 2 * pi * film.spacing
    for _ in range(rounds):
        gradient = film.gradient(x)[0].numpy()
        diagonal, off = (band[0].numpy() for band in film.bands(x))
        bands = np.zeros((3, len(diagonal)))
        bands[0, 1:], bands[1], bands[2, :-1] = off, diagonal, off
        step = solve_banded((1, 1), bands, -gradient)
        longest = np.abs(step).max()
        x = x + torch.from_numpy(step * min(1.0, 0.1 / max(longest, 1e-300)))
        if longest < 1e-13 or not np.isfinite(longest):
            break
    gradient = film.gradient(x)[0].abs().max()
    if not float(gradient) < 1e-9 * scale or float(x.min()) <= 0:
        raise ValueError(f"no catenoid near this film: Newton left a gradient of {float(gradient) / scale:.1e}.")
    diagonal, off = (band[0].numpy() for band in film.bands(x))
    values = eigvalsh_tridiagonal(diagonal, off)
    return CriticalPoint(x[0].numpy(), float(gradient), int((values < 0).sum()))

"""Area and dissipation of a film along its path: after each step, and between two of them."""

from __future__ import annotations

from math import pi

from torch import Tensor

from demos.physics.soap_film.model import NotNegative, SoapFilm


class FilmMeasure:
    """For an `EnergyRecorder`: between two states the path is Hermite's cubic through both and their velocities.

    curved: in the metric of mean curvature, else in that of the radii.
    """

    def __init__(self, film: SoapFilm, curved: bool):
        self._film, self._curved = film, curved
        self._before = self._latest = None

    def _descent(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """M∇A like x, and ⟨∇A, M∇A⟩ (N,)"""
        gradient = NotNegative().tangent(x, self._film.gradient(x))
        mobility = self._film.curvature_mobility(x) if self._curved else 1 / (2 * pi * self._film.spacing)
        descent = mobility * gradient
        return descent, (gradient * descent).sum(1)

    def __call__(self, x: Tensor, t: float = 0.0) -> tuple[Tensor, Tensor]:
        descent, rate = self._descent(x)
        self._before, self._latest = self._latest, (x.clone(), descent)
        return self._film.energy(x), rate

    def rate_between(self, place: float, h: float) -> Tensor:
        (start, down), (end, down_after) = self._before, self._latest
        rest = 1 - place
        x = (1 + 2 * place) * rest**2 * start + place**2 * (3 - 2 * place) * end
        x = x - h * place * rest * (rest * down - place * down_after)
        return self._descent(x.clamp_min(0.0))[1]

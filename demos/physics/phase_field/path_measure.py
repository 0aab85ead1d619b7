"""Energy and dissipation of a phase field along its path: after each step, and between two of them."""

from __future__ import annotations

import torch
from torch import Tensor

from demos.gradient_flow.methods.etdrk2 import phi
from demos.physics.phase_field.model import PhaseField

KEPT = 64  # most pairs (place, step) whose exponentials are cached


class FieldMeasure:
    """A `PathMeasure` for an `EnergyRecorder`. Between two states the path solves the linear part of the flow exactly,
    with the nonlinear part linear in time; its error at the end of the step is subtracted in proportion to time.

    A cubic path would be far off for waves that decay within a step, as most do in H⁻¹.
    """

    def __init__(self, field: PhaseField):
        self._field, self._symbol = field, field.torus.minus_laplacian(field.laplacian)
        self._mobility = self._symbol if field.conserved else torch.ones_like(self._symbol)
        self._linear = self._mobility * (field.gamma * self._symbol + field.stabilizer)
        self._known: dict[tuple[float, float], tuple[Tensor, Tensor, Tensor]] = {}
        self._before = self._latest = None

    def __call__(self, c: Tensor, t: float = 0.0) -> tuple[Tensor, Tensor]:
        transform, cell = self._field.torus.real, self._field.torus.cell
        spectrum = transform.forward(c)
        square = c * c - 1
        energy = 0.5 * self._field.gamma * transform.dot(spectrum, self._symbol * spectrum)
        energy = cell * (energy + 0.25 * square.square().flatten(1).sum(1))
        rate, velocity = self._dissipation(spectrum, self._field.well_spectrum(c))
        self._before = self._latest
        self._latest = spectrum, self._linear * spectrum - velocity
        return energy, rate

    def _dissipation(self, spectrum: Tensor, well: Tensor) -> tuple[Tensor, Tensor]:
        """⟨∇E, M∇E⟩ (N,) and the spectrum of M∇E, from those of c and of c³ − c."""
        transform = self._field.torus.real
        gradient = (self._field.gamma * self._symbol * spectrum).add_(well)
        velocity = self._mobility * gradient
        return self._field.torus.cell * transform.dot(gradient, velocity), velocity

    def rate_between(self, place: float, h: float) -> Tensor:
        (start, rest), (end, rest_after) = self._before, self._latest
        decay, first, second = self._exponentials(place, h)
        spectrum = (decay * start).addcmul_(first, rest).addcmul_(second, rest_after - rest).add_(end, alpha=place)
        c = self._field.torus.real.backward(spectrum)
        return self._dissipation(spectrum, self._field.torus.real.forward((c * c - 1).mul_(c)))[0]

    def _exponentials(self, place: float, h: float) -> tuple[Tensor, Tensor, Tensor]:
        """The factors of the start, of its nonlinear part and of that part's change at θ = `place`: e^(−θhL), θhφ₁ and
        θ²hφ₂ of −θhL, each minus θ times its value at θ = 1, so that the path meets the end."""
        if (place, h) not in self._known:
            if len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            decay, first, second = phi(self._linear * (-place * h))
            decay_end, first_end, second_end = phi(self._linear * -h)
            self._known[place, h] = (
                decay - place * decay_end,
                place * h * (first - first_end),
                place * h * (place * second - second_end),
            )
        return self._known[place, h]

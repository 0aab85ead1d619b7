"""A flow bound to one call of `solve`: what a step may ask, and the counters."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from demos.gradient_flow.flow import GradientFlow
from demos.gradient_flow.noise import Noise
from demos.gradient_flow.shapes import checked_energies, checked_hessian, checked_like


class Problem:
    """What a method's step sees. Counts gradient evaluations and accepted proposals."""

    def __init__(
        self, flow: GradientFlow, noise: Noise | None, options: dict[str, Any], tolerances: tuple[float, float]
    ):
        self.flow, self.noise, self.options = flow, noise, options
        self.rtol, self.atol = tolerances
        self.tolerance = 0.0  # largest gradient at which `solve` stops: a method may let such a replica rest
        self.mass, self.friction = flow.mass, flow.friction
        self.temperature = flow.temperature_at
        self.noisy = flow.is_stochastic
        # looked up once: a step on 10,000 points takes 40 µs, in which every attribute counts
        self._gradient, self._project, self._mobility = self._first_gradient, flow.project, flow.mobility
        self.energy = None if flow.energy is None else self._first_energy
        self.hessian = None if flow.hessian is None else self._first_hessian
        self.start_momenta: Tensor | None = None
        self.evaluations = 0
        self.accepted: Tensor | float = 0.0  # summed over replicas; stays a tensor, so that no step waits for it
        self.proposed = 0

    def gradient(self, x: Tensor, t: float) -> Tensor:
        """∇E(x, t), tangent to the constraint set where there is one."""
        self.evaluations += 1
        gradient = self._gradient(x, t)
        return gradient if self._project is None else self._project.tangent(x, gradient)

    def normal(self) -> Tensor:
        return self.noise.normal()

    def uniform(self) -> Tensor:
        return self.noise.uniform()

    def _first_gradient(self, x: Tensor, t: float) -> Tensor:
        """The flow's gradient, looked at once: the first that it gives must be like x."""
        gradient = checked_like("gradient(x, t)", self.flow.gradient(x, t), x)
        self._gradient = self.flow.gradient
        return gradient

    def _first_energy(self, x: Tensor, t: float) -> Tensor:
        energies = checked_energies(self.flow.energy(x, t), x)
        self.energy = self.flow.energy
        return energies

    def _first_hessian(self, x: Tensor, t: float) -> Tensor:
        hessian = checked_hessian(self.flow.hessian(x, t), x)
        self.hessian = self.flow.hessian
        return hessian

    def drift(self, gradient: Tensor, t: float) -> Tensor:
        """M ∇E: the gradient in the metric of the flow."""
        return gradient if self._mobility is None else self._mobility.apply(gradient, t)

    def spread(self, normal: Tensor, t: float) -> Tensor:
        """√M R, for the noise."""
        return normal if self._mobility is None else self._mobility.root(normal, t)

    def slope(self, x: Tensor, t: float) -> Tensor:
        """M ∇E(x, t), tangent to the constraint set where there is one: dx = −slope dt."""
        slope = self.drift(self.gradient(x, t), t)
        return slope if self._project is None or self._mobility is None else self._project.tangent(x, slope)

    def shift(self, x: Tensor, h: float, slope: Tensor, spread: Tensor | None = None, scale: float = 0.0) -> Tensor:
        """`move` for an M ∇E and a √M R that are known already."""
        if self._project is None:
            x.add_(slope, alpha=-h)
            return x if spread is None else x.add_(spread, alpha=scale)
        step = slope * -h if spread is None else slope * -h + scale * spread
        return self._project.retract(x + self._project.tangent(x, step))

    def move(
        self, x: Tensor, t: float, h: float, gradient: Tensor, noise: Tensor | None = None, scale: float = 0.0
    ) -> Tensor:
        """x − h M ∇E + scale √M R, written into x where nothing else has to be done, and brought back to C."""
        project = self._project
        if project is None:
            x.add_(self.drift(gradient, t), alpha=-h)
            return x if noise is None else x.add_(self.spread(noise, t), alpha=scale)
        step = self.drift(gradient, t) * -h
        if noise is not None:
            step = step + scale * self.spread(noise, t)
        return project.retract(x + project.tangent(x, step))

    def count(self, accepted: Tensor) -> None:
        self.accepted = self.accepted + accepted.sum(dtype=torch.float64)
        self.proposed += len(accepted)

    @property
    def acceptance(self) -> float | None:
        return float(self.accepted) / self.proposed if self.proposed else None

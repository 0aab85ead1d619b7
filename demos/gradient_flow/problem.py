"""Problem: the interface between a method's step and the flow, with the counters of one call of `solve`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from demos.gradient_flow.derivatives import NoGraphError
from demos.gradient_flow.flow import GradientFlow, Projection
from demos.gradient_flow.memory import with_own_memory
from demos.gradient_flow.noise import NoiseSource, NoNoise
from demos.gradient_flow.shapes import (
    check_left_alone,
    checked_energies,
    checked_hessian,
    checked_like,
    is_number,
    nonnegative,
)
from demos.gradient_flow.stiff import Stiff

ROUNDING = 1e-9  # a noise level below 0 by less counts as 0: σ_max − t at the last time of a grid


class Problem:
    """Gives a method's step the gradients, energies and noise of a flow; counts evaluations and accepted proposals.

    copies: return copies of gradients, energies and the stiff rest, because a flow may write into the same buffer at
    every call (for its other parts see `with_own_memory`). Not needed by a method whose row says `holds_values=False`:
    it has finished with each value before it computes the next.
    """

    def __init__(
        self,
        flow: GradientFlow,
        noise: NoiseSource | None,
        options: dict[str, Any],
        tolerances: tuple[float, float],
        copies: bool = True,
    ):
        self.flow = flow = with_own_memory(flow)
        self.options = options
        self.noise: NoiseSource = NoNoise() if noise is None else noise
        self.rtol, self.atol = tolerances
        self.tolerance = 0.0  # the largest gradient of a converged replica, which a method need not move
        self.mass, self.friction = flow.mass, flow.friction
        self.temperature = flow.temperature_at
        self.noisy = flow.is_stochastic
        # attributes are looked up once: in a step of 40 µs on 10,000 points each lookup matters
        self._gradient, self._project, self._mobility = self._first_gradient, flow.project, flow.mobility
        self._energy, self._copies = self._first_energy, copies
        self.before_gradient: Callable[[], None] | None = None  # a cancellation point inside long steps
        self.start_momenta: Tensor | None = None
        self.evaluations = 0
        self.accepted: Tensor | float = 0.0  # summed over replicas; a tensor, so that no step waits for the device
        self.proposed = 0

    def gradient(self, x: Tensor, t: float) -> Tensor:
        """∇E(x, t), projected onto the tangent space of the constraint set if there is one."""
        if self.before_gradient is not None:
            self.before_gradient()
        self.evaluations += 1
        gradient = self._gradient(x, t)
        return gradient if self._project is None else self._project.tangent(x, gradient)

    def energy(self, x: Tensor, t: float) -> Tensor:
        """E(x, t), (N,), in the dtype of x. Raises ValueError if the flow has no energy."""
        return self._energy(x, t)

    def hessian(self, x: Tensor, t: float) -> Tensor:
        """∇²E(x, t), (N, D, D) over flattened coordinates. Raises ValueError if the flow has none."""
        if self.flow.hessian is None:
            raise ValueError("A method asks for a Hessian, and this flow has none: its row must say so in `needs`.")
        return checked_hessian(self.flow.hessian(x, t), x)

    def of_some(self, part: str, x: Tensor, t: float, replicas: int) -> Tensor:
        """`energy`, `gradient` or `hessian` at a part x (n, ...) of all the replicas.

        Raises ValueError for a flow that answers for all replicas only, because its parameters are one for each.
        """
        try:
            values = getattr(self, part)(x, t)
        except NoGraphError:
            raise
        except (RuntimeError, IndexError, ValueError) as error:
            if len(x) == replicas:
                raise
            raise ValueError(_all_only(part, len(x), replicas)) from error
        if len(values) != len(x):
            raise ValueError(_all_only(part, len(x), replicas))
        return values

    def normal(self) -> Tensor:
        """The next standard normals, like the states; do not write into them."""
        return self.noise.normal()

    def uniform(self) -> Tensor:
        """The next uniform numbers on [0, 1), (N,); do not write into them."""
        return self.noise.uniform()

    def noise_level(self, t: float) -> float:
        """σ(t) of a diffusion's reverse process. Raises ValueError if the flow has none, or gives no number ≥ 0."""
        if self.flow.noise_level is None:
            raise ValueError("A method asks for the noise level, and this flow has none: its row must say so.")
        given = self.flow.noise_level(t)
        return 0.0 if is_number(given) and -ROUNDING < given < 0 else nonnegative("noise_level", t, given)

    def noise_levels(self, t: float, h: float) -> tuple[float, float]:
        """σ(t) and σ(t + h). Raises ValueError unless the second is smaller."""
        before, after = self.noise_level(t), self.noise_level(t + h)
        if not after < before:
            raise ValueError(
                f"noise_level({t:g}) = {before:g} and noise_level({t + h:g}) = {after:g}: it must fall from each time "
                "to the next, as in the reverse process of a diffusion."
            )
        return before, after

    @property
    def project(self) -> Projection:
        """The constraint set. Raises ValueError if the flow has none."""
        if self._project is None:
            raise ValueError("A method asks for the constraint set, and this flow has none: its row must say so.")
        return self._project

    @property
    def stiff(self) -> Stiff:
        """The stiff part. Raises ValueError if the flow has none."""
        if self.flow.stiff is None:
            raise ValueError("A method asks for the stiff part, and this flow has none: its row must say so.")
        return self.flow.stiff

    def stiff_rest(self, x: Tensor, t: float) -> Tensor:
        """r(x, t) in the transform's basis (see `Stiff`); counts as one gradient evaluation."""
        if self.before_gradient is not None:
            self.before_gradient()
        self.evaluations += 1
        rest = self.stiff.rest(x, t)
        return rest.clone() if self._copies else rest

    def check_stiff(self, x: Tensor, t: float) -> None:
        """Raise ValueError if the stiff part and the gradient do not give the same M∇E at x."""
        stiff = self.stiff
        own = self.apply_mobility(self.flow.gradient(x, t), t)
        try:
            same = checked_like("stiff's L x + r(x, t)", stiff.preconditioned_gradient(x, t), x)
            linear = float((stiff.transform.backward(stiff.linear * stiff.transform.forward(x))).abs().max())
        except (RuntimeError, TypeError) as error:
            raise ValueError(f"stiff does not go with a start of shape {tuple(x.shape)}: {error}") from error
        if not (torch.isfinite(own).all() and torch.isfinite(same).all()):
            return  # the flow is not finite at the start: the run will end as diverged
        distance, size = float((own - same).abs().max()), float(own.abs().max())
        stiffest = float(torch.as_tensor(stiff.damping).max() + stiff.linear.abs().max())  # amplifies rounding
        eps = torch.finfo(x.dtype).eps
        if distance > eps**0.5 * (size + linear) + 100 * eps * stiffest * float(x.abs().max()):
            raise ValueError(
                f"stiff is another flow's: its L x + r is {distance:.1e} from this flow's M∇E, of size {size:.1e}."
            )

    def apply_mobility(self, v: Tensor, t: float) -> Tensor:
        """M v, like v."""
        return v if self._mobility is None else self._mobility.apply(v, t)

    def apply_mobility_root(self, v: Tensor, t: float) -> Tensor:
        """√M v, like v: for the noise."""
        return v if self._mobility is None else self._mobility.root(v, t)

    def preconditioned_gradient(self, x: Tensor, t: float) -> Tensor:
        """M ∇E(x, t), projected onto the tangent space of the constraint set if there is one."""
        gradient = self.apply_mobility(self.gradient(x, t), t)
        return gradient if self._project is None or self._mobility is None else self._project.tangent(x, gradient)

    def move(
        self, x: Tensor, t: float, h: float, gradient: Tensor, noise: Tensor | None = None, scale: float = 0.0
    ) -> Tensor:
        """x − h M ∇E + scale √M R, retracted onto C. It may be written into x: pass `x.clone()` to preserve x."""
        root = None if noise is None else self.apply_mobility_root(noise, t)
        return self.move_by(x, h, self.apply_mobility(gradient, t), root, scale)

    def move_by(
        self, x: Tensor, h: float, preconditioned: Tensor, noise: Tensor | None = None, scale: float = 0.0
    ) -> Tensor:
        """`move` for an M ∇E and a √M R that are computed already."""
        if self._project is None:
            x.add_(preconditioned, alpha=-h)
            return x if noise is None else x.add_(noise, alpha=scale)
        step = preconditioned * -h if noise is None else preconditioned * -h + scale * noise
        return self._project.retract(x + self._project.tangent(x, step))

    def retracted(self, x: Tensor) -> Tensor:
        """x retracted onto the constraint set; x itself if the flow has none."""
        return x if self.flow.project is None else self.flow.project.retract(x)

    def count(self, accepted: Tensor) -> None:
        """Count proposals; accepted: (N,), 1 or 0 for each replica."""
        self.accepted = self.accepted + accepted.sum(dtype=torch.float64)
        self.proposed += len(accepted)

    @property
    def acceptance(self) -> float | None:
        return float(self.accepted) / self.proposed if self.proposed else None

    def _first_gradient(self, x: Tensor, t: float) -> Tensor:
        """The flow's first gradient, with checks of its shape and dtype; later ones are not checked."""
        before = x.clone()
        gradient = checked_like("gradient(x, t)", self.flow.gradient(x, t), x)
        check_left_alone("gradient(x, t)", before, x)
        self._gradient = self._copied_gradient if self._copies else self.flow.gradient
        return gradient.clone() if self._copies else gradient

    def _copied_gradient(self, x: Tensor, t: float) -> Tensor:
        return self.flow.gradient(x, t).clone()

    def _first_energy(self, x: Tensor, t: float) -> Tensor:
        if self.flow.energy is None:
            raise ValueError("A method asks for energies, and this flow has none: its row must say so in `needs`.")
        before = x.clone()
        energies = checked_energies(self.flow.energy(x, t), x)
        check_left_alone("energy(x, t)", before, x)
        given, dtype, copy = self.flow.energy, x.dtype, self._copies
        self._energy = lambda x, t: given(x, t).to(dtype, copy=copy)
        return energies.to(dtype, copy=copy)


def _all_only(part: str, count: int, replicas: int) -> str:
    return (
        f"{part}(x, t) does not work for {count} of the {replicas} replicas alone, as this method asks: a parameter "
        "that differs between replicas must be part of x."
    )

"""Derivatives of an energy by autograd, and the curvature that limits an explicit step."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import torch
from torch import Tensor

from demos.gradient_flow.shapes import checked_energies, writes_into_x
from demos.gradient_flow.signatures import of_x_and_t

PROBES = (0.01, 0.37)  # moves, in parts of 1 + |x|, by which an energy without a graph is asked whether it is constant


class NoGraphError(ValueError):
    """An energy changes with x, but autograd cannot see how."""


class AutogradGradient:
    """∇E(x, t), like x: each replica's own gradient, because replicas do not interact.

    Works inside `torch.no_grad` and `torch.inference_mode`. Raises ValueError where the energy is not one number for
    each replica, NoGraphError where it changes with x and was not computed by torch from x.
    """

    def __init__(self, energy: Callable[..., Tensor]):
        self.energy = of_x_and_t(energy)

    def __call__(self, x: Tensor, t: float = 0.0) -> Tensor:  # whether t matters, the energy says
        if torch.is_inference_mode_enabled() or x.is_inference():
            with torch.inference_mode(False):
                return self._at(x.clone(), t)
        return self._at(x, t)

    def _at(self, x: Tensor, t: float) -> Tensor:
        with torch.enable_grad():
            y = x.detach().requires_grad_()
            energies = _energies(self.energy, y, t)
            gradient = _derivative(energies, y)
        if gradient is None:
            _check_constant(self.energy, x, t, energies, "gradient")
            return torch.zeros_like(x)
        return gradient


class AutogradHessian:
    """∇²E(x, t) as (N, D, D) over the D flattened coordinates of a replica: D backward passes for all N at once.

    Raises what `AutogradGradient` raises.
    """

    def __init__(self, energy: Callable[..., Tensor]):
        self.energy = of_x_and_t(energy)

    def __call__(self, x: Tensor, t: float = 0.0) -> Tensor:
        if torch.is_inference_mode_enabled() or x.is_inference():
            with torch.inference_mode(False):
                return self._at(x.clone(), t)
        return self._at(x, t)

    def _at(self, x: Tensor, t: float) -> Tensor:
        count, size = len(x), prod(x.shape[1:])
        hessian = x.new_zeros(count, size, size)
        with torch.enable_grad():
            flat = x.detach().reshape(count, size).requires_grad_()
            energies = _energies(self.energy, flat.reshape(x.shape), t)
            gradient = _derivative(energies, flat, create_graph=True)
            if gradient is None:
                _check_constant(self.energy, x, t, energies, "hessian")
                return hessian
            if not gradient.requires_grad:  # a gradient that does not depend on x: a linear energy
                return hessian
            for i in range(size):
                (column,) = torch.autograd.grad(gradient[:, i].sum(), flat, retain_graph=True, allow_unused=True)
                if column is not None:
                    hessian[:, i] = column
        return hessian


def autograd_gradient(energy: Callable[..., Tensor]) -> AutogradGradient:
    """(x, t) -> ∇E(x, t), like x, for an energy (x, t) -> (N,) or x -> (N,)."""
    return AutogradGradient(energy)


def autograd_hessian(energy: Callable[..., Tensor]) -> AutogradHessian:
    """(x, t) -> ∇²E(x, t), (N, D, D), for an energy (x, t) -> (N,) or x -> (N,)."""
    return AutogradHessian(energy)


def _energies(energy: Callable[..., Tensor], y: Tensor, t: float) -> Tensor:
    """(N,) with its graph back to y."""
    try:
        return checked_energies(energy(y, t), y)
    except RuntimeError as error:  # torch's own sentences: x overwritten, .numpy(), tensors made in inference mode
        if "in-place operation" in str(error):
            raise ValueError(writes_into_x("energy")) from error
        if "requires grad" in str(error) or "nference tensor" in str(error):
            raise NoGraphError(_without_graph("gradient")) from error
        raise


def _derivative(energies: Tensor, y: Tensor, create_graph: bool = False) -> Tensor | None:
    """∂ΣE/∂y, or None where no graph leads back to y."""
    total = energies.sum()
    if not total.requires_grad:
        return None
    return torch.autograd.grad(total, y, create_graph=create_graph, allow_unused=True)[0]


def _check_constant(energy: Callable[..., Tensor], x: Tensor, t: float, energies: Tensor, part: str) -> None:
    """Raises NoGraphError unless the energy is the same at other places: then its derivatives are zero indeed."""
    with torch.no_grad():
        for share in PROBES:
            elsewhere = checked_energies(energy(x.detach() + share * (1 + x.detach().abs()), t), x)
            if not torch.equal(elsewhere.nan_to_num(), energies.detach().nan_to_num()):
                raise NoGraphError(_without_graph(part))


def _without_graph(part: str) -> str:
    return (
        "energy(x, t) has no autograd graph back to x: it was computed under torch.no_grad or torch.inference_mode, "
        f"from detached tensors, or by NumPy. Give the flow its {part}, too."
    )


def largest_curvature(gradient: Callable[[Tensor, float], Tensor], x: Tensor, t: float, rounds: int = 30) -> float:
    """L: the largest eigenvalue, over the replicas x (N, ...), of the Hessian; NaN where the gradient is not finite.

    Power iteration on central differences of the gradient (Lanczos would need fewer rounds, but this one needs no
    energy and no Hessian), in the dtype of x. Where the curvature largest in size is a negative one, a second
    iteration on the Hessian less that one finds the largest: it, not the size, limits an explicit step.
    """
    flat = lambda v: v.reshape(v.shape[0], -1)
    expand = (slice(None),) + (None,) * (x.ndim - 1)
    size = torch.finfo(x.dtype).eps ** (1 / 3) * (1 + flat(x).norm(dim=1))

    def iterate(shift: Tensor) -> Tensor:
        v = torch.randn(x.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(x)
        value = torch.full_like(size, float("nan"))
        for _ in range(rounds):
            v = v / flat(v).norm(dim=1).clamp_min(torch.finfo(x.dtype).tiny)[expand]
            step = v * size[expand]
            image = (gradient(x + step, t) - gradient(x - step, t)) / (2 * size)[expand] + shift[expand] * v
            value, v = (flat(image) * flat(v)).sum(1), image
        return value - shift

    x = x.detach()
    value = iterate(torch.zeros_like(size))
    if (value < 0).any():
        value = iterate((-value).clamp_min(0))
    finite = value[torch.isfinite(value)]
    return float(finite.max()) if len(finite) else float("nan")

"""Derivatives of an energy by autograd, and the curvature that limits an explicit step."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import torch
from torch import Tensor

from demos.gradient_flow.shapes import checked_energies, writes_into
from demos.gradient_flow.signatures import of_x_and_t

PROBES = (0.01, 0.37)  # displacements, relative to 1 + |x|, that test whether an energy without a graph is constant


class NoGraphError(ValueError):
    """Raised for an energy that depends on x but has no autograd graph back to x."""


class AutogradGradient:
    """∇E(x, t), like x, by autograd of the sum of all energies: replicas do not interact.

    Works inside `torch.no_grad` and `torch.inference_mode`. Raises ValueError if the energy is not one number for each
    replica, NoGraphError if it depends on x but was not computed from x by torch.
    """

    def __init__(self, energy: Callable[..., Tensor]):
        self.energy = of_x_and_t(energy)

    def __call__(self, x: Tensor, t: float = 0.0) -> Tensor:  # t is passed on to the energy
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
    """The energies (N,), with their graph back to y."""
    try:
        return checked_energies(energy(y, t), y)
    except RuntimeError as error:  # from torch: x overwritten, .numpy() called, tensors made in inference mode
        if "in-place operation" in str(error):
            raise ValueError(writes_into("energy(x, t)")) from error
        if "requires grad" in str(error) or "nference tensor" in str(error):
            raise NoGraphError(_without_graph("gradient")) from error
        raise


def _derivative(energies: Tensor, y: Tensor, create_graph: bool = False) -> Tensor | None:
    """∂ΣE/∂y, or None if the energies have no graph back to y."""
    total = energies.sum()
    if not total.requires_grad:
        return None
    return torch.autograd.grad(total, y, create_graph=create_graph, allow_unused=True)[0]


def _check_constant(energy: Callable[..., Tensor], x: Tensor, t: float, energies: Tensor, part: str) -> None:
    """Raise NoGraphError unless the energy has the same value at other points, so that its derivatives are zero."""
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


def largest_curvature(gradient: Callable[..., Tensor], x: Tensor, t: float = 0.0, rounds: int = 30) -> float:
    """L: the largest eigenvalue, over the replicas x (N, ...), of the Hessian; NaN where the gradient is not finite.

    gradient: (x, t) -> ∇E, like x, or x -> ∇E.
    Power iteration on central differences of the gradient, in the dtype of x; it needs neither energy nor Hessian. If
    the eigenvalue of largest modulus is negative, a second iteration on the Hessian shifted by it finds the largest
    eigenvalue, which limits an explicit step.
    """
    gradient = of_x_and_t(gradient)
    flat = lambda v: v.reshape(v.shape[0], -1)
    expand = (slice(None),) + (None,) * (x.ndim - 1)
    size = torch.finfo(x.dtype).eps ** (1 / 3) * (1 + flat(x).norm(dim=1))

    def iterate(shift: Tensor) -> Tensor:
        generator = torch.Generator("cpu").manual_seed(0)  # the same numbers on every device
        v = torch.randn(x.shape, generator=generator, dtype=torch.float64, device="cpu").to(x)
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

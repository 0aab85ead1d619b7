"""Derivatives of an energy by autograd, and the curvature that limits an explicit step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def autograd_gradient(energy: Callable[[Tensor, float], Tensor]) -> Callable[[Tensor, float], Tensor]:
    """∇E(x, t), like x: each replica's own gradient, because replicas do not interact."""

    def gradient(x: Tensor, t: float = 0.0) -> Tensor:  # whether t matters, the energy says
        with torch.enable_grad():
            y = x.detach().requires_grad_()
            total = energy(y, t).sum()
            if not total.requires_grad:  # an energy that does not depend on x
                return torch.zeros_like(x)
            return torch.autograd.grad(total, y)[0]

    return gradient


def autograd_hessian(energy: Callable[[Tensor, float], Tensor]) -> Callable[[Tensor, float], Tensor]:
    """∇²E(x, t) as (N, D, D) over the D flattened coordinates of a replica: D backward passes for all N at once."""

    def hessian(x: Tensor, t: float) -> Tensor:
        with torch.enable_grad():
            flat = x.detach().reshape(x.shape[0], -1).requires_grad_()
            total, rows = energy(flat.reshape(x.shape), t).sum(), []
            slope = torch.autograd.grad(total, flat, create_graph=True)[0] if total.requires_grad else flat.detach()
            for i in range(flat.shape[1]):
                if slope.requires_grad:
                    (row,) = torch.autograd.grad(slope[:, i].sum(), flat, retain_graph=True, allow_unused=True)
                else:
                    row = None  # a gradient that does not depend on x: a linear energy
                rows.append(torch.zeros_like(flat) if row is None else row)
        return torch.stack(rows, dim=1)

    return hessian


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

"""Constraint sets (unit spheres, rigid links, a sliding end): projections, and the Hessians for Newton's method.

Besides `retract` and `tangent`, which the solver needs, a set has
    hessian(x, gradient, hessian): the Riemannian Hessian (B, D, D) of an energy on it, P(∇²E − Σ λₖ∇²cₖ)P with the
        multipliers λ of ∇E, plus a positive multiple of the normal projection, so that it can be inverted;
    normals(x): an orthonormal basis (B, k, D) of the k normal directions.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.linalg.lapack import dptsv
from torch import Tensor


class UnitSpheres:
    """Every particle of x (B, N, 3) on the unit sphere."""

    def retract(self, x: Tensor) -> Tensor:
        return x / x.norm(dim=-1, keepdim=True)

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        return v - ((v * x).sum(-1, keepdim=True) / x.square().sum(-1, keepdim=True)) * x

    def normals(self, x: Tensor) -> Tensor:
        """(B, N, 3N)"""
        replicas, count, axes = x.shape
        rows = x.new_zeros(replicas, count, count, axes)
        rows[:, torch.arange(count), torch.arange(count)] = self.retract(x)
        return rows.reshape(replicas, count, count * axes)

    def hessian(self, x: Tensor, gradient: Tensor, hessian: Tensor) -> Tensor:
        """On the sphere c = (|xᵢ|² − 1)/2 has ∇²c = I, and its multiplier is xᵢ·∇ᵢE."""
        multipliers = (x * gradient).sum(-1)
        bent = hessian - torch.diag_embed(multipliers.repeat_interleave(x.shape[2], dim=1))
        return project_hessian(bent, self.normals(x))


class RigidLinks:
    """A chain of nodes x (B, n, 2) whose n − 1 links keep their length; held (n, 2): the numbers at which coordinates
    are fixed, nan for those that are free.

    cₖ = (|dₖ|² − ℓ²)/2 with dₖ = xₖ₊₁ − xₖ. JJᵀ is tridiagonal, and solved as such.
    """

    MOST_ROUNDS = 50

    def __init__(self, length: float, held: Tensor):
        self.length = length
        self._free = held.isnan().to(torch.float64)
        self._place = held.nan_to_num(0.0)
        incidence = torch.diff(torch.eye(len(held), dtype=torch.float64), dim=0)  # (n − 1, n): d = incidence x
        self._incidence = incidence

    def retract(self, x: Tensor) -> Tensor:
        """Gauss–Newton along the normals, to rounding; not finite where it does not converge from x."""
        x = x * self._free + self._place
        # rounding of the coordinates changes cₖ by about this much: smaller violations cannot be reduced
        floor = 4 * torch.finfo(x.dtype).eps * self.length * max(self.length, float(x.abs().max()))
        for _ in range(self.MOST_ROUNDS):
            off = self.violation(x)
            if not (off.abs() > floor).any():
                return x
            x = x - self._pull(x, self._solve(x, off))
        return torch.where((self.violation(x).abs() > 1e3 * floor).any(1)[:, None, None], torch.nan, x)

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        v = v * self._free
        return v - self._pull(x, self.multipliers(x, v))

    def violation(self, x: Tensor) -> Tensor:
        """(B, n − 1) cₖ"""
        return (torch.diff(x, dim=1).square().sum(-1) - self.length**2) / 2

    def multipliers(self, x: Tensor, gradient: Tensor) -> Tensor:
        """(B, n − 1) the least-squares solution λ of ∇E = Jᵀλ: link k has the tension λₖ ℓ, negative if compressed."""
        return self._solve(x, (torch.diff(x, dim=1) * torch.diff(gradient * self._free, dim=1)).sum(-1))

    def normals(self, x: Tensor) -> Tensor:
        """(B, k, D): the fixed coordinates, and L⁻¹J with LLᵀ = JJᵀ."""
        rows = self._jacobian(x)
        links = torch.linalg.solve_triangular(torch.linalg.cholesky(rows @ rows.mT), rows, upper=False)
        fixed = torch.diag(1 - self._free.flatten())[self._free.flatten() == 0].to(x)
        return torch.cat((fixed.expand(len(x), *fixed.shape), links), dim=1)

    def hessian(self, x: Tensor, gradient: Tensor, hessian: Tensor) -> Tensor:
        multipliers = self.multipliers(x, gradient)
        between = self._incidence.T @ (multipliers[..., None] * self._incidence)  # Σ λₖ∇²cₖ over the nodes
        curved = torch.kron(between.contiguous(), torch.eye(2, dtype=x.dtype))
        return project_hessian(hessian - curved, self.normals(x))

    def _jacobian(self, x: Tensor) -> Tensor:
        """(B, n − 1, D), zero for coordinates that are fixed"""
        rows = self._incidence[:, :, None] * torch.diff(x, dim=1)[:, :, None, :] * self._free
        return rows.reshape(len(x), len(self._incidence), -1)

    def _pull(self, x: Tensor, weights: Tensor) -> Tensor:
        """Jᵀ weights, like x"""
        return self._incidence.T @ (weights[..., None] * torch.diff(x, dim=1)) * self._free

    def _solve(self, x: Tensor, right: Tensor) -> Tensor:
        """(JJᵀ)⁻¹ right; nan where the links' normals are not independent.

        The replicas' systems are solved as one tridiagonal system, with zeros off the diagonal between replicas.
        """
        d = torch.diff(x, dim=1)
        before, after = d * self._free[:-1], d * self._free[1:]
        diagonal = (before.square() + after.square()).sum(-1).numpy()
        beside = np.zeros_like(diagonal)
        beside[:, :-1] = -(after[:, :-1] * d[:, 1:]).sum(-1).numpy()
        result = np.full_like(diagonal, np.nan)
        good = np.isfinite(diagonal).all(1) & np.isfinite(beside).all(1) & np.isfinite(right.numpy()).all(1)
        left = np.flatnonzero(good)
        while len(left):
            *_, found, info = dptsv(diagonal[left].ravel(), beside[left].ravel()[:-1], right.numpy()[left].ravel())
            if info == 0:
                result[left] = found.reshape(len(left), -1)
                break
            left = np.delete(left, (info - 1) // diagonal.shape[1])  # drop the singular replica, solve the others
        return torch.from_numpy(result)


class EndOnAxis:
    """Angles x (B, N) of equal links whose end stays on the axis: c = Σ sin xₖ = 0."""

    def retract(self, x: Tensor) -> Tensor:
        """Newton's method along cos x, to rounding."""
        floor = 4 * torch.finfo(x.dtype).eps
        for _ in range(50):
            off = x.sin().sum(1, keepdim=True)
            if not (off.abs() > floor).any():
                break
            normal = x.cos()
            x = x - off / normal.square().sum(1, keepdim=True) * normal
        return x

    def tangent(self, x: Tensor, v: Tensor) -> Tensor:
        (normal,) = self.normals(x).unbind(1)
        return v - (normal * v).sum(1, keepdim=True) * normal

    def normals(self, x: Tensor) -> Tensor:
        """(B, 1, N)"""
        normal = x.cos()
        return (normal / normal.norm(dim=1, keepdim=True))[:, None]

    def hessian(self, x: Tensor, gradient: Tensor, hessian: Tensor) -> Tensor:
        normal = x.cos()
        multiplier = (normal * gradient).sum(1, keepdim=True) / normal.square().sum(1, keepdim=True)
        return project_hessian(hessian + torch.diag_embed(multiplier * x.sin()), self.normals(x))


def project_hessian(hessian: Tensor, normals: Tensor) -> Tensor:
    """P H P + κ NᵀN for orthonormal rows N (B, k, D), P = I − NᵀN, κ the mean size of H's diagonal."""
    onto = normals.mT @ normals
    across = torch.eye(hessian.shape[1], dtype=hessian.dtype, device=hessian.device) - onto
    stiffness = hessian.diagonal(dim1=1, dim2=2).abs().mean(1)[:, None, None]
    return across @ hessian @ across + stiffness * onto

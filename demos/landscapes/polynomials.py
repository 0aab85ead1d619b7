"""Polynomials in x and y with their derivatives, as matrix products of coefficients and monomials."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import torch
from torch import Tensor

Coefficients = Mapping[tuple[int, int], float]
"""(i, j) -> the coefficient of xⁱ yʲ."""


class Polynomial:
    """Σ c_ij xⁱ yʲ at points (N, 2): energy (N,), gradient (N, 2), stored by component, and Hessian (N, 2, 2)."""

    def __init__(self, coefficients: Coefficients):
        self.coefficients = dict(coefficients)
        self.degree = max(max(powers) for powers in coefficients)

    def energy(self, x: Tensor, t: float = 0.0) -> Tensor:
        return (self._rows((0, 0), like=x) @ self._monomials(x))[0]

    def gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        return (self._rows((1, 0), (0, 1), like=x) @ self._monomials(x)).T

    def hessian(self, x: Tensor, t: float = 0.0) -> Tensor:
        rows = self._rows((2, 0), (1, 1), (1, 1), (0, 2), like=x) @ self._monomials(x)
        return rows.T.reshape(-1, 2, 2)

    def _monomials(self, x: Tensor) -> Tensor:
        """All M monomials xⁱ yʲ with i, j up to the degree, (M, N)."""
        powers = torch.pow(x.T[:, None], _exponents(self.degree, x.dtype, x.device))  # (2, degree + 1, N)
        return (powers[0, :, None] * powers[1]).flatten(0, 1)

    def _rows(self, *orders: tuple[int, int], like: Tensor) -> Tensor:
        return _constants(self, orders, like.dtype, like.device)

    def derivative(self, order: tuple[int, int]) -> dict[tuple[int, int], float]:
        """The coefficients of the derivative ∂ᵃ/∂xᵃ ∂ᵇ/∂yᵇ; order: (a, b)."""
        found = dict(self.coefficients)
        for axis, times in enumerate(order):
            for _ in range(times):
                lower = {}
                for power, value in found.items():
                    if power[axis] > 0:
                        less = (power[0] - 1, power[1]) if axis == 0 else (power[0], power[1] - 1)
                        lower[less] = value * power[axis]
                found = lower
        return found


@lru_cache(maxsize=64)
def _exponents(degree: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.arange(degree + 1, dtype=dtype, device=device)[:, None]


@lru_cache(maxsize=512)
def _constants(
    polynomial: Polynomial, orders: tuple[tuple[int, int], ...], dtype: torch.dtype, device: torch.device
) -> Tensor:
    """The matrix of the coefficients of these derivatives, (len(orders), M); cached."""
    rows = torch.zeros(len(orders), polynomial.degree + 1, polynomial.degree + 1, dtype=torch.float64)
    for row, order in zip(rows, orders, strict=True):
        for (i, j), value in polynomial.derivative(order).items():
            row[i, j] = value
    return rows.flatten(1).to(dtype=dtype, device=device)


def product(*factors: Coefficients) -> dict[tuple[int, int], float]:
    """The coefficients of a product of polynomials."""
    result: dict[tuple[int, int], float] = {(0, 0): 1.0}
    for factor in factors:
        terms: dict[tuple[int, int], float] = {}
        for (i, j), a in result.items():
            for (k, m), b in factor.items():
                terms[i + k, j + m] = terms.get((i + k, j + m), 0.0) + a * b
        result = terms
    return result


def total(*terms: tuple[float, Coefficients]) -> dict[tuple[int, int], float]:
    """The coefficients of a weighted sum of polynomials: (weight, polynomial), …"""
    result: dict[tuple[int, int], float] = {}
    for weight, term in terms:
        for power, value in term.items():
            result[power] = result.get(power, 0.0) + weight * value
    return result

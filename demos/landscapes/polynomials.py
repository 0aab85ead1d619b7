"""Polynomials in x and y with their derivatives, as matrix products of coefficients and monomials.

Derivatives of few points on a CPU are computed by NumPy, whose operations cost a third of torch's: a run asks for them
a thousand times for a handful of starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
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
        if _is_plain(x):
            return torch.from_numpy(self._derivatives(((1, 0), (0, 1)), x.numpy())).T
        return (self._rows((1, 0), (0, 1), like=x) @ self._monomials(x)).T

    def hessian(self, x: Tensor, t: float = 0.0) -> Tensor:
        orders = ((2, 0), (1, 1), (1, 1), (0, 2))
        if _is_plain(x):
            rows = torch.from_numpy(self._derivatives(orders, x.numpy()))
        else:
            rows = self._rows(*orders, like=x) @ self._monomials(x)
        return rows.T.reshape(len(x), 2, 2)

    def _derivatives(self, orders: tuple[tuple[int, int], ...], points: np.ndarray) -> np.ndarray:
        """(len(orders), N) at points (N, 2)"""
        coefficients, products = _plan(self, orders, points.dtype)
        monomials = np.empty((coefficients.shape[1], len(points)), points.dtype)
        monomials[0] = 1
        monomials[1:3] = points.T
        with np.errstate(all="ignore"):  # a path that has left is for the solver to judge
            rows = list(monomials)
            for k, (a, b) in enumerate(products, 3):
                np.multiply(rows[a], rows[b], out=rows[k])
            return np.dot(coefficients, monomials)

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


def _is_plain(x: Tensor) -> bool:
    """Whether NumPy may read the points: on a CPU, without a graph, of a type that it has."""
    return not x.requires_grad and x.device.type == "cpu" and x.dtype in (torch.float64, torch.float32)


@lru_cache(maxsize=512)
def _plan(
    polynomial: Polynomial, orders: tuple[tuple[int, int], ...], dtype: np.dtype
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The coefficients (len(orders), M) of these derivatives over the monomials 1, x, y and those that occur; and for
    each of the latter the two earlier monomials whose product it is."""
    found = [polynomial.derivative(order) for order in orders]
    occurring = {power for terms in found for power in terms}
    places, products = {(0, 0): 0, (1, 0): 1, (0, 1): 2}, []
    for axis in (0, 1):
        for k in range(2, max((power[axis] for power in occurring), default=0) + 1):
            lower, single, power = ((n, 0) if axis == 0 else (0, n) for n in (k - 1, 1, k))
            products.append((places[lower], places[single]))
            places[power] = len(places)
    for i, j in sorted(occurring - places.keys()):
        products.append((places[i, 0], places[0, j]))
        places[i, j] = len(places)
    coefficients = np.zeros((len(orders), len(places)))
    for row, terms in zip(coefficients, found, strict=True):
        for power, value in terms.items():
            row[places[power]] = value
    return coefficients.astype(dtype), products


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

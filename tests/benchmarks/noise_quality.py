"""How good the table's normals are, without any sampling: its law, its pairs, and what it does to an escape rate."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from demos.gradient_flow.noise import normal_pairs, normal_table
from tests.benchmarks.double_well import KT, SCALE, H


def quality() -> dict[str, float]:
    """Largest |R|, kurtosis, sup |F − Φ|, correlation of the two normals of a pair and of their squares, and the
    relative change of the slowest rate of Euler–Maruyama in (x² − 1)²."""
    z = np.sort(normal_table(64))
    steps = np.arange(len(z) + 1) / len(z)
    pairs = normal_pairs(64)
    x, y = pairs.real, pairs.imag
    return {
        "max|R|": float(abs(z).max()),
        "variance": float((z**2).mean()),
        "kurtosis": float((z**4).mean()),
        "sup|F-Φ|": float(max(abs(ndtr(z) - steps[1:]).max(), abs(ndtr(z) - steps[:-1]).max())),
        "pair correlation": float((x * y).mean()),
        "pair correlation of squares": float(((x**2 - 1) * (y**2 - 1)).mean() / (x**4 - 1).mean()),
        "rate change": slowest_rate(z, np.full(len(z), 1 / len(z))) / slowest_rate(*gauss()) - 1,
    }


def gauss() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights that stand for the normal law itself: the trapezoidal rule, exact here to rounding."""
    nodes = np.linspace(-9, 9, 20_001)
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def slowest_rate(nodes: np.ndarray, weights: np.ndarray, cells: int = 400) -> float:
    """−ln λ₂ / h of x' = x − h U'(x) + √(2 kT h) R, R from the nodes, as a matrix on a grid in x.

    The transfer operator (Kf)(x) = Σ w f(x − hU' + s R) with f by cubic interpolation between the grid's values; the
    interpolation is the same for either law of R, so that its own small error drops out of the comparison.
    """
    grid = np.linspace(-2.6, 2.6, cells)
    width = grid[1] - grid[0]
    matrix = np.zeros((cells, cells))
    for i, x in enumerate(grid):
        landing = np.clip((x - H * 4 * x * (x * x - 1) + SCALE * nodes - grid[0]) / width, 1, cells - 2.000001)
        cell = landing.astype(int)
        u = landing - cell
        for shift, value in (
            (-1, -u * (u - 1) * (u - 2) / 6),
            (0, (u * u - 1) * (u - 2) / 2),
            (1, -u * (u + 1) * (u - 2) / 2),
            (2, u * (u * u - 1) / 6),
        ):
            matrix[i] += np.bincount(cell + shift, weights * value, cells)
    values = np.sort(np.linalg.eigvals(matrix).real)
    return float(-np.log(values[-2]) / H)


if __name__ == "__main__":
    print(f"at kT = {KT}, h = {H}")
    for name, value in quality().items():
        print(f"{name:30} {value:.6g}")

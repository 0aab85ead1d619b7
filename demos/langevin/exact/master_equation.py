"""The Fokker-Planck equation on a grid, as a master equation with Boltzmann's distribution as its stationary one.

A particle hops between neighbouring grid points i and j with rates that keep detailed balance,
    k(i→j)/k(j→i) = exp(-(U_j - U_i)/kT),
so exp(-U/kT) on the grid points is stationary to rounding on any grid (Holubec, Kroy & Steffenoni, PRE 99 (2019)
032117, whose rates are ∝ exp(-ΔU/2kT)). Here the rates are those of Scharfetter & Gummel (IEEE Trans. ED 16 (1969) 64;
Chang & Cooper, J. Comput. Phys. 6 (1970) 1), B(ΔU/kT) kT/dx² with B(z) = z/(e^z - 1): they grow linearly, not
exponentially, on steep walls, and exactly drift with -U' there.

The rates are multiplied by 1 + d/12 with d = U'' dx²/kT on the edge. This makes the resistance of the edge,
∫exp(U/kT) between the two points, accurate to fourth order, while B alone assumes a linear U. The factor is the same in
both directions, so that detailed balance holds. The remaining error of the generator is dx²/12 times its square (per
axis), which is small for slow modes: the slowest rate of the double well (kT = 0.25, 80 points on [-2.2, 2.2]) has an
error of 2e-5 instead of 3.2e-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse


def bernoulli(z: np.ndarray) -> np.ndarray:
    """B(z) = z/(e^z - 1), with B(0) = 1, without overflow."""
    z = np.asarray(z, dtype=float)
    small = np.abs(z) < 1e-5
    safe = np.where(small, 1.0, np.clip(z, -np.inf, 700.0))
    return np.where(small, 1 - z / 2 + z * z / 12, np.where(z > 700, 0.0, safe / np.expm1(safe)))


@dataclass(frozen=True)
class Edges:
    """Every pair of neighbours: from cell (E,), to cell (E,), and the hopping rates both ways."""

    lower: np.ndarray
    upper: np.ndarray
    up: np.ndarray  # rate lower → upper, 1/time
    down: np.ndarray  # rate upper → lower


def edges(energy: np.ndarray, spacing: Sequence[float], kT: float) -> Edges:
    """Neighbours of a grid (*grid) with its hopping rates; spacing is (dx,) or (dx, dy), unit mobility.

    Cells of infinite energy are walls: no edge leads there.
    """
    index = np.arange(energy.size).reshape(energy.shape)
    parts = []
    for axis, step in zip(range(energy.ndim)[::-1], spacing, strict=True):
        u = np.moveaxis(energy, axis, -1)
        cells = np.moveaxis(index, axis, -1)
        with np.errstate(invalid="ignore"):  # inf - inf beside walls
            z = np.diff(u, axis=-1) / kT
            bend = np.diff(u, n=2, axis=-1) / kT
        bend = np.where(np.isfinite(bend), bend, 0.0)
        bend = np.concatenate([bend[..., :1], bend, bend[..., -1:]], axis=-1)
        factor = 1 + np.tanh((bend[..., 1:] + bend[..., :-1]) / 24)  # bounded, so the rates stay positive
        inside = np.isfinite(z)
        z, factor = z[inside], factor[inside] * kT / step**2
        parts.append((cells[..., :-1][inside], cells[..., 1:][inside], factor * bernoulli(z), factor * bernoulli(-z)))
    return Edges(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def generator(edge: Edges, keep: np.ndarray) -> sparse.csr_array:
    """L with dp/dt = L p for the probabilities of the cells with keep (size,) true; its columns sum to zero.

    The other cells are cut off by reflecting walls.
    """
    lower, upper, up, down, size = _between(edge, keep)
    rows = np.concatenate([upper, lower, lower, upper])
    columns = np.concatenate([lower, upper, lower, upper])
    return sparse.coo_array((np.concatenate([up, down, -up, -down]), (rows, columns)), shape=(size, size)).tocsr()


def symmetric_generator(edge: Edges, keep: np.ndarray) -> sparse.csr_array:
    """S = π^(-1/2) L π^(1/2), symmetric, with eigenvalues ≤ 0 and √π as its null vector; keep as in `generator`."""
    lower, upper, up, down, size = _between(edge, keep)
    diagonal = -np.bincount(lower, up, size) - np.bincount(upper, down, size)
    cross = np.sqrt(up * down)
    rows = np.concatenate([lower, upper, np.arange(size)])
    columns = np.concatenate([upper, lower, np.arange(size)])
    return sparse.coo_array((np.concatenate([cross, cross, diagonal]), (rows, columns)), shape=(size, size)).tocsr()


def _between(edge: Edges, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """The edges between kept cells, numbered among the kept cells, and the number of kept cells."""
    number = np.cumsum(keep) - 1
    both = keep[edge.lower] & keep[edge.upper]
    return number[edge.lower[both]], number[edge.upper[both]], edge.up[both], edge.down[both], int(keep.sum())

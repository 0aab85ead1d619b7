"""The linear recursion of a path on a quadratic, read off its own recorded steps: it tells the fate before the path
arrives. Nothing of the landscape but the directions of its axes goes in."""

from __future__ import annotations

import cmath

import numpy as np

from demos.descent.linear import Mode
from demos.descent.optimizers import MOMENTUM
from demos.descent.prediction import fate_of

FEWEST = 8  # steps
SMALLEST = 1e-10  # of the largest distance: rounding is below
ONE = 1e-9  # a second singular value below this share: one factor alone is in the steps


def fate_on_parabola(axes: tuple[np.ndarray, np.ndarray], path: np.ndarray, method: str) -> str | None:
    """CONVERGES, OSCILLATES or DIVERGES from places (K + 1, 2), relative to the minimum, of one start; None where the
    steps are too few. axes: eigenvalues and eigenvectors, as `axes_of` gives them."""
    values, vectors = axes
    parts = path @ vectors
    largest = np.abs(parts).max()
    found = []
    for value, part in zip(values, parts.T, strict=True):
        small = np.nonzero(np.abs(part) <= SMALLEST * largest)[0]
        if small.size and small[0] == 0:
            continue  # nothing moves along this axis
        if len(part) < FEWEST:
            return None
        found.append(Mode(float(value), root_of(part, 2 if method in MOMENTUM else 1, SMALLEST * largest)))
    return fate_of(found) if found else None


def root_of(part: np.ndarray, order: int, smallest: float) -> complex:
    """The largest root of dₖ₊₁ = a dₖ + b dₖ₋₁, with a positive imaginary part, fitted to all steps (K + 1,) by least
    squares, each step over its own size; b = 0 for order 1."""
    columns, later = np.stack([part[1:-1], part[:-2]], axis=1), part[2:]
    size = np.abs(columns).max(axis=1)
    used = size > smallest
    columns, later = columns[used] / size[used, None], later[used] / size[used]
    if order == 2:
        (a, b), _, _, singular = np.linalg.lstsq(columns, later, rcond=None)
        if singular[1] > ONE * singular[0]:
            square = cmath.sqrt(a * a / 4 + b)
            root = max((a / 2 + square, a / 2 - square), key=lambda root: (abs(root), root.imag))
            return complex(root.real, abs(root.imag))
    return complex(columns[:, 0] @ later / (columns[:, 0] @ columns[:, 0]))

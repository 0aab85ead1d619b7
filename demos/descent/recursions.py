"""The linear recursion of a path on a quadratic, fitted to its recorded steps: it gives the fate of a path that has not
arrived yet. Of the landscape only the eigenvectors are used."""

from __future__ import annotations

import cmath

import numpy as np

from demos.descent.linear import Mode
from demos.descent.optimizers import MOMENTUM
from demos.descent.prediction import fate_of

FEWEST = 8  # the least number of steps
SMALLEST = 1e-10  # relative to the largest distance: smaller ones are rounding
ONE = 1e-9  # a relative second singular value below this: the steps contain only one root


def fate_on_parabola(axes: tuple[np.ndarray, np.ndarray], path: np.ndarray, method: str) -> str | None:
    """CONVERGES, OSCILLATES or DIVERGES, for a path (K + 1, 2) relative to the minimum; None if it has too few steps.

    axes: the eigenvalues and eigenvectors of `axes_of`.
    """
    values, vectors = axes
    parts = path @ vectors
    largest = np.abs(parts).max()
    found = []
    for value, part in zip(values, parts.T, strict=True):
        small = np.nonzero(np.abs(part) <= SMALLEST * largest)[0]
        if small.size and small[0] == 0:
            continue  # no motion along this axis
        if len(part) < FEWEST:
            return None
        found.append(Mode(float(value), root_of(part, 2 if method in MOMENTUM else 1, SMALLEST * largest)))
    return fate_of(found) if found else None


def root_of(part: np.ndarray, order: int, smallest: float) -> complex:
    """The root with the largest modulus, and a nonnegative imaginary part, of the recursion dₖ₊₁ = a dₖ + b dₖ₋₁.

    a and b are fitted to the distances `part` (K + 1,) by least squares, with relative errors; b = 0 for order 1.
    Distances up to `smallest` are not used.
    """
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

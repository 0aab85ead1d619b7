"""Observables of a phase field: radii, size and number of domains, exponents of power laws."""

from __future__ import annotations

from math import pi

import numpy as np
import torch
from scipy.ndimage import label
from torch import Tensor

from demos.physics.phase_field.model import PhaseField


def radius(c: Tensor, spacing: float) -> Tensor:
    """(N,) √(area/π) of {c > 0}, to second order in the spacing.

    The area is the sum over rows of the length on which c, linearly and periodically interpolated, is positive.
    """
    following = torch.roll(c, -1, -1)
    share = torch.where((c > 0) & (following > 0), 1.0, 0.0).to(c)
    crossing = (c > 0) != (following > 0)
    positive, negative = torch.maximum(c, following), torch.minimum(c, following)
    share = torch.where(crossing, positive / (positive - negative), share)
    return (share.sum((-1, -2)) * spacing**2 / pi).sqrt()


def squared_radii(frames: np.ndarray, field: PhaseField) -> np.ndarray:
    """(F,) R² of discs in frames (F, n, n): ∫(1 + c)/2 over π, minus π²w²/12, the excess of a wall tanh((R − r)/w) over
    a sharp one. It is exact to rounding on a grid that resolves the wall, unlike `radius`, which jumps when the contour
    crosses a grid line. It assumes bulk phases at ±1.
    """
    area = 0.5 * (1 + frames.mean((-2, -1), dtype=np.float64)) * field.length**2
    return area / pi - (pi * field.width) ** 2 / 12


def domain_length(c: Tensor, field: PhaseField) -> Tensor:
    """(N,) 2π over the mean wave number of |ĉ|²: the size of the domains, up to a constant factor."""
    transform, numbers = field.torus.real, field.torus.minus_laplacian().to(c).sqrt()
    spectrum = transform.forward(c - c.mean((-1, -2), keepdim=True))
    power = transform.dot(spectrum, spectrum)
    return 2 * pi * power / transform.dot(spectrum, numbers * spectrum)


def domain_labels(inside: np.ndarray) -> np.ndarray:
    """(n, n) the number of the connected domain of a mask on the torus at each point, 0 outside; domains that touch
    across an edge are one."""
    labels, count = label(inside)
    parent = list(range(count + 1))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for first, last in ((labels[0], labels[-1]), (labels[:, 0], labels[:, -1])):
        for a, b in zip(first, last, strict=True):
            if a and b:
                parent[root(a)] = root(b)
    return np.array([root(i) for i in range(count + 1)])[labels]


def domain_count(inside: np.ndarray) -> int:
    """The number of connected domains of a mask (n, n) on the torus."""
    return len(np.unique(domain_labels(inside)[inside]))


def dissolved_radii(first: np.ndarray, last: np.ndarray, length: float) -> np.ndarray:
    """The radii √(area/π) that the drops of the first frame (n, n) had which left no trace in the last one. A drop
    that merged with a neighbour left one."""
    labels, here = domain_labels(first > 0), last > 0
    gone = [part for i in np.unique(labels[labels > 0]) if not here[part := labels == i].any()]
    return np.sqrt([part.sum() / pi for part in gone]) * length / len(first)


def drop_counts(frames: np.ndarray) -> np.ndarray:
    """(F,) the number of connected domains of {c > 0} in each of the frames (F, n, n)."""
    return np.array([domain_count(frame > 0) for frame in frames], float)


def fitted_exponent(times: np.ndarray, values: np.ndarray, first: float, last: float) -> float:
    """The exponent p of values ~ t^p from t = first to last, by least squares on the logarithms.

    Points are weighted by their interval of log t, so that dense steps do not dominate. Raises ValueError
    where there are fewer than three.
    """
    chosen = (times >= first) & (times <= last) & (values > 0)
    if chosen.sum() < 3:
        raise ValueError(f"fewer than three points from t = {first:g} to {last:g}.")
    x, y = np.log(times[chosen]), np.log(values[chosen])
    return float(np.polyfit(x, y, 1, w=np.sqrt(np.gradient(x)))[0])

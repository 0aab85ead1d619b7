"""What is measured on the states of a phase field: radii, the size and the number of domains, power laws."""

from __future__ import annotations

from math import pi

import numpy as np
import torch
from scipy.ndimage import label
from torch import Tensor

from demos.physics.phase_field.model import PhaseField


def radius(c: Tensor, spacing: float) -> Tensor:
    """(N,) √(area/π) of {c > 0}, to the second order of the spacing: every grid line is cut where c crosses 0.

    Along each row the length of the positive part is that of c's linear interpolant, periodic.
    """
    following = torch.roll(c, -1, -1)
    share = torch.where((c > 0) & (following > 0), 1.0, 0.0).to(c)
    crossing = (c > 0) != (following > 0)
    positive, negative = torch.maximum(c, following), torch.minimum(c, following)
    share = torch.where(crossing, positive / (positive - negative), share)
    return (share.sum((-1, -2)) * spacing**2 / pi).sqrt()


def squared_radii(frames: np.ndarray, field: PhaseField) -> np.ndarray:
    """(F,) R² of discs in frames (F, n, n): ∫(1 + c)/2 over π, less the π²w²/12 by which a wall tanh((R − r)/w) exceeds
    a sharp one. Exact to rounding on a grid that resolves the wall, where cutting grid lines jumps at each new line;
    meant for bulk phases at ±1.
    """
    area = 0.5 * (1 + frames.mean((-2, -1), dtype=np.float64)) * field.length**2
    return area / pi - (pi * field.width) ** 2 / 12


def domain_length(c: Tensor, field: PhaseField) -> Tensor:
    """(N,) 2π over the mean wave number of |ĉ|²: the size of the domains, up to a factor that does not change."""
    transform, numbers = field.torus.real, field.torus.minus_laplacian().to(c).sqrt()
    spectrum = transform.forward(c - c.mean((-1, -2), keepdim=True))
    power = transform.dot(spectrum, spectrum)
    return 2 * pi * power / transform.dot(spectrum, numbers * spectrum)


def domain_count(inside: np.ndarray) -> int:
    """How many connected domains a mask (n, n) has on the torus: labels that touch across an edge are one domain."""
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
    return len({root(i) for i in range(1, count + 1)})


def drop_counts(frames: np.ndarray) -> np.ndarray:
    """(F,) how many connected domains of {c > 0} there are in each of the frames (F, n, n)."""
    return np.array([domain_count(frame > 0) for frame in frames], float)


def fitted_exponent(times: np.ndarray, values: np.ndarray, first: float, last: float) -> float:
    """p of values ~ t^p from t = first to last, by least squares on the logarithms.

    Points are weighted by their share of log t, so that dense steps count no more than sparse ones. Raises ValueError
    where there are fewer than three.
    """
    chosen = (times >= first) & (times <= last) & (values > 0)
    if chosen.sum() < 3:
        raise ValueError(f"fewer than three points from t = {first:g} to {last:g}.")
    x, y = np.log(times[chosen]), np.log(values[chosen])
    return float(np.polyfit(x, y, 1, w=np.sqrt(np.gradient(x)))[0])

"""The free energy of a cloud of particles that is not Gaussian, estimated from its histogram.

F above equilibrium is kT KL(ρ ‖ π). For N particles counted in K bins it is kT Σ p ln(p/q), with q the exact
probability of a bin. Binning only lowers it; sampling noise raises it by about kT(K − 1)/2N (Miller 1955). Where U is a
sum f(x) + g(y) and the start a product, ρ stays a product, and its KL is that of x plus that of y, also with bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from demos.landscapes import Landscape
from demos.langevin.reference.density_evolution import DensityEvolution

BINS = {1: 60, 2: 24}  # bins a side, by the number of coordinates of a histogram
PARTS = 5  # points a side of a bin over which its exact probability is summed
FRAMES = 40  # points of a curve
MANY = 40  # particles in a bin from which its noise is normal
NARROW = 2.0  # least standard deviation of a cloud, in bins, for which they resolve it


@dataclass(frozen=True)
class CloudEnergy:
    """values (K,) at frames (K,): nan where the cloud is too narrow for the bins. floor: the bias of
    the estimate in equilibrium."""

    frames: np.ndarray
    values: np.ndarray
    floor: float


def cloud_energy(landscape: Landscape, states: np.ndarray, evolution: DensityEvolution) -> CloudEnergy:
    """The free energy of states (F, N, 2) at the final temperature of `evolution`, on bins over its grid."""
    frames = np.unique(np.linspace(1, len(states) - 1, FRAMES).round().astype(int))
    chosen, kT, count = states[frames], evolution.final_kT, states.shape[1]
    sides = [(axis[0], axis[-1]) for axis in evolution.grid.axes]
    separable = landscape.separable is not None
    size = BINS[1 if separable else 2]
    places = [_bins(chosen[:, :, i], side, size) for i, side in enumerate(sides)]
    inner = [_parts(side, size) for side in sides]
    if separable:
        counted = [
            (place, _log_probabilities(part(s)[None, :] / kT, 1, size))
            for place, part, s in zip(places, landscape.separable, inner, strict=True)
        ]
    else:
        energy = landscape.on_grid(*inner) / kT
        counted = [
            (places[1] * size + places[0], _log_probabilities(np.where(np.isnan(energy), np.inf, energy), size, size))
        ]
    values, bias = np.zeros(len(frames)), 0.0
    for place, log_q in counted:
        offset = place + len(log_q) * np.arange(len(frames))[:, None]
        p = np.bincount(offset.ravel(), minlength=len(frames) * len(log_q)).reshape(len(frames), -1) / count
        with np.errstate(divide="ignore", invalid="ignore"):
            values += kT * np.where(p > 0, p * (np.log(p) - log_q), 0.0).sum(axis=1)
        bias += _bias(count * np.exp(log_q))
    width = np.array([(high - low) / size for low, high in sides])
    values[(chosen.std(axis=1) < NARROW * width).any(axis=1)] = np.nan
    return CloudEnergy(frames, values, kT * bias / count)


def _bins(values: np.ndarray, side: tuple[float, float], size: int) -> np.ndarray:
    """The index of the bin of each value; values outside, and what is no number, get the last one."""
    low, high = side
    values = np.nan_to_num(values, nan=high, posinf=high, neginf=low)
    return np.clip((values - low) * (size / (high - low)), 0, size - 1).astype(int)


def _parts(side: tuple[float, float], size: int) -> np.ndarray:
    """The middles of the parts of all bins, (size · PARTS,)."""
    low, high = side
    return low + (high - low) * (np.arange(size * PARTS) + 0.5) / (size * PARTS)


def _log_probabilities(height: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """ln of the exact probability of each bin, from U/kT on their parts."""
    low = height.min()
    parts = height.reshape(rows, -1, columns, PARTS)
    least = parts.min(axis=(1, 3), keepdims=True)
    with np.errstate(invalid="ignore"):
        inner = np.log(np.exp(least - parts).sum(axis=(1, 3))) - (least[:, 0, :, 0] - low)
    inner = np.where(np.isfinite(inner), inner, -np.inf).ravel()
    return inner - np.log(np.exp(inner).sum())


def _bias(expected: np.ndarray) -> float:
    """The bias Σ ⟨n ln(n/λ)⟩ over bins with Poisson counts n of mean λ = expected (K,), minus ½ because the total is
    fixed. A full bin contributes ½, a rare one less."""
    few = expected[(expected < MANY) & (expected > 0)]
    n, log_few = np.arange(1, 3 * MANY)[:, None], np.log(few)  # n/few would overflow for the rarest
    chance = np.exp(n * log_few - few - gammaln(n + 1))
    return float((chance * n * (np.log(n) - log_few)).sum() + 0.5 * (expected >= MANY).sum() - 0.5)

"""Statistics of samples: autocorrelation, effective sample size, R-hat, and standard errors.

Chains are arrays (C, T): C independent chains of T draws. ESS and R-hat follow Vehtari, Gelman, Simpson, Carpenter &
Bürkner, Bayesian Analysis 16 (2021) 667, as Stan and ArviZ compute them; the tests compare with ArviZ.
"""

from __future__ import annotations

from math import sqrt
from typing import cast

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri

from demos.common.progress import checkpoint

PIECE = 2**18  # numbers between two checkpoints: about 10 ms of work


def _checked(chains: np.ndarray, least: int = 4) -> np.ndarray:
    chains = np.atleast_2d(np.asarray(chains, dtype=float))
    if chains.ndim != 2 or chains.shape[1] < least:
        raise ValueError(f"chains must be (C, T) with T ≥ {least}; got shape {chains.shape}.")
    if not np.isfinite(chains).all():
        raise ValueError("chains hold numbers that are not finite: leave out the chains that diverged.")
    return chains


def _autocovariance(centred: np.ndarray) -> np.ndarray:
    """Σ_t x_t x_{t+n} / T for each row, (C, T)."""
    draws = centred.shape[1]
    size = cast(int, next_fast_len(2 * draws, real=True))
    out = np.empty(centred.shape)
    rows = max(1, PIECE // size)
    for first in range(0, len(centred), rows):
        checkpoint()
        spectrum = np.asarray(rfft(centred[first : first + rows], size, axis=1))
        whole = np.asarray(irfft(np.real(spectrum) ** 2 + np.imag(spectrum) ** 2, size, axis=1))
        out[first : first + rows] = whole[:, :draws] / draws
    return out


def autocorrelation(chains: np.ndarray, lags: int | None = None, mean: float | None = None) -> np.ndarray:
    """C(n) at lags 0 ... lags (all by default), averaged over the chains, (lags + 1,).

    Around `mean` if it is known (then there is no bias), else around the mean of all draws. ValueError for chains
    that are constant, or for fewer than 4 draws.
    """
    chains = _checked(chains)
    draws = chains.shape[1]
    count = 1 + (draws - 1 if lags is None else min(int(lags), draws - 1))
    covariance = _autocovariance(chains - (chains.mean() if mean is None else mean)).mean(axis=0)[:count]
    covariance *= draws / (draws - np.arange(count))
    if not covariance[0] > 0:
        raise ValueError("the chains are constant: they have no autocorrelation.")
    return covariance / covariance[0]


def autocorrelation_time(chains: np.ndarray, window: float = 6.0, mean: float | None = None) -> tuple[float, float]:
    """τ = 1 + 2 Σ C(n) in draws, and its standard error; (nan, nan) where the chains are too short to tell.

    The sum ends at the first lag M ≥ window · (1 + 2 Σ C²). The squares measure how long the memory lasts also where C
    oscillates, and a window in units of τ itself would stop within an oscillation. The second half of the window fades
    like a cosine, so that what is cut off of an oscillation averages out (a flat-top lag window: Politis & Romano,
    J. Time Series Anal. 16 (1995) 67). The error is that of a spectral density at frequency 0, τ √(2 Σ w²/draws).
    """
    values = autocorrelation(chains, mean=mean)
    lengths = 2 * np.cumsum(np.square(values)) - 1
    enough = np.arange(len(values)) >= window * lengths
    if not enough.any():
        return float("nan"), float("nan")
    lags = np.arange(1, max(2, int(np.argmax(enough))))
    weights = (1 + np.cos(np.pi * np.clip(2 * lags / len(lags) - 1, 0, 1))) / 2
    tau = max(0.0, 1 + 2 * float(weights @ values[lags]))
    return tau, tau * sqrt(2 * (1 + 2 * float(weights @ weights)) / np.size(chains))


def _split(chains: np.ndarray) -> np.ndarray:
    """Each chain as its two halves, so that a drift within a chain shows; an odd draw in the middle is left out."""
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def _normal_ranks(chains: np.ndarray) -> np.ndarray:
    return ndtri((_ranks(chains) - 0.375) / (chains.size + 0.25))


def _ranks(values: np.ndarray) -> np.ndarray:
    """The ranks 1 … n, shaped like values; equal values get their mean rank.

    The values are sorted in pieces, so that there can be a checkpoint between them. The rank of a value is the sum,
    over the pieces, of the number of values below it."""
    flat = np.ravel(values)
    pieces, ordered = np.array_split(flat, -(-flat.size // PIECE)), []
    for piece in pieces:
        checkpoint()
        ordered.append(np.sort(piece))
    ranks = []
    for piece in pieces:
        below = np.zeros(len(piece))
        checkpoint()
        order = np.argsort(piece)  # searchsorted is several times faster for sorted values
        for other in ordered:
            checkpoint()
            below[order] += np.searchsorted(other, piece[order]) + np.searchsorted(other, piece[order], side="right")
        ranks.append((below + 1) / 2)
    return np.concatenate(ranks).reshape(values.shape)


def _ess(chains: np.ndarray) -> float:
    """Effective number of draws by Geyer's initial monotone sequence over the pooled autocorrelation."""
    count, draws = chains.shape
    if np.ptp(chains) < 1e-300:
        return float(chains.size)
    covariance = _autocovariance(chains - chains.mean(axis=1, keepdims=True)).mean(axis=0)
    within = covariance[0] * draws / (draws - 1)
    total = covariance[0] + (np.var(chains.mean(axis=1), ddof=1) if count > 1 else 0.0)
    rho = 1 - (within - covariance) / total
    rho[0] = 1.0
    even = rho[: 2 * max(1, (draws - 1) // 2) : 2]  # exact sums ρ_2k + ρ_2k+1 are positive and decrease with k
    pairs = even + rho[1 : 2 * len(even) : 2]
    stop = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else len(pairs) - 1
    tau = -1 + 2 * np.minimum.accumulate(pairs[:stop]).sum() + max(even[stop], 0.0)
    return float(chains.size / max(tau, 1 / np.log10(chains.size)))


def ess(chains: np.ndarray, kind: str = "mean") -> float:
    """Effective sample size of chains (C, T): the number of independent draws that would give the same standard error.

    kind "mean": for the mean itself; "bulk": of the normalised ranks, suited to heavy tails; "tail": the smaller for
    the 5 % and 95 % quantiles. ValueError for another kind, fewer than 4 draws, or numbers that are not finite.
    """
    chains = _checked(chains)
    match kind:
        case "mean":
            return _ess(_split(chains))
        case "bulk":
            return _ess(_normal_ranks(_split(chains)))
        case "tail":
            return min(_ess(_split((chains <= np.quantile(chains, q)).astype(float))) for q in (0.05, 0.95))
    raise ValueError(f"kind = {kind!r} is not one of: mean, bulk, tail.")


def rhat(chains: np.ndarray) -> float:
    """Rank-normalised split R-hat, the larger of bulk and folded; chains agree below 1.01. nan for constant chains."""
    split = _split(_checked(chains))
    folded = np.abs(split - np.median(split))
    return max(_rhat(_normal_ranks(split)), _rhat(_normal_ranks(folded)))


def _rhat(chains: np.ndarray) -> float:
    within = np.mean(np.var(chains, axis=1, ddof=1))
    if within == 0:
        return float("nan")
    draws = chains.shape[1]
    between = draws * np.var(chains.mean(axis=1), ddof=1)
    return float(np.sqrt((between / within + draws - 1) / draws))


# standard errors ------------------------------------------------------------------------------------------------------


def mean_with_error(values: np.ndarray) -> tuple[float, float]:
    """Mean and its standard error from independent values (N,). ValueError for N < 2."""
    values = np.asarray(values, dtype=float).ravel()
    if len(values) < 2:
        raise ValueError("a standard error needs at least two values.")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def correlated_mean_error(values: np.ndarray) -> float:
    """Standard error of the mean of one stationary series (T,): √(variance · τ/T), the autocorrelation time τ summed up
    to the first negative term. Works for short series, too; see `ess` for several chains."""
    centred = values - values.mean()
    variance, time = float(centred @ centred) / len(values), 1.0
    for lag in range(1, len(values) // 2):
        share = float(centred[lag:] @ centred[:-lag]) / len(values) / max(variance, 1e-300)
        if share <= 0:
            break
        time += 2 * share
    return float(np.sqrt(variance * time / len(values)))


def binomial_error(probability: float, n: float) -> float:
    """Standard error of the measured fraction of n independent events whose true probability is known. ValueError for a
    probability outside [0, 1] or n ≤ 0."""
    if not (0 <= probability <= 1 and n > 0):
        raise ValueError(f"needs a probability in [0, 1] and n > 0; got {probability} and {n}.")
    return float(np.sqrt(probability * (1 - probability) / n))


def wilson_interval(hits: int, runs: int, sigmas: float = 1.959964) -> tuple[float, float]:
    """The confidence interval of a fraction hits/runs (95 % by default); (0, 1) if there are no runs.

    Wilson, J. Amer. Statist. Assoc. 22 (1927) 209: valid also for fractions near 0 or 1 and for few runs.
    ValueError for hits that are not from 0 to runs.
    """
    if not 0 <= hits <= runs:
        raise ValueError(f"hits = {hits} must be from 0 to runs = {runs}.")
    if runs == 0:
        return 0.0, 1.0
    share, square = hits / runs, sigmas**2
    centre = (share + square / (2 * runs)) / (1 + square / runs)
    half = sigmas / (1 + square / runs) * sqrt(share * (1 - share) / runs + square / (4 * runs**2))
    return 0.0 if hits == 0 else centre - half, 1.0 if hits == runs else centre + half

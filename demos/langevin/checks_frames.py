"""Check of means and variances of x and y at several moments together, where the moving distribution is known."""

from __future__ import annotations

import numpy as np

from demos.common.tails import chi_squared_cdf, chi_squared_exceeded_with
from demos.contract import Check
from demos.langevin.comparison import quadratic_prediction
from demos.langevin.inertia import moving_marginals
from demos.langevin.reference.discretised import kernel_marginals
from demos.langevin.reference.distribution import Marginal
from demos.langevin.samplers import OVERDAMPED, UNBIASED
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 1_000  # least number of particles, so that means are nearly normal
FAR = 2.5  # standard deviations at which a position counts as no farther
RARE = 6.3e-5  # significance level: the probability of four standard errors
DEPENDENT = 0.1  # smaller eigenvalues of the correlations are left out: there means are not normal, and a grid errs
WHOLE = 1e-6  # largest probability that a kernel's box may lose


def moments_of_frames(setup: Setup, run: MethodRun) -> list[Check]:
    """The row of the χ² of all means and variances of x and y at the compared frames.

    Means and variances of the sample are compared with the exact ones, in exact standard errors; only how much the
    frames repeat each other is taken from the sample. A sample that repeats itself too much makes χ² no smaller than
    that of its worst moment, but for what lies along the eigenvectors that are left out.
    """
    known = _known(setup, run)
    if known is None or setup.config.particles < FEWEST:
        return []
    columns = []
    for k, coordinates in zip(run.compared_frames, known, strict=True):
        for values, (s, weights) in zip(run.states[k].T.astype(np.float64), coordinates, strict=True):
            shares = weights / weights.sum()
            mean = shares @ s
            spread = np.sqrt(shares @ (s - mean) ** 2)
            for function in (_place, _square):
                exact = function((s - mean) / spread)
                centre = shares @ exact
                width = np.sqrt(max(shares @ exact**2 - centre**2, 0.0))
                if not width > 0:
                    return []
                columns.append((function((values - mean) / spread) - centre) / width)
    scores = np.stack(columns)
    z = np.sqrt(scores.shape[1]) * scores.mean(axis=1)
    if not np.isfinite(z).all():
        return []  # the lost particles have rows of their own
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = np.nan_to_num(np.corrcoef(scores))
    np.fill_diagonal(correlations, 1.0)
    values, vectors = np.linalg.eigh(correlations)
    apart = np.square(vectors.T @ z)[values > DEPENDENT] / values[values > DEPENDENT]
    size, count = scores.shape[1], len(apart)
    total = float(apart.sum()) * (size - count) / (size - 1)  # Hotelling: estimated correlations enlarge χ²
    return [
        Check(
            f"means and variances at {len(run.compared_frames)} moments, χ² of {count}",
            total / count,
            None,
            0.0,
            chi_squared_exceeded_with(RARE, count) / count - 1,
            source="the exact distribution of this method at these moments",
            predicted=1.0,
            predicted_by="this step",
            percentile=100 * chi_squared_cdf(total, count),
            note=f"Of x and of y; what is beyond {FAR:g} standard deviations counts as there.",
        )
    ]


def _place(u: np.ndarray) -> np.ndarray:
    return np.clip(u, -FAR, FAR)


def _square(u: np.ndarray) -> np.ndarray:
    """Bounded, so that a few particles far out do not decide its mean."""
    return np.square(np.clip(u, -FAR, FAR))


def _known(setup: Setup, run: MethodRun) -> list[tuple[Marginal, Marginal]] | None:
    """Grid and probabilities of x and of y at each compared frame, for this method and step; None where not known."""
    if not setup.is_constant or run.lost or setup.config.start == "equilibrium" or run.method in UNBIASED:
        return None  # of the unbiased methods, acceptance couples the coordinates
    h = setup.config.step
    steps = tuple(max(1, round(float(run.times[k]) / h)) for k in run.compared_frames)
    if setup.is_quadratic and setup.config.start != "box":
        return [quadratic_prediction(setup, run, n).marginals for n in steps]
    if setup.landscape.separable is None:
        return None
    if run.method not in OVERDAMPED:
        moved = moving_marginals(setup, run, is_true=False)
        return None if moved is None else [(x.x, y.x) for x, y in moved]
    sides = []
    for profile, start, box in zip(
        setup.landscape.separable, setup.start_distributions, setup.landscape.box, strict=True
    ):
        side = kernel_marginals(profile, run.method, setup.kT, h, start, steps, box)
        if side is None or any(abs(weights.sum() - 1) > WHOLE for _, weights in side):
            return None
        sides.append(side)
    return list(zip(*sides, strict=True))

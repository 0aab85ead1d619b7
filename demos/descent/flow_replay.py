"""An independent test of the exact flow: its recorded pieces are integrated again by RK4 in NumPy, with ∫|∇E|² dt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from demos.common.progress import checkpoint
from demos.descent.flow import FAR, TIP, kinks_of, rounded
from demos.descent.prediction import spectra_along
from demos.descent.setup import Setup

SUBSTEP = 0.2  # × 1/curvature: an RK4 step has a relative error of 0.2⁵/120
STIFFEST = 60.0  # pieces with a larger duration × curvature are left out
SAMPLED = 300  # the most pieces of the other starts, chosen at random
LEVEL = 1e-5  # relative difference of the smoothed gradient away from kinks
SHORT = 1e-4  # view diagonals: the error of a shorter piece is relative to this length


@dataclass(frozen=True)
class FlowReplay:
    """The results of the test. A piece is the flow between two recorded times.

    off: the largest difference between the recorded and the recomputed end of a piece, over the length of the piece.
    drop: E(0) − E(T) along the first start's path. spent: ∫|∇E|² dt along it; nan if a piece of it is left out. rises:
    the fraction of pieces on which E rises by more than rounding. pieces: the number of pieces that were recomputed.
    """

    off: float
    drop: float
    spent: float
    energy: float  # the largest |E| along the first start's path: the scale of rounding
    rises: float
    pieces: int


def flow_replay(setup: Setup) -> FlowReplay | None:
    """The test of the exact flow of a setup; None if the flow is not known or no piece can be recomputed."""
    flow, surface = setup.exact, setup.surface
    if not flow.known and not np.isfinite(flow.states[1:]).any():
        return None
    known = np.isfinite(flow.states).all(-1)
    inside = np.where(known, np.abs(flow.states).max(-1), np.inf) < 0.5 * FAR * setup.scale
    for tip in kinks_of(surface):
        inside &= np.linalg.norm(np.where(known[..., None], flow.states, 0) - tip, axis=-1) > 5 * TIP * setup.scale
    whole = inside[1:] & inside[:-1]  # (R − 1, N)
    smooth = whole & _off_kinks(setup) if flow.is_rounded else whole
    lengths = np.diff(flow.times)[:, None]
    steepest = spectra_along(setup)
    stiff = lengths * np.maximum(steepest[1:], steepest[:-1])
    chosen = smooth & (stiff <= STIFFEST)
    others = np.argwhere(chosen[:, 1:]) + (0, 1)
    if len(others) > SAMPLED:
        others = others[np.random.default_rng(0).choice(len(others), SAMPLED, replace=False)]
    first = np.stack([np.nonzero(chosen[:, 0])[0], np.zeros(int(chosen[:, 0].sum()), int)], axis=1)
    pieces = np.concatenate([first, others]).astype(int)
    if not len(pieces):
        return None
    at, n = pieces.T
    substeps = max(1, int(np.ceil(stiff[at, n].max() / SUBSTEP)))
    ends, spent = _integrated(setup, flow.states[at, n], lengths[at, 0], substeps)
    target = flow.states[at + 1, n]
    moved = np.linalg.norm(target - flow.states[at, n], axis=1)
    off = np.linalg.norm(ends - target, axis=1) / np.maximum(moved, SHORT * setup.scale)
    energies = np.full(known.shape, np.nan)
    energies[known] = surface.energy(torch.from_numpy(flow.states[known])).numpy()
    with np.errstate(invalid="ignore"):
        rise = np.diff(energies, axis=0)[whole]
        rounding = 1e-9 * (np.nanmax(np.abs(energies), initial=0.0))
    is_whole = bool(chosen[:, 0].all())
    return FlowReplay(
        off=float(off.max()),
        drop=float(energies[0, 0] - energies[-1, 0]) if is_whole else np.nan,
        spent=float(spent[: len(first)].sum()) if is_whole else np.nan,
        energy=float(np.nanmax(np.abs(energies[:, 0]))),
        rises=float(np.mean(rise > rounding)) if rise.size else 0.0,
        pieces=len(pieces),
    )


def _off_kinks(setup: Setup) -> np.ndarray:
    """(R − 1, N) whether the gradient has no jump on a piece: at both ends it is equal to the smoothed gradient, and
    between them it changes by no more than the curvature explains."""
    states, surface = setup.exact.states, setup.surface
    known = np.isfinite(states).all(-1)
    points = torch.from_numpy(states[known])
    here, near = np.full(states.shape, np.nan), np.full(states.shape, np.nan)
    here[known], near[known] = surface.gradient(points).numpy(), rounded(surface)(points, 0.0).numpy()
    with np.errstate(invalid="ignore"):
        size = np.linalg.norm(here, axis=-1)
        plain = np.linalg.norm(here - near, axis=-1) <= LEVEL * size
        change = np.linalg.norm(np.diff(here, axis=0), axis=-1)
        explained = 2 * np.maximum(spectra_along(setup)[1:], spectra_along(setup)[:-1])
        explained = explained * np.linalg.norm(np.diff(states, axis=0), axis=-1) + LEVEL * size[1:]
        return plain[1:] & plain[:-1] & (change <= explained)


def _integrated(setup: Setup, x: np.ndarray, lengths: np.ndarray, substeps: int) -> tuple[np.ndarray, np.ndarray]:
    """The ends (P, 2) and ∫|∇E|² dt (P,) of pieces from x (P, 2), each in `substeps` steps of RK4."""
    h = (lengths / substeps)[:, None]
    spent = np.zeros(len(x))

    def velocity(y: np.ndarray) -> np.ndarray:
        return -setup.surface.gradient(torch.from_numpy(np.ascontiguousarray(y))).numpy()

    for step in range(substeps):
        if step % 16 == 0:
            checkpoint()
        a = velocity(x)
        b = velocity(x + h / 2 * a)
        c = velocity(x + h / 2 * b)
        d = velocity(x + h * c)
        weights = ((a, 1.0), (b, 2.0), (c, 2.0), (d, 1.0))
        spent += h[:, 0] / 6 * sum(w * np.square(part).sum(1) for part, w in weights)
        x = x + h / 6 * sum(w * part for part, w in weights)
    return x, spent

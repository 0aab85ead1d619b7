"""Where gradient descent lands that is past its limit only at the beginning of the way.

There it does not follow the exact flow, but a few steps lead down from the steep ground. They are taken by the method's
linearization about the flow; from the place where they end the exact flow leads on, below the limit or not.
"""

from __future__ import annotations

import numpy as np
import torch

from demos.descent.flow import FAR, exact_flow
from demos.descent.setup import EARLY, Setup, destinations

FEW = 5  # the most steps: an error of the linearization grows in each of them


def lands_in_the_same_basin(setup: Setup, rate: float, over: np.ndarray) -> np.ndarray:
    """(N,) whether the start's last step past the limit is among the first FEW, and the flow from there leads to the
    same minimum and never past the limit.

    over: the ratio of the rate to its limit along the exact flow, (R, N).
    """
    last = np.where(over > 1, setup.exact.times[:, None], -np.inf).max(axis=0)
    steps = np.floor(last / rate + 1e-9) + 1  # after these a path that keeps the flow's time is below the limit
    chosen = np.nonzero((steps >= 1) & (steps <= FEW) & (setup.destinations >= 0))[0]
    found = np.zeros(len(setup.starts), dtype=bool)
    if not len(chosen):
        return found
    places = landings(setup, rate, chosen, steps[chosen].astype(int))
    with np.errstate(invalid="ignore"):
        near = np.abs(places).max(axis=1) < FAR * setup.scale
    chosen, places = chosen[near], places[near]
    if len(chosen):
        times = np.geomspace(1e-6, 1, EARLY) * setup.exact.times[-1]
        ahead = exact_flow(setup.surface, torch.from_numpy(places), times).states
        largest = np.where(np.isfinite(ahead).all(-1), _curvatures(setup, ahead), np.inf).max(axis=0)
        same = destinations(setup.surface, ahead[-1]) == setup.destinations[chosen]
        found[chosen] = same & (largest * rate <= setup.config.limit_of("euler", 1.0))
    return found


def landings(setup: Setup, rate: float, chosen: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The places (C, 2) of the chosen starts (C,) after that many steps (C,), linearized about the flow.

    With x and x' on the flow at the beginning and at the end of a step, the distance e from the flow becomes
    e' = (1 − hH) e + (x − h∇E − x').
    """
    count = int(steps.max())
    times = np.arange(count + 1) * rate
    path = exact_flow(setup.surface, setup.starts[chosen], times).at(times)
    away, places = np.zeros_like(path[0]), path[0].copy()
    for k in range(count):
        x = torch.from_numpy(np.ascontiguousarray(path[k]))
        gradient, hessian = setup.surface.gradient(x).numpy(), setup.surface.hessian(x).numpy()
        turned = np.einsum("nij,nj->ni", hessian, away)
        away = away - rate * turned + path[k] - rate * gradient - path[k + 1]
        places = np.where((steps > k)[:, None], path[k + 1] + away, places)
    return places


def _curvatures(setup: Setup, states: np.ndarray) -> np.ndarray:
    """The largest eigenvalue of the Hessian at (R, N, 2), (R, N); 0 where it is not known."""
    known = np.isfinite(states).all(-1)
    values = np.zeros(states.shape[:2])
    if known.any():
        hessians = setup.surface.hessian(torch.from_numpy(states[known])).numpy()
        values[known] = np.linalg.eigvalsh(np.where(np.isfinite(hessians), hessians, 0.0))[:, -1]
    return values

"""What a method samples under a temperature that changes, where the potential separates: one kernel a step."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from demos.common.progress import checkpoint
from demos.landscapes import Landscape, Profile
from demos.langevin.exact import kernel
from demos.langevin.reference.discretised import reach, weights_of
from demos.langevin.reference.distribution import Distribution, Marginal, StartDistribution, product

METHODS = ("euler", "heun", "leimkuhler_matthews", "implicit_euler")  # MALA accepts both coordinates or neither
TEMPERATURES = 8  # at which kernels are made; between two, one is the mean of both: it has the right noise variance
POINTS = 160  # of a grid, at least
MOST_STEPS = 5_000  # a second's work
FLOOR = 5e-4  # of a mean, in standard deviations: twice what 8 and 16 temperatures differ by (test_annealed)


@lru_cache(maxsize=4)  # 2 MB each
def annealed(
    landscape: Landscape,
    method: str,
    temperature: Callable[[float], float],
    h: float,
    starts: tuple[StartDistribution, StartDistribution],
    steps: int,
    temperatures: int = TEMPERATURES,
) -> Distribution | None:
    """The distribution of the method itself after `steps` steps of length h, each at the temperature of its beginning
    (Heun's at the mean of both its ends).

    None where it is not known: potentials that do not separate, methods without a kernel, too many steps.
    """
    if landscape.separable is None or method not in METHODS or steps > MOST_STEPS:
        return None
    kTs = np.array([temperature(n * h) for n in range(steps + 1)])
    kTs = (kTs[1:] + kTs[:-1]) / 2 if method == "heun" else kTs[:-1]
    try:
        sides = [
            _side(profile, method, kTs, temperature(0.0), h, start, box, temperatures)
            for profile, start, box in zip(landscape.separable, starts, landscape.box, strict=True)
        ]
    except ValueError:  # no stationary distribution, or a step too short for the grid
        return None
    return product(f"one-step kernels of this method as it cools, after {steps:,} steps", *sides, FLOOR)


def _side(
    profile: Profile,
    method: str,
    kTs: np.ndarray,
    beginning: float,
    h: float,
    start: StartDistribution,
    box: tuple[float, float],
    temperatures: int,
) -> Marginal:
    """Grid (n,) and probabilities (n,) of one coordinate."""
    low, high = reach(profile, kTs.max(), h, start, box)
    nodes = np.geomspace(kTs.min(), kTs.max(), temperatures if np.ptp(kTs) > 0 else 1)
    # the coldest kernel needs the finest grid
    points = len(kernel.transition(method, profile.derivative, nodes[0], h, low, high, POINTS)[0])
    grid, kernels = None, []
    for kT in nodes:
        grid, matrix = kernel.transition(method, profile.derivative, kT, h, low, high, points)
        kernels.append(matrix)
        checkpoint()
    weights, rest = (
        weights_of(grid, start, profile, beginning),
        kTs,
    )  # a start in equilibrium is at the first temperature
    if method == "leimkuhler_matthews":  # its kernel moves x − √(kT h/2) R, which begins after the first step's noise
        weights = weights_of(
            grid, start, profile, beginning, lambda x: x - h * profile.derivative(x), np.sqrt(kTs[0] * h / 2)
        )
        rest = kTs[1:]
    if method == "heun":
        rest = kTs[:-1]
    for i, kT in enumerate(rest):
        k = int(np.clip(np.searchsorted(nodes, kT) - 1, 0, max(len(nodes) - 2, 0)))
        share = (kT - nodes[k]) / (nodes[k + 1] - nodes[k]) if len(nodes) > 1 else 0.0
        weights = (1 - share) * (weights @ kernels[k]) + (share * (weights @ kernels[k + 1]) if share else 0.0)
        if i % 64 == 0:
            checkpoint()
    if method == "heun":  # its last step needs more noise nodes than its averages do
        return grid, kernel.heun_last_step(grid, weights, profile.derivative, kTs[-1], h)
    if method == "leimkuhler_matthews":
        blur = np.exp(-0.5 * ((grid[:, None] - grid[None, :]) / np.sqrt(kTs[-1] * h / 2)) ** 2)
        weights = (blur / blur.sum(axis=0)) @ weights
    return grid, weights

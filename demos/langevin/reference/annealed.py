"""The distribution of a method under a changing temperature, where the potential separates: one kernel per step."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array

from demos.common.numbers import counted
from demos.common.progress import checkpoint
from demos.landscapes import Landscape, Profile
from demos.langevin.exact import kernel
from demos.langevin.reference.discretised import reach, weights_of
from demos.langevin.reference.distribution import Distribution, Marginal, StartDistribution, product

METHODS = ("euler", "heun", "leimkuhler_matthews", "implicit_euler")  # not MALA: its acceptance couples coordinates
RATIO = 1.26  # ratio of neighbouring temperatures at which kernels are computed
NEAREST = 4  # a kernel in between is interpolated from so many of them
NOTHING = 1e-18  # smaller probabilities are left out of a kernel: most of it, for short steps
POINTS = 160  # least number of points of a grid
MOST_STEPS = 5_000  # about a second of work
FLOOR = 1e-5  # error of a mean in standard deviations: that of the interpolation is of fourth order in log RATIO
# (which a test measures) and is 1e-6 in the scene, 2,500 steps from kT = 1 to 0.2


@lru_cache(maxsize=2)  # 2 MB each
def annealed(
    landscape: Landscape,
    method: str,
    temperature: Callable[[float], float],
    h: float,
    starts: tuple[StartDistribution, StartDistribution],
    steps: int,
    ratio: float = RATIO,
) -> Distribution | None:
    """The distribution of the method after `steps` steps of length h, each at the temperature of its beginning (for
    Heun's method the mean of beginning and end).

    None where it is not known: potentials that do not separate, methods without a kernel, too many steps.
    """
    if landscape.separable is None or method not in METHODS or steps > MOST_STEPS:
        return None
    kTs = np.array([temperature(n * h) for n in range(steps + 1)])
    kTs = (kTs[1:] + kTs[:-1]) / 2 if method == "heun" else kTs[:-1]
    try:
        sides = [
            _side(profile, method, kTs, temperature(0.0), h, start, box, ratio)
            for profile, start, box in zip(landscape.separable, starts, landscape.box, strict=True)
        ]
    except ValueError:  # no stationary distribution, or a step too short for the grid
        return None
    return product(f"one-step kernels of this method as it cools, after {counted(steps, 'step')}", *sides, FLOOR)


def _side(
    profile: Profile,
    method: str,
    kTs: np.ndarray,
    beginning: float,
    h: float,
    start: StartDistribution,
    box: tuple[float, float],
    ratio: float,
) -> Marginal:
    """Grid (n,) and probabilities (n,) of one coordinate."""
    low, high = reach(profile, kTs.max(), h, start, box)
    nodes = _temperatures(kTs, ratio)
    # the coldest kernel needs the finest grid
    points = len(kernel.transition(method, profile.derivative, nodes[0], h, low, high, POINTS)[0])
    grid, kernels = None, []
    for kT in nodes:
        grid, matrix = kernel.transition(method, profile.derivative, kT, h, low, high, points)
        kernels.append(csr_array(np.where(np.abs(matrix) > NOTHING, matrix, 0.0).T))
        checkpoint()
    rest = kTs
    weights = weights_of(grid, start, profile, beginning)  # a start in equilibrium is at the first temperature
    if method == "leimkuhler_matthews":  # its kernel is that of x − √(kT h/2) R, after the first half noise
        weights = weights_of(
            grid, start, profile, beginning, lambda x: x - h * profile.derivative(x), np.sqrt(kTs[0] * h / 2)
        )
        rest = kTs[1:]
    if method == "heun":
        rest = kTs[:-1]
    for i, (first, shares) in enumerate(zip(*_lagrange(nodes, rest), strict=True)):
        weights = sum(share * (kernels[first + j] @ weights) for j, share in enumerate(shares))
        if i % 64 == 0:
            checkpoint()
    if method == "heun":  # its last step needs more noise nodes than its averages do
        return grid, kernel.heun_last_step(grid, weights, profile.derivative, kTs[-1], h)
    if method == "leimkuhler_matthews":
        blur = np.exp(-0.5 * ((grid[:, None] - grid[None, :]) / np.sqrt(kTs[-1] * h / 2)) ** 2)
        weights = (blur / blur.sum(axis=0)) @ weights
    return grid, weights


def _temperatures(kTs: np.ndarray, ratio: float) -> np.ndarray:
    """The temperatures at which kernels are computed, ascending (n,), neighbours at most a factor `ratio` apart; one
    if the temperature is constant."""
    if not np.ptp(kTs) > 0:
        return kTs[:1]
    apart = np.log(kTs.max() / kTs.min()) / np.log(ratio)
    return np.geomspace(kTs.min(), kTs.max(), max(NEAREST, int(np.ceil(apart)) + 1))


def _lagrange(nodes: np.ndarray, kTs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each temperature, the first of its nearest nodes (n,) and the weights of all of them (n, ≤ NEAREST).

    A mean after one step is a power series in kT h; a cubic through four temperatures has an error of fourth order.
    """
    count = min(NEAREST, len(nodes))
    first = np.clip(np.searchsorted(nodes, kTs) - count // 2, 0, len(nodes) - count)
    near = nodes[first[:, None] + np.arange(count)]  # (n, count)
    shares = np.ones(near.shape)
    for j in range(count):
        for k in range(count):
            if k != j:
                shares[:, j] *= (kTs - near[:, k]) / (near[:, j] - near[:, k])
    return first, shares

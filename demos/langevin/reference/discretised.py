"""The distribution of a method with its step size, where the potential separates: one kernel for each coordinate."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from demos.common.numbers import counted
from demos.common.progress import checkpoint, matmul
from demos.landscapes import Landscape, Profile
from demos.langevin.exact import kernel
from demos.langevin.reference.distribution import Distribution, Marginal, StartDistribution, product

KEPT = 16  # number of steps between two stored distributions of a chain


@lru_cache(maxsize=6)  # 2 MB each
def discretised(
    landscape: Landscape,
    method: str,
    kT: float,
    h: float,
    starts: tuple[StartDistribution, StartDistribution],
    steps: int | None,
) -> Distribution | None:
    """The distribution of the method with step h after `steps` steps, or the stationary one (steps None).

    None where it is not known: potentials that do not separate, methods without a kernel, no stationary distribution.
    """
    if landscape.separable is None or method not in kernel.METHODS:
        return None
    if method == "mala" and steps is not None:
        return None  # its acceptance couples the coordinates: only the stationary distribution is a product
    sides = []
    for profile, start, box in zip(landscape.separable, starts, landscape.box, strict=True):
        side = one_dimension(profile, method, kT, h, start, steps, box)
        if side is None:
            return None
        sides.append(side)
    checkpoint()
    when = "in the long run" if steps is None else f"after {counted(steps, 'step')}"
    return product(f"one-step kernel of this method, {when}", *sides)


@lru_cache(maxsize=128)
def one_dimension(
    profile: Profile,
    method: str,
    kT: float,
    h: float,
    start: StartDistribution,
    steps: int | None,
    box: tuple[float, float],
) -> Marginal | None:
    """Grid (n,) and probabilities (n,) of one coordinate; their sum is below 1 by the probability that has left the
    box. None where no kernel is known."""
    low, high = reach(profile, kT, h, start, box)
    if steps is not None:
        found = kernel_marginals(profile, method, kT, h, start, (steps,), box)
        return None if found is None else found[0]
    try:
        xs, density = kernel.stationary(method, profile.derivative, kT, h, *reach(profile, kT, h, start, box))
    except ValueError:  # no stationary distribution, or a step too short for the grid
        return None
    return xs, density * (xs[1] - xs[0])


@lru_cache(maxsize=32)
def kernel_marginals(
    profile: Profile,
    method: str,
    kT: float,
    h: float,
    start: StartDistribution,
    steps: tuple[int, ...],
    box: tuple[float, float],
) -> list[Marginal] | None:
    """As `one_dimension`, after each of several numbers of steps, ascending."""
    try:
        chain, blur = _chain(profile, method, kT, h, start, box)
    except ValueError:  # a step too short for the grid
        return None
    xs, found = chain.xs, []
    for n in steps:
        if method == "heun":  # its last step needs more noise nodes than its averages do
            found.append((xs, kernel.heun_last_step(xs, chain.after(max(0, n - 1)), profile.derivative, kT, h)))
        else:
            found.append((xs, chain.after(n) if blur is None else blur @ chain.after(max(0, n - 1))))
    return found


@lru_cache(maxsize=8)
def _chain(
    profile: Profile, method: str, kT: float, h: float, start: StartDistribution, box: tuple[float, float]
) -> tuple[_Chain, np.ndarray | None]:
    """The kernel's steps from a start; and, for Leimkuhler–Matthews, the matrix (n, n) of the second half of a step's
    noise (the first half belongs to the next step)."""
    xs, matrix = kernel.transition(method, profile.derivative, kT, h, *reach(profile, kT, h, start, box))
    if method != "leimkuhler_matthews":
        return _Chain(xs, weights_of(xs, start, profile, kT), matrix), None
    half = np.sqrt(kT * h / 2)
    first = weights_of(xs, start, profile, kT, lambda x: x - h * profile.derivative(x), half)
    blur = np.exp(-0.5 * ((xs[:, None] - xs[None, :]) / half) ** 2)
    return _Chain(xs, first, matrix), blur / blur.sum(axis=0)


class _Chain:
    """Probabilities (n,) on a grid xs (n,), multiplied by a matrix (n, n) at each step. Every KEPT-th result is stored,
    so that another number of steps can start from there."""

    def __init__(self, xs: np.ndarray, weights: np.ndarray, matrix: np.ndarray) -> None:
        self.xs, self._matrix, self._known = xs, matrix, {0: weights}

    def after(self, steps: int) -> np.ndarray:
        """The probabilities after `steps` steps, step by step or by repeated squaring, whichever is less work."""
        if steps >= 2 * len(self.xs):
            return _powered(self._known[0], self._matrix, steps)
        done = max(n for n in tuple(self._known) if n <= steps)
        weights = self._known[done]
        for n in range(done + 1, steps + 1):
            checkpoint()
            weights = weights @ self._matrix
            if n % KEPT == 0:
                self._known[n] = weights
        return weights


def reach(
    profile: Profile, kT: float, h: float, start: StartDistribution, box: tuple[float, float]
) -> tuple[float, float]:
    """The interval that the kernel's grid must cover: within 36 kT of the lowest energy and around the start.

    It is the whole box where a long step can move a particle beyond that interval.
    """
    s = np.linspace(*box, 2001)
    near = s[profile(s) - profile(s).min() < 36 * kT]
    noise = 6 * np.sqrt(2 * kT * h)
    low, high = near.min() - noise, near.max() + noise
    if start.kind != "equilibrium":
        margin = 9 * start.width + noise if start.kind == "gaussian" else start.width + noise
        low, high = min(low, start.centre - margin), max(high, start.centre + margin)
    landing = np.abs(near - h * profile.derivative(near))
    if landing.max() > max(abs(low), abs(high)):
        low, high = box
    return float(low), float(high)


def weights_of(
    xs: np.ndarray,
    start: StartDistribution,
    profile: Profile,
    kT: float,
    move: Callable[[np.ndarray], np.ndarray] = lambda x: x,
    width: float = 0.0,
) -> np.ndarray:
    """The weights (n,) of the start on the grid, after the map `move` and a convolution with a Gaussian of standard
    deviation `width`; for width 0, interpolation weights that are accurate for smooth functions."""
    if start.kind == "equilibrium":
        weight = np.exp(-(profile(xs) - profile(xs).min()) / kT)
        nodes, shares = xs, weight / weight.sum()
    else:
        nodes, shares = start.nodes(float(xs[1] - xs[0]))
    nodes, step = move(nodes), xs[1] - xs[0]
    if width:
        spread = np.exp(-0.5 * ((xs[:, None] - nodes[None, :]) / width) ** 2)
        return (spread * (step / (np.sqrt(2 * np.pi) * width))) @ shares
    if start.kind == "equilibrium":
        return shares
    weights = np.zeros(len(xs))
    first = np.clip(np.floor((nodes - xs[0]) / step).astype(int) - 2, 0, len(xs) - 6)
    for node, share, at in zip(nodes, shares, first, strict=True):  # Lagrange weights on six neighbours
        near = xs[at : at + 6]
        for i in range(6):
            others = np.delete(near, i)
            weights[at + i] += share * np.prod((node - others) / (near[i] - others))
    return weights


def _powered(weights: np.ndarray, matrix: np.ndarray, steps: int) -> np.ndarray:
    """weights Pⁿ by repeated squaring."""
    while steps:
        if steps & 1:
            weights = weights @ matrix
        steps >>= 1
        if steps:
            matrix = matmul(matrix, matrix)
    return weights

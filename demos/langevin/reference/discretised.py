"""What a method with its step size samples, where the potential separates: its kernel, one coordinate at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from demos.common.progress import checkpoint, matmul
from demos.landscapes import Landscape, Profile
from demos.langevin.exact import kernel
from demos.langevin.reference.distribution import Distribution, Marginal, StartDistribution, product


@lru_cache(maxsize=4)  # 2 MB each
def discretised(
    landscape: Landscape,
    method: str,
    kT: float,
    h: float,
    starts: tuple[StartDistribution, StartDistribution],
    steps: int | None,
) -> Distribution | None:
    """What the method with step h samples after `steps` steps, or in the long run (None).

    None where it is not known: potentials that do not separate, methods without a kernel, no stationary law.
    """
    if landscape.separable is None or method not in kernel.METHODS:
        return None
    if method == "mala" and steps is not None:
        return None  # it accepts both coordinates or neither: only its stationary law is a product
    sides = []
    for profile, start, box in zip(landscape.separable, starts, landscape.box, strict=True):
        side = one_dimension(profile, method, kT, h, start, steps, box)
        if side is None:
            return None
        sides.append(side)
    checkpoint()
    when = "in the long run" if steps is None else f"after {steps:,} steps"
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
    """Grid (n,) and probabilities (n,) of one coordinate. Their sum lacks what has left the box; None where no kernel
    is known."""
    low, high = reach(profile, kT, h, start, box)
    try:
        if steps is None:
            xs, density = kernel.stationary(method, profile.derivative, kT, h, low, high)
            return xs, density * (xs[1] - xs[0])
        xs, matrix = kernel.transition(method, profile.derivative, kT, h, low, high)
    except ValueError:  # no stationary law, or a step too short for the grid
        return None
    if method == "leimkuhler_matthews":
        half = np.sqrt(kT * h / 2)
        first = weights_of(xs, start, profile, kT, lambda x: x - h * profile.derivative(x), half)
        last = _advanced(first, matrix, steps - 1)
        blur = np.exp(-0.5 * ((xs[:, None] - xs[None, :]) / half) ** 2)
        return xs, (blur / blur.sum(axis=0)) @ last
    if method == "heun":  # its last step needs more noise nodes than its averages do
        before = _advanced(weights_of(xs, start, profile, kT), matrix, steps - 1)
        return xs, kernel.heun_last_step(xs, before, profile.derivative, kT, h)
    return xs, _advanced(weights_of(xs, start, profile, kT), matrix, steps)


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
    """As `one_dimension`, after each of several rising numbers of steps."""
    low, high = reach(profile, kT, h, start, box)
    try:
        xs, matrix = kernel.transition(method, profile.derivative, kT, h, low, high)
    except ValueError:
        return None
    half = np.sqrt(kT * h / 2)
    if method == "leimkuhler_matthews":
        now = weights_of(xs, start, profile, kT, lambda x: x - h * profile.derivative(x), half)
        blur = np.exp(-0.5 * ((xs[:, None] - xs[None, :]) / half) ** 2)
        blur /= blur.sum(axis=0)
    else:
        now, blur = weights_of(xs, start, profile, kT), None
    behind = method in ("leimkuhler_matthews", "heun")  # their last step is not the kernel's
    done, found = 0, []
    for n in steps:
        now, done = _advanced(now, matrix, n - behind - done), n - behind
        if method == "heun":
            found.append((xs, kernel.heun_last_step(xs, now, profile.derivative, kT, h)))
        else:
            found.append((xs, now if blur is None else blur @ now))
    return found


def reach(
    profile: Profile, kT: float, h: float, start: StartDistribution, box: tuple[float, float]
) -> tuple[float, float]:
    """The interval that the kernel's grid must cover: within 36 kT of the lowest energy and around the start.

    The whole box where a long step can move a particle beyond that interval.
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
    """The start on the grid (n,): moved, and convolved with a Gaussian of standard deviation `width`; for width 0,
    interpolation weights that are exact for smooth functions."""
    if start.kind == "equilibrium":
        weight = np.exp(-(profile(xs) - profile(xs).min()) / kT)
        nodes, shares = xs, weight / weight.sum()
    else:
        nodes, shares = start.nodes()
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


def _advanced(weights: np.ndarray, matrix: np.ndarray, steps: int) -> np.ndarray:
    """weights Pⁿ: step by step, or by repeated squaring where that is less work."""
    size = len(weights)
    if steps < 2 * size:
        for _ in range(steps):
            checkpoint()
            weights = weights @ matrix
        return weights
    while steps:
        if steps & 1:
            weights = weights @ matrix
        steps >>= 1
        if steps:
            matrix = matmul(matrix, matrix)
    return weights

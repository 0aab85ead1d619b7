"""Exact stationary distribution and slowest rate of the discretised dynamics in one dimension.

One step of a method is a Markov kernel. It is put on a grid as a matrix P with (P f)(x_i) = E[f(x') | x = x_i], whose
left eigenvector is the stationary law and whose second eigenvalue μ gives the relaxation rate -ln μ / h.

- Methods whose x' has an explicit density (euler, mala, implicit_euler) take it at the grid points: the trapezoid rule
  is exact to rounding once the spacing is below 0.8 standard deviations of the noise.
- Methods that are a smooth map of the noise (heun, leimkuhler_matthews) take 60 Gauss-Hermite nodes, and f between
  the grid points by local interpolation through 8 of them.

Leimkuhler-Matthews, x' = x - h U'(x) + √(kT h/2) (R_n + R_{n+1}), remembers its last noise; with s = √(kT h/2) it is
Markov in y: x = y + s R, y' = y + 2 s R - h U'(x) (Vilmart, SIAM J. Sci. Comput. 37 (2015) A201, post-processing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.linalg import lu_factor, lu_solve
from scipy.sparse.linalg import LinearOperator, eigs

from demos.common.progress import checkpoint
from demos.langevin.exact.quadrature import check_temperature

Gradient = Callable[[np.ndarray], np.ndarray]

METHODS = ("euler", "heun", "leimkuhler_matthews", "implicit_euler", "mala")
LEAK = 1e-7  # largest probability that may leave the box per unit of time
MOST = 1201  # grid points

_HERMITE, _HERMITE_WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
_HERMITE_WEIGHTS = _HERMITE_WEIGHTS / _HERMITE_WEIGHTS.sum()


def transition(
    method: str, gradient: Gradient, kT: float, h: float, lo: float, hi: float, n: int = 301
) -> tuple[np.ndarray, np.ndarray]:
    """Grid xs (n,) and kernel P (n, n) of one step of length h, rows from, columns to; in y for leimkuhler_matthews.

    gradient is U', (n,) to (n,). n is raised where the noise of one step needs a finer grid. ValueError for an
    unknown method, a bad box or step, or a step so short that more than 1,201 points would be needed.
    """
    kT = check_temperature(kT)
    if method not in METHODS:
        raise ValueError(f"method {method!r} has no kernel here; there are: {', '.join(METHODS)}.")
    if not (np.isfinite(h) and h > 0 and np.isfinite(hi - lo) and hi > lo and n >= 16):
        raise ValueError(f"needs h > 0, lo < hi and n ≥ 16 (h = {h}, lo = {lo}, hi = {hi}, n = {n}).")
    noise = np.sqrt(2 * kT * h)  # of x in one step; the half-noise of leimkuhler_matthews is half as wide
    n = max(n, int(np.ceil((hi - lo) / (0.4 if method == "leimkuhler_matthews" else 0.8) / noise)) + 1)
    if n > MOST:
        raise ValueError(f"the step {h} is too short for a grid of {MOST} points on [{lo}, {hi}].")
    xs = np.linspace(lo, hi, n)
    checkpoint()
    with np.errstate(over="ignore", invalid="ignore"):
        return xs, _KERNELS[method](xs, gradient, noise, h, kT)


def _normal(z: np.ndarray, std: float) -> np.ndarray:
    return np.exp(-0.5 * (z / std) ** 2) / (np.sqrt(2 * np.pi) * std)


def _euler(xs: np.ndarray, gradient: Gradient, noise: float, h: float, kT: float) -> np.ndarray:
    mean = xs - h * gradient(xs)
    return _normal(xs[None, :] - mean[:, None], noise) * (xs[1] - xs[0])


def _mala(xs: np.ndarray, gradient: Gradient, noise: float, h: float, kT: float) -> np.ndarray:
    """Detailed balance holds on the grid, so the stationary law is exact; the kink in min(1, ·) costs rates 1e-6."""
    step = xs[1] - xs[0]
    nodes, weights = np.polynomial.legendre.leggauss(6)
    z = xs[:-1, None] + step / 2 * (1 + nodes)
    rise = step / 2 * (gradient(z.ravel()).reshape(z.shape) @ weights)  # U(x_{i+1}) - U(x_i), to rounding
    u = np.concatenate([[0.0], np.cumsum(rise)])
    distance = xs[None, :] - (xs - h * gradient(xs))[:, None]
    ratio = -(u[None, :] - u[:, None]) / kT - 0.5 * (distance.T**2 - distance**2) / noise**2
    checkpoint()
    kernel = _normal(distance, noise) * step * np.exp(np.minimum(0.0, ratio))
    kernel[np.diag_indices_from(kernel)] += 1 - kernel.sum(axis=1)  # rejected, or proposed outside the box
    return kernel


def _implicit_euler(xs: np.ndarray, gradient: Gradient, noise: float, h: float, kT: float) -> np.ndarray:
    small = 1e-3 * (xs[-1] - xs[0]) / 5
    curvature = (
        8 * (gradient(xs + small) - gradient(xs - small)) - (gradient(xs + 2 * small) - gradient(xs - 2 * small))
    ) / (12 * small)
    stretch = 1 + h * curvature
    if not (stretch > 0).all():
        raise ValueError(
            f"the implicit step h = {h} has more than one solution: it needs h < "
            f"{-1 / curvature.min():.3g} here (1 over the strongest negative curvature)."
        )
    before = xs + h * gradient(xs)  # x' + h U'(x') = x + noise, so x' has this density
    return _normal(before[None, :] - xs[:, None], noise) * (stretch * (xs[1] - xs[0]))


def _heun(xs: np.ndarray, gradient: Gradient, noise: float, h: float, kT: float) -> np.ndarray:
    return _interpolated(xs, _heun_landing(xs, gradient, noise, h, _HERMITE))


def _heun_landing(x: np.ndarray, gradient: Gradient, noise: float, h: float, nodes: np.ndarray) -> np.ndarray:
    """Where one step from x (n,) leads for each noise node (m,), (n, m)."""
    slope = gradient(x)[:, None]
    guess = x[:, None] - h * slope + noise * nodes
    return x[:, None] - h / 2 * (slope + gradient(guess.ravel()).reshape(guess.shape)) + noise * nodes


def heun_last_step(xs: np.ndarray, mass: np.ndarray, gradient: Gradient, kT: float, h: float) -> np.ndarray:
    """mass (n,) after one more step of heun, smooth enough to draw (ripples below 0.2 %).

    `mass @ P` is as good for averages, but its 60 noise nodes leave ripples of a few per cent in the density; here
    the nodes are closer than the grid.
    """
    noise = np.sqrt(2 * kT * h)
    nodes = np.linspace(-8.5, 8.5, int(50 * noise / (xs[1] - xs[0])) + 60)
    weights = np.exp(-(nodes**2) / 2)
    here = np.abs(mass) > 1e-14 * mass.max()
    with np.errstate(over="ignore", invalid="ignore"):
        landing = _heun_landing(xs[here], gradient, noise, h, nodes)
    after = np.zeros(len(xs))
    for cell, share in _shares(xs, landing, np.multiply.outer(mass[here], weights / weights.sum())):
        after += np.bincount(cell.ravel(), share.ravel(), len(xs))
    return after


def _leimkuhler_matthews(xs: np.ndarray, gradient: Gradient, noise: float, h: float, kT: float) -> np.ndarray:
    x = xs[:, None] + noise / 2 * _HERMITE
    return _interpolated(xs, 2 * x - xs[:, None] - h * gradient(x.ravel()).reshape(x.shape))


_KERNELS = {
    "euler": _euler,
    "heun": _heun,
    "leimkuhler_matthews": _leimkuhler_matthews,
    "implicit_euler": _implicit_euler,
    "mala": _mala,
}

_STENCIL = 8


def _interpolated(xs: np.ndarray, landing: np.ndarray) -> np.ndarray:
    """P from the points `landing` (n, 60) to which each Gauss-Hermite node leads; mass outside the box is lost."""
    n = len(xs)
    rows = n * np.arange(n)[:, None]
    kernel = np.zeros(n * n)
    for cell, share in _shares(xs, landing, _HERMITE_WEIGHTS):
        kernel += np.bincount((rows + cell).ravel(), share.ravel(), n * n)
    return kernel.reshape(n, n)


def _shares(xs: np.ndarray, landing: np.ndarray, mass: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Mass at `landing` (n, m) shared by the nearest grid points with Lagrange weights: (cells, shares), one by one."""
    n = len(xs)
    place = (landing - xs[0]) / (xs[1] - xs[0])
    inside = (place >= 0) & (place <= n - 1)
    place = np.where(inside, place, 0.0)
    mass = np.where(inside, mass, 0.0)
    first = np.clip(place.astype(int) - _STENCIL // 2 + 1, 0, n - _STENCIL)
    t = place - first  # in [0, 7]
    for j in range(_STENCIL):
        checkpoint()
        share = mass
        for k in range(_STENCIL):
            if k != j:
                share = share * ((t - k) / (j - k))
        yield first + j, share


def _invariant(kernel: np.ndarray, h: float) -> np.ndarray:
    """Left eigenvector of P for the eigenvalue 1, summing to one; ValueError if the box loses mass."""
    n = len(kernel)
    system = (np.eye(n) - kernel).T
    system[-1] = 1.0
    checkpoint()
    right = np.zeros(n)
    right[-1] = 1.0
    try:
        law = np.linalg.solve(system, right)
    except np.linalg.LinAlgError:
        law = np.full(n, np.nan)
    checkpoint()
    lost = law @ (1 - kernel.sum(axis=1)) / h
    if not (abs(lost) <= LEAK and np.abs(law @ kernel - law).sum() <= 1e-9):
        share = f"a share of {abs(lost):.2g} of it leaves per unit of time" if np.isfinite(lost) else "it runs away"
        raise ValueError(f"with the step {h:g} this method has no stationary distribution inside the box: {share}.")
    return law


def stationary(
    method: str, gradient: Gradient, kT: float, h: float, lo: float, hi: float, n: int = 301
) -> tuple[np.ndarray, np.ndarray]:
    """xs and the stationary density of x for the method with step h; arguments and errors as in `transition`.

    ValueError too where the discretised dynamics has no stationary distribution inside the box (its mass leaks out).
    """
    xs, mass = _masses(method, gradient, kT, h, lo, hi, n)
    if method == "heun":
        mass = heun_last_step(xs, mass, gradient, kT, h)
    return xs, mass / (xs[1] - xs[0])


def _masses(
    method: str, gradient: Gradient, kT: float, h: float, lo: float, hi: float, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Grid and quadrature weights of the stationary law of x: exact for averages, not always smooth."""
    xs, kernel = transition(method, gradient, kT, h, lo, hi, n)
    mass = _invariant(kernel, h)
    if method == "leimkuhler_matthews":
        mass = mass @ _normal(xs[None, :] - xs[:, None], np.sqrt(kT * h / 2)) * (xs[1] - xs[0])
    return xs, mass


def average(
    method: str,
    observable: Callable[[np.ndarray], np.ndarray],
    gradient: Gradient,
    kT: float,
    h: float,
    lo: float,
    hi: float,
    n: int = 301,
) -> float:
    """<f(x)> over the method's stationary law; observable maps (n,) to (n,), the rest as in `stationary`."""
    xs, mass = _masses(method, gradient, kT, h, lo, hi, n)
    return float(mass @ observable(xs))


def relaxation_rate(method: str, gradient: Gradient, kT: float, h: float, lo: float, hi: float, n: int = 301) -> float:
    """Slowest relaxation rate -ln|μ|/h of the discretised dynamics, 1/time; arguments and errors as in `stationary`."""
    xs, kernel = transition(method, gradient, kT, h, lo, hi, n)
    law = _invariant(kernel, h)
    checkpoint()
    # 1 - P with the eigenvalue 0 moved to 1: its inverse has the slowest mode on top
    factors = lu_factor(np.eye(len(xs)) - kernel + law[None, :])

    def solved(v: np.ndarray) -> np.ndarray:
        checkpoint()
        return lu_solve(factors, v)

    inverse = LinearOperator(kernel.shape, matvec=solved, dtype=float)
    top = eigs(inverse, k=2, which="LM", v0=xs - law @ xs, return_eigenvectors=False)
    slowest = np.max(np.abs(1 - 1 / top), initial=0.0)
    return float(-np.log(slowest) / h) if slowest > 1e-12 else np.inf  # inf: a step does not depend on the last one


def fit_order(steps: Sequence[float], errors: Sequence[float]) -> float:
    """Slope of ln|error| against ln(step): the measured order. ValueError for fewer than two, or an error of zero."""
    steps, errors = np.asarray(steps, dtype=float), np.abs(np.asarray(errors, dtype=float))
    if len(steps) != len(errors) or len(steps) < 2 or not ((steps > 0).all() and (errors > 0).all()):
        raise ValueError("needs at least two positive steps, each with an error that is not zero.")
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])

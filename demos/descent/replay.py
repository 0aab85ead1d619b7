"""An independent test of the methods: each recorded step is computed again from its recorded beginning, in NumPy.

Errors do not accumulate from step to step, so that the test also works for chaotic and diverging paths.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from demos.descent.measured import LOST
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun

LARGEST = 1e10  # steps at larger coordinates are not tested, because products of coordinates are inaccurate
SMALL = 1e-7  # view diagonals: the error of a shorter move is relative to this length
KINK_DISTANCE = 1e-5  # view diagonals: the distance within which a kink is looked for
KINK_JUMP = 10.0  # a jump of the gradient is this many times the change explained by the curvature
TESTABLE = 0.5  # the least fraction of moves that must be testable
UNSURE = 1e-8  # relative to the largest: the sign or direction of a smaller number is not reliable

Gradient = Callable[[np.ndarray], np.ndarray]


def largest_difference(setup: Setup, run: MethodRun) -> float | None:
    """The largest difference between a recorded and a recomputed move, over the length of the move.

    None for L-BFGS, which is not recomputed, if there are no moves, and if most moves cannot be tested.
    """
    replay = REPLAYS.get(run.method)
    if replay is None:
        return None
    states = run.states
    with np.errstate(all="ignore"):
        good = np.isfinite(states).all(-1) & (np.abs(states).max(-1) < LARGEST)
        steps = np.cumprod(good, axis=0).all(axis=1).sum()  # the number of steps at which no start has diverged
        if steps < 2 and good.shape[1] > 1:
            steps = int(np.cumprod(good, axis=0).sum(axis=0).max())
            states = states[:, good[:steps].all(axis=0)]
        path = states[:steps]
        if len(path) < 2 or not path.shape[1]:
            return None
        options = setup.config.all_options_of(run.method)
        again, sure = replay(path, run_rate(setup, run), _gradient(setup), options, setup)
        moved = np.linalg.norm(path[1:] - path[:-1], axis=-1)
        rounding = 1e-12 * np.abs(path[1:]).max(axis=-1)
        off = np.linalg.norm(again - path[1:], axis=-1) / (np.maximum(moved, SMALL * setup.scale) + rounding)
        off = np.where(sure, off, 0.0)
    if np.mean(sure) < TESTABLE:
        return None
    fine = np.isfinite(off)
    return float(off[fine].max()) if fine.any() else None


def run_rate(setup: Setup, run: MethodRun) -> float:
    """The rate from the config, not from the recorded times."""
    return setup.config.rate(run.method)


def _gradient(setup: Setup) -> Gradient:
    def gradient(points: np.ndarray) -> np.ndarray:
        flat = torch.from_numpy(np.ascontiguousarray(points.reshape(-1, 2)))
        return setup.surface.gradient(flat).numpy().reshape(points.shape)

    return gradient


def running_average(values: np.ndarray, decay: float) -> np.ndarray:
    """mₖ = decay mₖ₋₁ + (1 − decay) vₖ, from m = 0, along the first axis of values."""
    result, now = np.empty_like(values), np.zeros_like(values[0])
    for k, value in enumerate(values):
        now = decay * now + (1 - decay) * value
        result[k] = now
    return result


def _all(path: np.ndarray) -> np.ndarray:
    return np.ones(path[1:].shape[:2], dtype=bool)


def _euler(path, rate, gradient, options, setup):
    return path[:-1] - rate * gradient(path[:-1]), _all(path)


def _heavy_ball(path, rate, gradient, options, setup):
    x = path[:-1]
    before = np.concatenate([x[:1], x[:-1]])
    return x + options["momentum"] * (x - before) - rate * gradient(x), _all(path)


def _nesterov(path, rate, gradient, options, setup):
    x = path[:-1]
    y = x + options["momentum"] * (x - np.concatenate([x[:1], x[:-1]]))
    return y - rate * gradient(y), _all(path)


def _adam(path, rate, gradient, options, setup):
    g = gradient(path[:-1])
    k = np.arange(1, len(g) + 1)[:, None, None]
    m = running_average(g, options["beta1"]) / (1 - options["beta1"] ** k)
    v = running_average(g * g, options["beta2"]) / (1 - options["beta2"] ** k)
    shrink = rate * options.get("weight_decay", 0.0)
    return (1 - shrink) * path[:-1] - rate * m / (np.sqrt(v) + options["epsilon"]), _all(path)


def _rmsprop(path, rate, gradient, options, setup):
    g = gradient(path[:-1])
    v = running_average(g * g, options["alpha"])
    return path[:-1] - rate * g / (np.sqrt(v) + options["epsilon"]), _all(path)


def _adagrad(path, rate, gradient, options, setup):
    g = gradient(path[:-1])
    return path[:-1] - rate * g / (np.sqrt(np.cumsum(g * g, axis=0)) + options["epsilon"]), _all(path)


def _lion(path, rate, gradient, options, setup):
    g = gradient(path[:-1])
    m = running_average(g, options["beta2"])
    before = np.concatenate([0 * m[:1], m[:-1]])
    direction = options["beta1"] * before + (1 - options["beta1"]) * g
    sure = (np.abs(direction) > UNSURE * np.abs(g).max(axis=(0, 2), keepdims=True)).all(-1) | (direction == 0).all(-1)
    return path[:-1] - rate * (np.sign(direction) + options["weight_decay"] * path[:-1]), sure


def _normalized(path, rate, gradient, options, setup):
    g = gradient(path[:-1])
    size = np.linalg.norm(g, axis=-1, keepdims=True)
    sure = size[..., 0] > UNSURE * size.max(axis=0)[..., 0]
    return path[:-1] - rate * g / np.where(size > 0, size, 1.0), sure


def _newton(path, rate, gradient, options, setup):
    x = path[:-1]
    move, sure = _solved(setup, x, gradient(x), 0.0)
    return x - rate * move, sure


def _implicit_euler(path, rate, gradient, options, setup):
    """One Newton step from x' for the equation x' + h∇E(x') = x gives the exact end of the move. At a kink of E the
    equation has no solution, and where E falls without bound a step may have no minimum: such moves are not tested."""
    later = path[1:]
    residual = (later - path[:-1]) / rate + gradient(later)
    move, sure = _solved(setup, later, residual, 1 / rate)
    sure &= np.abs(later).max(axis=-1) < LOST * setup.scale
    return later - move, sure & ~_explained_by_kink(setup, later, gradient, residual)


def _explained_by_kink(setup: Setup, x: np.ndarray, gradient: Gradient, residual: np.ndarray) -> np.ndarray:
    """Whether the gradient jumps at x by more than the curvature explains, and enough to explain the residual."""
    near = KINK_DISTANCE * setup.scale
    jump = np.max([np.linalg.norm(gradient(x + e) - gradient(x - e), axis=-1) for e in near * np.eye(2)], axis=0)
    hessian = setup.surface.hessian(torch.from_numpy(np.ascontiguousarray(x.reshape(-1, 2)))).numpy()
    size = np.abs(hessian).sum(axis=(1, 2)).reshape(x.shape[:-1])
    size = np.where(np.isfinite(size), size, 0.0)
    return (jump > KINK_JUMP * 2 * near * size) & (jump >= 0.5 * np.linalg.norm(residual, axis=-1))


def _solved(setup: Setup, x: np.ndarray, right: np.ndarray, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """(H(x) + shift)⁻¹ right (…, 2) by Cramer's rule, and whether the determinant is larger than rounding (…)."""
    flat = torch.from_numpy(np.ascontiguousarray(x.reshape(-1, 2)))
    hessian = setup.surface.hessian(flat).numpy() + shift * np.eye(2)
    (a, b), (c, d) = hessian[:, 0].T, hessian[:, 1].T
    g0, g1 = right.reshape(-1, 2).T
    determinant = a * d - b * c
    move = np.stack([d * g0 - b * g1, a * g1 - c * g0], axis=1) / determinant[:, None]
    sure = np.abs(determinant) > 1e-7 * (np.abs(hessian).max(axis=(1, 2)) ** 2)
    return move.reshape(x.shape), sure.reshape(x.shape[:-1])


REPLAYS = {
    "euler": _euler,
    "heavy_ball": _heavy_ball,
    "nesterov": _nesterov,
    "adam": _adam,
    "adamw": _adam,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "lion": _lion,
    "normalized_descent": _normalized,
    "newton": _newton,
    "implicit_euler": _implicit_euler,
}

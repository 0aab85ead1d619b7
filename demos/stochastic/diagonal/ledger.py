"""Recorders of quantities at every step of a run: factors of w·v and w/v, and moments of the batch noise.

The solver may evaluate the gradient of a step twice; each step is recorded once.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

TOGETHER = 16  # number of factors that are multiplied before a logarithm is taken
QUIET = 1e-9  # if all 2 lr g are smaller, their cubes are neglected


class Ledger:
    """Sums over the steps of a run with `width` coefficients and `chains` chains; q = 2 lr g.

    shrunk[step], parted[step]: Σ log|1 − q²| and Σ log|(1 − q)/(1 + q)| up to the recorded step, (chains, width), which
    must equal log|w v/α²| and log|w/v|. turned: Σ (artanh q − q) of the first `quiet` chains, whose gradient goes to 0,
    (quiet, width), with ½ log|(1 + q)/(1 − q)| where |q| > 1. closest: the least |1 − |q||/(1 + |q|) of all steps,
    (chains, width), which determines the rounding error by cancellation in w − q w or v + q v.
    """

    def __init__(self, width: int, chains: int, recorded: Iterable[int], quiet: int):
        self.shrunk: dict[int, np.ndarray] = {0: np.zeros((chains, width))}
        self.parted: dict[int, np.ndarray] = {0: np.zeros((chains, width))}
        self._recorded, self._quiet, self._step, self._moving = frozenset(recorded), quiet, 0, True
        self._held, self._block = 0, np.empty((TOGETHER, width, chains))
        self._down, self._up = np.zeros((2, width, chains))  # Σ log|1 − q| and Σ log|1 + q|
        self._closest, self._turned = np.ones((width, chains)), np.zeros((width, quiet))

    @property
    def turned(self) -> np.ndarray:
        return self._turned.T

    @property
    def closest(self) -> np.ndarray:
        return self._closest.T

    def is_new(self, step: int) -> bool:
        return step == self._step

    def add(self, q: np.ndarray) -> None:
        """q (width, chains) of the next step."""
        self._block[self._held] = q
        self._held += 1
        self._step += 1
        if self._held == TOGETHER or self._step in self._recorded:
            self._close(self._block[: self._held])
            self._held = 0

    def _close(self, q: np.ndarray) -> None:
        """Add the contributions of q (steps, width, chains)."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            down, up = np.abs(1 - q), np.abs(1 + q)
            near = np.minimum(down, up)
            near /= np.maximum(down, up)
            np.fmin(self._closest, np.fmin.reduce(near), out=self._closest)
            of_w, of_v = np.log(np.multiply.reduce(down)), np.log(np.multiply.reduce(up))
            self._down += of_w
            self._up += of_v
            if self._moving:
                slow = slice(0, self._quiet)
                self._turned += 0.5 * (of_v - of_w)[:, slow] - q[:, :, slow].sum(0)
                self._moving = not float(np.abs(q[-1, :, slow]).max()) <= QUIET
            if self._step in self._recorded:
                self.shrunk[self._step] = (self._down + self._up).T.copy()
                self.parted[self._step] = (self._down - self._up).T.copy()


class Noise:
    """Statistics of the gradients g = ḡ + η of single coefficients against the exact moments of a batch, given the
    states.

    Three kinds of numbers have mean 0 and variance 1 if the batches are right: (g² − its mean)/(its standard
    deviation), the normalized product of η of two chains, and that of two consecutive steps. They are martingale
    differences, so that the mean of N of them has the standard error 1/√N. sums, counts (3, coefficients).
    """

    def __init__(self, x: np.ndarray, batch: int, label_noise: float):
        """x (n, coefficients): the columns of the recorded coefficients."""
        self._x, self._batch = x.T[..., None], batch
        self._labels = label_noise**2 * self._x**2
        self.sums, self.counts = np.zeros((3, x.shape[1])), np.zeros((3, x.shape[1]))
        self._last: np.ndarray | None = None

    def add(self, errors: np.ndarray, g: np.ndarray, second: bool) -> None:
        """errors (n, chains): Xβ − y; g (coefficients, chains): the drawn gradients. second: whether this step is the
        second of a pair of consecutive steps."""
        b = self._batch
        u = self._x * errors  # (coefficients, n, chains): contribution of each example, without its label noise
        average = lambda values: np.add.reduce(values, 1) / values.shape[1]
        mean = average(u)
        apart = u - mean[:, None]
        square = apart * apart
        labels = self._labels
        m2 = average(square + labels) / b
        m3 = average(apart * (square + 3 * labels)) / b**2
        m4 = average(square * (square + 6 * labels) + 3 * labels**2) / b**3
        # the mean of B independent numbers has variance m2, third cumulant m3, fourth cumulant m4 − 3 m2²/B
        variance = 4 * mean**2 * m2 + 4 * mean * m3 + m4 - 3 * m2**2 / b + 2 * m2**2
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            eta = (g - mean) / np.sqrt(m2)
            squares = (g**2 - mean**2 - m2) / np.sqrt(variance)
        self._count(0, squares)
        self._count(1, eta[:, 1:] * eta[:, :-1])
        if second and self._last is not None:
            self._count(2, eta * self._last)
        self._last = eta

    def _count(self, kind: int, values: np.ndarray) -> None:
        good = np.isfinite(values)  # not finite where the errors and therefore the noise are 0
        self.sums[kind] += np.where(good, values, 0.0).sum(1)
        self.counts[kind] += good.sum(1)

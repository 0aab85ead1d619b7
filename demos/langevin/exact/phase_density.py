"""The density in phase space of underdamped Langevin dynamics in one dimension, moved by a splitting word.

One step of a splitting (V: p −= h U', R: x += h p/m, O: friction and noise) acts on the density ρ(x, p) letter by
letter: V and R shift it along p and x, exactly for trigonometric polynomials (semi-Lagrangian steps by the fast Fourier
transform; Cheng & Knorr, J. Comput. Phys. 22 (1976) 330), and O is a matrix in p. So the density of a *method* after n
steps has no error but that of the grid; with short steps and Richardson's extrapolation it is the solution of the
kinetic Fokker–Planck equation ∂ρ/∂t = −p/m ∂ρ/∂x + ∂/∂p((U' + γp)ρ) + γ m kT ∂²ρ/∂p².

A start at one place is given by weights that interpolate on the grid: averages of functions are then exact as soon as
these functions, followed backward in time, are smooth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from scipy import fft

from demos.common.progress import checkpoint
from demos.langevin.exact.quadratic import NAMED_WORDS

CUT = 16.0  # the shortest wave of a start is weaker by exp(−CUT)

Function = Callable[[np.ndarray], np.ndarray]
Letters = list[tuple[str, float]]
"""V, R or O, and the time that it takes."""


@dataclass(frozen=True)
class PhaseGrid:
    """xs (n,), ps (m,): evenly spaced positions and momenta, periodic; ps symmetric about 0."""

    xs: np.ndarray
    ps: np.ndarray

    @classmethod
    def of(cls, low: float, high: float, fastest: float, shape: tuple[int, int]) -> PhaseGrid:
        """shape: numbers of positions in [low, high) and of momenta between −fastest and fastest."""
        n, m = shape
        return cls(low + (high - low) / n * np.arange(n), fastest * ((2 * np.arange(m) + 1) / m - 1))


def maxwell(ps: np.ndarray, kT: float, mass: float) -> np.ndarray:
    """The weights (m,) of thermal momenta."""
    weights = np.exp(-(ps**2) / (2 * mass * kT))
    return weights / weights.sum()


def moved_densities(
    grid: PhaseGrid,
    weights: np.ndarray,
    slope: Function,
    word: str,
    h: float,
    steps: Sequence[int],
    kT: float,
    gamma: float,
    mass: float,
) -> np.ndarray:
    """The weights (K, m, n) after each of the ascending numbers of steps, from weights (m, n); rounding 1e-6.

    word: as in `quadratic.splitting_step`; slope: U', (n,) to (n,).
    """
    letters = NAMED_WORDS.get(word, word)
    runs = [(letter, h / letters.count(letter) * len(list(same))) for letter, same in groupby(letters)]
    first, body, last = runs[:1], runs[1:-1], runs[-1:]
    if first[0][0] == last[0][0]:  # the last letter of a step and the first of the next are one
        between = [(first[0][0], first[0][1] + last[0][1])]
    else:
        between = last + first
    moves = {each: _move(grid, slope, *each, kT, gamma, mass) for each in {*first, *body, *last, *between}}
    now, taken, found = weights.astype(np.float32), 0, []
    for until in steps:
        while taken < until:
            now = _moved(_moved(now, between if taken else first, moves), body, moves)
            taken += 1
            if taken % 16 == 0:
                checkpoint()
        found.append(_moved(now, last, moves) if until else weights)
    return np.stack(found).astype(np.float64)


def _move(
    grid: PhaseGrid, slope: Function, letter: str, time: float, kT: float, gamma: float, mass: float
) -> np.ndarray:
    """The factors of a shift, one for each wave, or the matrix (m, m) of friction and noise."""
    waves = [2j * np.pi * fft.rfftfreq(len(axis), axis[1] - axis[0]) for axis in (grid.xs, grid.ps)]
    if letter == "R":
        return np.exp(-np.multiply.outer(grid.ps, waves[0]) * (time / mass)).astype(np.complex64)
    if letter == "V":
        return np.exp(np.multiply.outer(waves[1], slope(grid.xs)) * time).astype(np.complex64)
    kept = np.exp(-gamma * time)
    wave = 2 * np.pi * fft.rfftfreq(len(grid.ps), grid.ps[1] - grid.ps[0])
    size = np.exp(-0.5 * (1 - kept**2) * mass * kT * wave**2) / len(grid.ps)
    size[1:] *= 2  # a wave and its conjugate
    size[-1] /= 2
    apart = np.subtract.outer(grid.ps, kept * grid.ps)
    return (np.cos(np.multiply.outer(apart, wave)) @ size).astype(np.float32)


def _moved(now: np.ndarray, letters: Letters, moves: dict[tuple[str, float], np.ndarray]) -> np.ndarray:
    """Weights (m, n) after some letters."""
    count, waves = now.shape[1], False  # whether `now` is transformed along x
    for letter, time in letters:
        move = moves[letter, time]
        if letter == "R":
            now, waves = (now if waves else fft.rfft(now, axis=1)) * move, True
        elif letter == "O":
            now = (move @ now.view(np.float32)).view(np.complex64) if waves else move @ now
        else:
            now, waves = (fft.irfft(now, count, axis=1) if waves else now), False
            now = fft.irfft(fft.rfft(now, axis=0) * move, len(now), axis=0)
    return fft.irfft(now, count, axis=1) if waves else now


def start_weights(xs: np.ndarray, kind: str, centre: float, width: float) -> np.ndarray:
    """The weights (n,) of a "point", a "gaussian" (width: its standard deviation) or a "uniform" start (its half width)
    on a periodic grid, without waves that are too short for it.

    The smooth cut-off leaves all moments up to the seventh as they are, and no tails that a shift would spread.
    """
    wave = 2 * np.pi * fft.rfftfreq(len(xs), xs[1] - xs[0])
    factor = np.exp(-CUT * (wave / wave[-1]) ** 8 - 1j * wave * (centre - xs[0]))
    if kind == "gaussian":
        factor *= np.exp(-0.5 * (wave * width) ** 2)
    if kind == "uniform":
        factor *= np.sinc(wave * width / np.pi)
    return fft.irfft(factor, len(xs))

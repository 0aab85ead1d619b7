"""Statistics of the displacements ("moves") of particles between frames, which test step, force, noise and time.

A stationary distribution does not test the dynamics. The moves do: their random part depends on the noise and on the
time between frames, their component along the force ("lean") on the force, their correlations on those of the noise.
The expected values come from particles that repeat the same moves with other noise by independent code (`replay`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.common.tails import chi_squared_cdf
from demos.landscapes import Landscape
from demos.langevin.reference.move_numbers import (
    AFTER,
    CLIP,
    KICKS,
    NAMES,
    REPLICAS,
    SIZE,
    finite_in,
    force_of,
    lean_of,
    numbers_of,
    scale_of,
    squares_of,
    typical_of,
)
from demos.langevin.reference.replay import FAR, Dynamics, Replay

EVALUATIONS = 5_000_000  # most gradient evaluations, over all replayed particles
MOST = 120_000  # most replayed moves
CALLS = 4_000  # most calls of the gradient for a replay of a whole run
DEPENDENT = 1e-4  # smaller eigenvalues of the correlation matrix are left out: those statistics are dependent
FEWEST = 64  # least number of replayed particles
FEW = 500  # particles that determine the units of measurement
OUTSIDE = 2.0  # distance in boxes beyond which a particle counts as diverging
PIECE = 2**15  # moves of whole paths processed at once: they fit in the second-level cache
WHOLE = 2_000  # most particles of a replay of the whole run: half of them would miss an error of 10 % in the force


@dataclass(frozen=True)
class Moves:
    """values, predicted, errors (S,): one for each of NAMES, in units in which moves are about 1.

    A statistic that is not known is nan: kicks need repeated moves from the same state, which is not recorded
    completely for a method that carries its last noise over to the next step. errors: standard errors of
    values − predicted, from replayed particles alone; correlations (S, S): of these differences. pairs: the number of
    compared moves."""

    values: np.ndarray
    predicted: np.ndarray
    errors: np.ndarray
    correlations: np.ndarray
    pairs: int

    @property
    def z(self) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (self.values - self.predicted) / self.errors

    def chi_square(self, without: tuple[int, ...] = ()) -> tuple[float, int, float]:
        """χ² per degree of freedom over the known statistics, the number of independent ones, and the probability of a
        smaller χ².
        Where moves are nearly straight, their size, their lean and what follows the one before are nearly one."""
        known = [i for i, z in enumerate(self.z) if np.isfinite(z) and i not in without]
        values, vectors = np.linalg.eigh(self.correlations[np.ix_(known, known)])
        apart = (vectors.T @ self.z[known])[values > DEPENDENT]
        total, count = float(np.sum(np.square(apart) / values[values > DEPENDENT])), len(apart)
        return total / max(count, 1), count, chi_squared_cdf(total, max(count, 1))


def compare_moves(
    dynamics: Dynamics,
    states: Tensor,
    momenta: Tensor | None,
    frames: np.ndarray,
    evaluations: float,
    seed: int,
    settled: bool,
) -> Moves | None:
    """The statistics of states (F, N, 2) recorded at steps `frames` (F,), with those of replays. None where it would
    take too long, or nothing is finite.

    Replays continue from each recorded frame with the same particles, so that the recorded move is one more replay. A
    method that carries its last noise over to the next step is replayed from the start, where there is no last noise;
    in a long run from a frame, with a last noise drawn from its distribution in equilibrium.
    """
    steps, remembers = int(frames[-1]), dynamics.method == "leimkuhler_matthews"
    if steps < 1 or len(frames) < 2:
        return None
    if remembers and steps * evaluations <= CALLS and len(frames) > 2:
        return _whole(dynamics, states, frames, evaluations, seed)
    starts = np.arange(len(frames) - 1)
    if remembers and not settled:
        starts = starts[:1]
    return _again(dynamics, states, momenta, frames, starts, evaluations, seed)


def _again(
    dynamics: Dynamics,
    states: Tensor,
    momenta: Tensor | None,
    frames: np.ndarray,
    starts: np.ndarray,
    evaluations: float,
    seed: int,
) -> Moves | None:
    """The comparison of moves from frame to frame, each replayed from its recorded beginning."""
    size, lengths, remembers = states.shape[1], np.diff(frames), dynamics.method == "leimkuhler_matthews"
    longest = int(lengths[starts].max())
    pairs = min(MOST, EVALUATIONS / (REPLICAS * longest * evaluations))
    if pairs < FEWEST or longest * evaluations > CALLS:
        return None
    most = max(1, int(pairs // min(size, FEWEST)))
    starts = starts[np.unique(np.linspace(0, len(starts) - 1, min(len(starts), most)).round().astype(int))]
    each = int(min(size, max(1, pairs // len(starts))))
    seen, sums = torch.linspace(0, size - 1, each).round().long(), _Sums()
    reach = OUTSIDE * torch.tensor(dynamics.landscape.box).abs().amax(1)
    for length in np.unique(lengths[starts]):
        members = [int(k) for k in starts if lengths[k] == length]
        begin = torch.cat([states[k][seen] for k in members])
        at = torch.cat([torch.full((each,), int(frames[k])) for k in members])
        moving = None if momenta is None else torch.cat([momenta[k][seen] for k in members])
        recorded = torch.cat([states[k + 1][seen] for k in members])
        ends = [torch.where((recorded.abs() < FAR).all(1, keepdim=True), recorded, torch.nan)]  # lost, as in a replay
        for replica in range(REPLICAS):
            number = _seed([seed, 11, int(length), replica])
            local = remembers and members != [0]
            replay = Replay(dynamics, begin, at, int(frames[-1]), number, moving, local=local)
            ends.append(replay.advance(int(length)))
        before = torch.cat([states[k][seen] - states[max(k - 1, 0)][seen] for k in members])
        known = torch.isfinite(torch.cat([begin, before, *ends], dim=1)).all(1) & (begin.abs() < reach).all(1)
        sums.add(numbers_of(dynamics.landscape, begin, before, ends, known, len(members)))
    if sums.count < FEWEST:
        return None
    return _moves(sums.recorded / sums.count, sums.predicted, sums.covariance / sums.count, sums.count, remembers)


class _Sums:
    """Sums over the statistics of recorded and replayed moves, accumulated block by block."""

    def __init__(self) -> None:
        self.count = 0
        self.recorded, self._replayed = np.zeros(len(NAMES)), np.zeros(len(NAMES))
        self._squares, self._kicks, self._chance = np.zeros((len(NAMES), len(NAMES))), 0.0, 0.0

    def add(self, blocks: Iterator[tuple[np.ndarray, np.ndarray]]) -> None:
        for numbers, chance in blocks:
            checkpoint()
            recorded, replayed = numbers[0], numbers[1:]
            apart = (replayed - replayed.mean(axis=0)).reshape(-1, len(NAMES))
            self.count += len(recorded)
            self.recorded += recorded.sum(axis=0)
            self._replayed += replayed.sum(axis=(0, 1))
            self._squares += apart.T @ apart
            self._kicks += replayed[2, :, KICKS].sum()
            self._chance += np.square(chance).sum()

    @property
    def predicted(self) -> np.ndarray:
        """(S,): the means of the replays; for kicks that of the replays that do not define the deterministic part."""
        predicted = self._replayed / (REPLICAS * self.count)
        predicted[KICKS] = self._kicks / self.count
        return predicted

    @property
    def covariance(self) -> np.ndarray:
        """(S, S) the covariance of a recorded move minus the mean of its replays."""
        covariance = self._squares / (self.count * (REPLICAS - 1)) * (1 + 1 / REPLICAS)
        covariance[KICKS], covariance[:, KICKS] = 0.0, 0.0  # kicks are compared with other replays than the rest
        covariance[KICKS, KICKS] = self._chance / self.count
        return covariance


def _whole(dynamics: Dynamics, states: Tensor, frames: np.ndarray, evaluations: float, seed: int) -> Moves | None:
    """The comparison with a replay of the whole run by fewer particles, each averaged over its path.

    Where the particles started at different positions, half as many starts are replayed twice each, so that variation
    between starts is common to both and does not count as an error. Else all particles of the run are compared.
    """
    size, steps = states.shape[1], int(frames[-1])
    count = int(min(size, WHOLE, EVALUATIONS / (steps * evaluations)))
    paired = bool((states[0] != states[0, :1]).any())
    count = count // 2 if paired else count
    if count < FEWEST or size < FEWEST:
        return None
    seen = torch.linspace(0, size - 1, count).round().long()
    begin = states[0][seen].repeat(2, 1) if paired else states[0][seen]
    replay = Replay(dynamics, begin, torch.zeros(len(begin), dtype=torch.long), steps, _seed([seed, 12]))
    replayed = begin.new_empty(2, len(frames), len(begin))  # by components, where gradients are faster
    replayed[:, 0] = begin.t()
    for k, length in enumerate(np.diff(frames)):
        replayed[:, k + 1] = replay.advance(int(length)).t()
    few = replayed[:, :, :: max(1, count // FEW)]
    scales = scale_of(squares_of(few[:, 1:] - few[:, :-1], dim=0))
    unit = typical_of(force_of(dynamics.landscape, few[:, :-1].reshape(2, -1).t()))  # the same for run and replays
    recorded = states[:, seen] if paired else states
    paths = [recorded.permute(2, 0, 1), *(replayed.split(count, dim=2) if paired else [replayed])]
    whole = [finite_in(path) for path in paths]
    if paired:  # a particle that is lost in one of the three paths is left out of all
        whole = [torch.stack(whole).all(0)] * len(paths)
    if min(int(finite.sum()) for finite in whole) < FEWEST:
        return None
    each = [
        _along(dynamics.landscape, path if finite.all() else path[..., finite], scales, unit)
        for path, finite in zip(paths, whole, strict=True)
    ]
    recorded, *replicas = each
    if paired:
        apart = replicas[0] - replicas[1]
        covariance = 1.5 * apart.T @ apart / 2 / len(apart) / len(recorded)  # of one path minus the mean of two
    else:
        covariance = np.cov(replicas[0].T) * (1 / len(recorded) + 1 / len(replicas[0]))
    predicted = np.mean([values.mean(axis=0) for values in replicas], axis=0)
    return _moves(recorded.mean(axis=0), predicted, covariance, len(recorded) * (len(frames) - 1), True)


def _along(landscape: Landscape, path: Tensor, scales: Tensor, unit: Tensor) -> np.ndarray:
    """(N, S): the statistics of a path (2, F, N), averaged over its moves in units of scales (F − 1,); those that need
    more than one path are 0."""
    size, numbers = path.shape[2], np.zeros((path.shape[2], len(NAMES)))
    totals = torch.zeros(AFTER - SIZE, size, dtype=torch.float64)
    frames = max(1, PIECE // max(1, size))
    for first in range(0, len(scales) if size else 0, frames):
        checkpoint()
        part = path[:, first : first + frames + 1].contiguous()
        moves = part.diff(dim=1).div_(scales[first : first + frames, None]).clamp_(-CLIP, CLIP)
        lean = lean_of(landscape, part[:, :-1].reshape(2, -1).t(), unit).view_as(moves)
        x, y = moves
        totals[0] += moves.square().sum((0, 1)).div_(2)
        totals[1] += lean.mul_(moves).sum((0, 1))
        totals[2:4] += moves.sum(1)
        totals[4] += (x * y).sum(0)
    numbers[:, SIZE:AFTER] = totals.t() / len(scales)
    return numbers


def _moves(values: np.ndarray, predicted: np.ndarray, covariance: np.ndarray, pairs: int, remembers: bool) -> Moves:
    errors = np.sqrt(np.diag(covariance))
    errors = np.where(errors > 0, errors, np.nan)
    correlations = covariance / np.nan_to_num(np.outer(errors, errors), nan=1.0)
    if remembers:
        errors[[KICKS, AFTER]] = np.nan
    return Moves(values, predicted, errors, correlations, pairs)


def _seed(parts: list[int]) -> int:
    return int(np.random.default_rng(parts).integers(2**62))

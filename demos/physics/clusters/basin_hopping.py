"""Basin hopping: a random walk over minima, which finds the deepest ones.

Wales & Doye, J. Phys. Chem. A 101 (1997) 5111: move all atoms, minimize, accept with probability min(1, exp(−ΔE/T)).
Many independent walks share each gradient call: a lane whose minimization is done hops at once, while the others go
on, so that no lane ever waits. That makes up for what a compiled loop would save.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch

from demos.common.progress import Progress
from demos.common.statistics import wilson_interval
from demos.gradient_flow.methods.lbfgs import NUMPY, capped, empty_memory, first_move, learn
from demos.physics.bench.endpoint import SAME_MINIMUM
from demos.physics.bench.quench import quench
from demos.physics.clusters.model import Cluster

PAIRS = 5  # of the quasi-Newton memory: the minimizations are short
LOOSE = 0.05  # largest force at which a hop's minimization ends: energies are then right to about 1e-3
NEAR = 0.02  # this close to the target, a minimum is finished properly before it counts
LONGEST = 400  # steps of one minimization: a cluster that has flown apart would take for ever
REPORT_EVERY = 0.03  # seconds


@dataclass(frozen=True)
class Run:
    """One walk: its quenches, the lowest energy it found, and whether that is the target."""

    quenches: int
    energy: float
    hit: bool


@dataclass(frozen=True)
class Search:
    """What a search found. runs are the walks that ended, by a hit or by their budget; `complete` where all did: only
    then is their share of hits an estimate, for a search that stops at its first hit has chosen what it counts.

    best (*shape) and energy: the lowest minimum, its forces at 1e-9. lowest: (quenches of all walks so far, energy,
    positions (*shape)) each time the lowest energy fell. quenches and evaluations: of all walks together.
    """

    best: torch.Tensor
    energy: float
    target: float | None
    runs: tuple[Run, ...]
    lowest: tuple[tuple[int, float, np.ndarray], ...]
    quenches: int
    evaluations: int
    complete: bool
    cancelled: bool

    @property
    def found(self) -> bool:
        return self.target is not None and self.energy <= self.target + SAME_MINIMUM

    @property
    def hits(self) -> int:
        return sum(run.hit for run in self.runs)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the share of walks that find the target within their budget."""
        return wilson_interval(self.hits, len(self.runs))

    def __str__(self) -> str:
        words = f"lowest energy {self.energy:.6f} in {self.quenches:,} minimizations"
        if self.target is not None and self.complete:
            low, high = self.interval
            words += f"; {self.hits} of {len(self.runs)} walks reached {self.target:.6f} (95 %: {low:.0%}–{high:.0%})"
        elif self.target is not None:
            words += f", the best known is {self.target:.6f}"
        return words + (", cancelled" if self.cancelled else "")


def basin_hopping(
    system: Cluster,
    *,
    seed: int = 0,
    runs: int = 16,
    hops: int = 1000,
    lanes: int = 16,
    temperature: float = 0.8,
    reach: float = 0.36,
    surface: float = 0.3,
    target: float | None = None,
    first_hit: bool = True,
    start: str = "random",
    progress: Progress | None = None,
) -> Search:
    """Look for the ground state of a cluster of particles by `runs` walks of `hops` minimizations, `lanes` at a time.

    temperature: of the walk, in units of a well's depth. reach: largest move of a coordinate, as a share of the
    distance at rest over 2^(1/6); it adapts until half the hops are accepted. surface: share of the hops that instead
    put the one to three most loosely bound atoms somewhere else on the surface (Wales & Doye's angular moves).
    target: the energy that ends a walk, by default the system's best known. first_hit: then all walks end.
    The random numbers of a walk come from (seed, its number) alone, but the lanes it shares a product with enter its
    rounding: the same seed and the same lanes give the same bytes. Raises ValueError for budgets that are not positive.
    """
    if min(runs, hops, lanes) < 1 or not temperature > 0:
        raise ValueError(f"runs = {runs}, hops = {hops}, lanes = {lanes}, temperature = {temperature} must be > 0.")
    if target is None and system.ground_state is not None:
        target = system.ground_state.value
    walks = _Walks(system, seed, runs, hops, min(lanes, runs), temperature, reach, surface, target, first_hit, start)
    due, cancelled = perf_counter() + REPORT_EVERY, False
    with np.errstate(all="ignore"), torch.no_grad():
        while not walks.over:
            walks.advance()
            if progress is not None and perf_counter() > due:
                cancelled = progress(min(1.0, walks.quenches / (runs * hops))) is False
                due = perf_counter() + REPORT_EVERY
                if cancelled:
                    break
        best, energy = walks.polished(walks.best)
    if progress is not None and not cancelled:
        progress(1.0)
    return Search(
        best,
        energy,
        target,
        tuple(walks.ended),
        tuple(walks.lowest),
        walks.quenches,
        walks.evaluations,
        len(walks.ended) == runs,
        cancelled,
    )


class _Walks:
    """Lanes of walks in the middle of their minimizations; x, gradient and memory are numpy's, one row a lane."""

    def __init__(self, system, seed, runs, hops, lanes, temperature, reach, surface, target, first_hit, start):
        self.system, self.seed, self.runs, self.hops = system, seed, runs, hops
        self.temperature, self.surface, self.target, self.first_hit = temperature, surface, target, first_hit
        count = system.shape[0]
        unit = system.longest / 0.1 / 2 ** (1 / 6)  # σ
        self.reach, self.longest, self.start_name = reach * unit, system.longest, start
        self.radius = 1.2 * unit * (3 * count / (2 * np.pi)) ** (1 / 3)  # of a ball with half an atom a unit of volume
        self.quenches = self.evaluations = self.slot = self.begun = 0
        self.over, self.ended, self.lowest, self.best = False, [], [], None
        self.lane = [self._new_walk() for _ in range(lanes)]
        self.x = np.stack([walk.trial for walk in self.lane])
        self.age = np.zeros(lanes, dtype=int)
        self.slope = self._gradient(self.x)
        self.memory = empty_memory(torch.from_numpy(self.slope), PAIRS)
        self.move = first_move(NUMPY, self.slope, self.longest)

    def _gradient(self, x: np.ndarray) -> np.ndarray:
        self.evaluations += len(x)
        return self.system.gradient(torch.from_numpy(x)).numpy().reshape(len(x), -1)

    def _new_walk(self) -> _Walk:
        number, self.begun = self.begun, self.begun + 1
        own = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])  # lanes do not enter
        trial = self.system.start(self.start_name, own)[0].numpy().copy()
        return _Walk(trial, np.random.default_rng([own, 5]), self.reach)

    def advance(self) -> None:
        """One quasi-Newton step in every lane; a lane that is at rest hops."""
        move = capped(NUMPY, self.move, self.longest)
        x = self.x + move.reshape(self.x.shape)
        slope = self._gradient(x)
        # the steps as they are after rounding are what the gradients differ by
        s, y = (x - self.x).reshape(slope.shape), slope - self.slope
        self.x, self.slope = x, slope
        self.age += 1
        self.move, _ = learn(NUMPY, self.memory, self.slot, s, y, slope)
        self.move *= -1.0
        self.slot = (self.slot + 1) % PAIRS
        size = np.abs(slope).max(1)
        rests = ~(size > LOOSE) | (self.age >= LONGEST)  # also where it is not a number
        if not rests.any():
            return
        rows = np.flatnonzero(rests)
        energies = self.system.energy(torch.from_numpy(x[rows])).numpy()
        goes_on = np.ones(len(x), dtype=bool)
        for row, energy in zip(rows, energies, strict=True):
            goes_on[row] = self._arrive(row, float(energy), size[row] <= LOOSE)
            if self.over:
                return
        for part in self.memory:
            part[rows] = 0
        self.age[rows] = 0
        self.slope[rows] = self._gradient(self.x[rows])
        self.move[rows] = first_move(NUMPY, self.slope[rows], self.longest)
        if not goes_on.all():
            self._keep(goes_on)

    def _keep(self, goes_on: np.ndarray) -> None:
        """Close the lanes for which no walk is left."""
        self.lane = [walk for walk, stays in zip(self.lane, goes_on, strict=True) if stays]
        self.x, self.slope, self.move, self.age = (part[goes_on] for part in (self.x, self.slope, self.move, self.age))
        self.memory = [part[goes_on] for part in self.memory]

    def _arrive(self, row: int, energy: float, rests: bool) -> bool:
        """The lane's minimization is over: accept or not, note it, and set out again. False where the lane is done."""
        walk = self.lane[row]
        place = self.x[row] - self.x[row].mean(0)
        self.quenches += 1
        walk.quenches += 1
        inside = rests and np.abs(place).max() < 1.5 * self.radius  # no atom has evaporated
        hit = False
        if inside and energy < walk.lowest:
            if self.target is not None and energy < self.target + NEAR and walk.lowest > self.target + SAME_MINIMUM:
                finished, energy = self.polished(place)
                place, hit = finished.numpy(), energy <= self.target + SAME_MINIMUM
            walk.lowest = energy
            if not self.lowest or energy < self.lowest[-1][1]:
                self.lowest.append((self.quenches, energy, place))
                self.best = place
        walk.accept(inside, energy, place, self.temperature)
        if not hit and walk.quenches < self.hops:
            self.x[row] = self._hop(walk)
            return True
        self.ended.append(Run(walk.quenches, walk.lowest, hit))
        self.over = (hit and self.first_hit) or len(self.ended) == self.runs
        if self.begun == self.runs:
            return False
        self.lane[row] = self._new_walk()
        self.x[row] = self.lane[row].trial
        return True

    def _hop(self, walk: _Walk) -> np.ndarray:
        place, random = walk.place.copy(), walk.random
        if random.random() < self.surface:
            loose = min(len(place) - 1, 1 + int(random.integers(0, 4)) // 2)
            sites = self.system.pairs.site_energies(torch.from_numpy(place[None]))[0].numpy()
            direction = random.standard_normal((loose, 3))
            outside = np.linalg.norm(place, axis=1).max()
            place[np.argsort(sites)[-loose:]] = direction * (outside / np.linalg.norm(direction, axis=1, keepdims=True))
        else:
            place += random.uniform(-walk.reach, walk.reach, place.shape)
        return place * np.minimum(1, self.radius / np.linalg.norm(place, axis=1).clip(1e-300))[:, None]

    def polished(self, place: np.ndarray | None) -> tuple[torch.Tensor, float]:
        """The minimum itself, forces at 1e-9, and its energy."""
        if place is None:  # cancelled before anything came to rest
            place = self.x[0]
        path = quench(self.system, torch.from_numpy(place[None]), steps=3000)
        self.evaluations += path.evaluations
        return path.states[-1, 0], float(path.energies[-1, 0])


class _Walk:
    """One Markov chain of minima."""

    def __init__(self, trial: np.ndarray, random: np.random.Generator, reach: float):
        self.trial, self.random, self.reach = trial, random, reach
        self.place, self.energy, self.lowest = trial, np.inf, np.inf
        self.quenches = self.accepted = 0

    def accept(self, allowed: bool, energy: float, place: np.ndarray, temperature: float) -> None:
        """Metropolis, and a reach that aims at half the hops accepted."""
        if allowed and (energy <= self.energy or self.random.random() < np.exp((self.energy - energy) / temperature)):
            self.place, self.energy = place, energy
            self.accepted += 1
        if self.quenches % 50 == 0:
            self.reach *= 1 / 0.9 if self.accepted > 25 else 0.9
            self.accepted = 0

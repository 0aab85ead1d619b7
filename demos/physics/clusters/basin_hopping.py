"""Basin hopping: a random walk over minima, which finds the deepest ones.

Wales & Doye, J. Phys. Chem. A 101 (1997) 5111: move all atoms, minimize, accept with probability min(1, exp(−ΔE/T)).
Many independent walks are replicas ("lanes") of one run of L-BFGS: a lane whose minimization has converged makes its
next hop at once, while the others continue, so that no lane waits for another. This makes Python about as fast as a
compiled loop over single walks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from demos.common.numbers import counted
from demos.common.progress import Progress
from demos.common.statistics import wilson_interval
from demos.gradient_flow import GradientFlow, Restart, solve
from demos.physics.bench.endpoint import SAME_MINIMUM
from demos.physics.bench.quench import quench
from demos.physics.clusters.model import Cluster

PAIRS = 5  # pairs in the memory of L-BFGS: the minimizations are short
LOOSE = 0.05  # largest force at which a hop's minimization ends: the energy is then right to about 1e-3
NEAR = 0.02  # a minimum whose energy is within this of the target is converged fully before it is compared
LONGEST = 400  # most steps of one minimization: that of a cluster that has broken up would not end


@dataclass(frozen=True)
class Run:
    """One walk: number of minimizations (quenches), lowest energy found, and whether that is the target."""

    quenches: int
    energy: float
    hit: bool


@dataclass(frozen=True)
class Search:
    """The result of a search.

    runs: the walks that ended, by a hit or by their budget. complete: whether all walks ended; only then is the share
    of hits an unbiased estimate, because a search that stops at its first hit has selected its walks.
    best (*shape) and energy: the lowest minimum, converged to forces of 1e-9. lowest: (quenches of all walks so far,
    energy, positions (*shape)) for each new lowest energy. quenches, evaluations: of all walks together.
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
            walks = counted(len(self.runs), "walk")
            words += f"; {self.hits} of {walks} reached {self.target:.6f} (95 %: {low:.0%}–{high:.0%})"
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
    equilibrium distance over 2^(1/6); it adapts until half the hops are accepted. surface: share of the hops that
    instead move one to three of the most weakly bound atoms to another place on the surface (Wales & Doye's angular
    moves).
    target: the energy at which a walk ends, by default the best known one. first_hit: end all walks at the first hit.
    The random numbers of a walk depend on (seed, its number) alone, but its rounding errors depend on the other lanes
    of the same matrix product: the same seed and the same lanes give the same bytes. Raises ValueError for budgets that
    are not positive.
    """
    if min(runs, hops, lanes) < 1 or not temperature > 0:
        raise ValueError(f"runs = {runs}, hops = {hops}, lanes = {lanes}, temperature = {temperature} must be > 0.")
    if target is None and system.ground_state is not None:
        target = system.ground_state.value
    walks = _Walks(system, seed, runs, hops, min(lanes, runs), temperature, reach, surface, target, first_hit, start)
    fraction = lambda _: None if progress is None else progress(min(1.0, walks.quenches / (runs * hops)))
    with np.errstate(all="ignore"):
        path = solve(
            GradientFlow(gradient=walks.gradient),
            torch.from_numpy(np.stack([walk.trial for walk in walks.lane])),
            range(1 + runs * hops * LONGEST),
            "lbfgs",
            record=2,
            progress=fraction,
            restart=walks.restart,
            pairs=PAIRS,
            newton=0.0,
            longest=system.longest,
        )
        cancelled = path.status.kind == "cancelled"
        # cancelled before any minimization ended: take the first walk's current state
        best, energy = walks.polished(path.states[-1, 0].numpy() if walks.best is None else walks.best)
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
    """The state of all lanes: walks whose minimizations are replicas of one run of L-BFGS."""

    def __init__(
        self,
        system: Cluster,
        seed: int,
        runs: int,
        hops: int,
        lanes: int,
        temperature: float,
        reach: float,
        surface: float,
        target: float | None,
        first_hit: bool,
        start: str,
    ):
        self.system, self.seed, self.runs, self.hops = system, seed, runs, hops
        self.temperature, self.surface, self.target, self.first_hit = temperature, surface, target, first_hit
        count = system.shape[0]
        unit = system.longest / 0.1 / 2 ** (1 / 6)  # σ
        self.reach, self.start_name = reach * unit, start
        self.radius = 1.2 * unit * (3 * count / (2 * np.pi)) ** (1 / 3)  # 1.2 × that of a ball of density ½ per σ³
        self.quenches = self.evaluations = self.begun = 0
        self.over = False
        self.ended: list[Run] = []
        self.lowest: list[tuple[int, float, np.ndarray]] = []
        self.best: np.ndarray | None = None
        self.lane = [self._new_walk() for _ in range(lanes)]
        self.steps, self.began = 0, np.zeros(lanes, dtype=int)  # steps so far; the step at which each lane began
        self.patience = LONGEST  # the step at which the oldest minimization is stopped

    def gradient(self, x: torch.Tensor, t: float = 0.0) -> torch.Tensor:
        self.evaluations += len(x)
        return self.system.gradient(x)

    def _new_walk(self) -> _Walk:
        number, self.begun = self.begun, self.begun + 1
        own = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])  # independent of the lane
        trial = self.system.start(self.start_name, own)[0].numpy().copy()
        return _Walk(trial, np.random.default_rng([own, 5]), self.reach)

    def restart(self, x: torch.Tensor, gradient: torch.Tensor) -> Restart | None:
        """Called after every quasi-Newton step: a lane whose minimization has ended starts its next hop, or is removed
        where no walk is left."""
        self.steps += 1
        size = np.maximum.reduce(np.abs(gradient.numpy().reshape(len(self.lane), -1)), 1)
        if np.minimum.reduce(size) > LOOSE and self.steps < self.patience:
            return None
        rows = np.flatnonzero(~(size > LOOSE) | (self.steps - self.began >= LONGEST))  # written so that nan ends, too
        energies = self.system.energy(torch.from_numpy(x.numpy()[rows])).numpy()
        starts = np.empty((len(rows), *x.shape[1:]))
        stays = np.ones(len(x), dtype=bool)
        for i, (row, energy) in enumerate(zip(rows, energies, strict=True)):
            trial = self._arrive(int(row), x[row].numpy(), float(energy), size[row] <= LOOSE)
            if self.over:
                return Restart(leaving=np.arange(len(x)))
            stays[row] = trial is not None
            starts[i] = 0.0 if trial is None else trial
        self.began[rows] = self.steps
        self.lane = [walk for walk, on in zip(self.lane, stays, strict=True) if on]
        self.began = self.began[stays]
        self.patience = LONGEST + int(self.began.min(initial=self.steps))
        hop = stays[rows]
        return Restart(rows[hop], torch.from_numpy(starts[hop]), np.flatnonzero(~stays))

    def _arrive(self, row: int, x: np.ndarray, energy: float, rests: bool) -> np.ndarray | None:
        """Accept or reject the minimum that a lane has reached, and record it. Returns the start of the lane's next
        minimization, None where no walk is left."""
        walk = self.lane[row]
        place = x - x.mean(0)
        self.quenches += 1
        walk.quenches += 1
        inside = rests and np.abs(place).max() < 1.5 * self.radius  # False if an atom has evaporated
        hit = False
        if inside and energy < walk.lowest:
            if self.target is not None and energy < self.target + NEAR and walk.lowest > self.target + SAME_MINIMUM:
                finished, energy = self.polished(place)
                place, hit = finished.numpy(), energy <= self.target + SAME_MINIMUM
            walk.lowest = energy
            if not self.lowest or energy < self.lowest[-1][1]:
                self.lowest.append((self.quenches, energy, place))
                self.best = place
        walk.accept(bool(inside), energy, place, self.temperature)
        if not hit and walk.quenches < self.hops:
            return self._hop(walk)
        self.ended.append(Run(walk.quenches, walk.lowest, hit))
        self.over = (hit and self.first_hit) or len(self.ended) == self.runs
        if self.begun == self.runs:
            return None
        self.lane[row] = self._new_walk()
        return self.lane[row].trial

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

    def polished(self, place: np.ndarray) -> tuple[torch.Tensor, float]:
        """The minimum near `place`, converged to forces of 1e-9, and its energy."""
        path = quench(self.system, torch.from_numpy(place[None]), steps=3000)
        self.evaluations += path.evaluations
        return path.states[-1, 0], float(self.system.energy(path.states[-1, :1])[0])


class _Walk:
    """One Markov chain of minima."""

    def __init__(self, trial: np.ndarray, random: np.random.Generator, reach: float):
        self.trial, self.random, self.reach = trial, random, reach
        self.place, self.energy, self.lowest = trial, np.inf, np.inf
        self.quenches = self.accepted = 0

    def accept(self, allowed: bool, energy: float, place: np.ndarray, temperature: float) -> None:
        """Metropolis' rule; the reach is adapted so that half the hops are accepted."""
        if allowed and (energy <= self.energy or self.random.random() < np.exp((self.energy - energy) / temperature)):
            self.place, self.energy = place, energy
            self.accepted += 1
        if self.quenches % 50 == 0:
            self.reach *= 1 / 0.9 if self.accepted > 25 else 0.9
            self.accepted = 0

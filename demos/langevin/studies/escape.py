"""Escape over a barrier: the time of each particle from its well to the bottom of the next one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.contract import Check
from demos.contract.running import demo_run
from demos.gradient_flow import solve
from demos.landscapes import Landscape, Profile
from demos.langevin.config import MOST_WORK, LangevinConfig
from demos.langevin.exact import kernel
from demos.langevin.exact.escape import Survival, eyring_kramers, first_passage, kramers_rate, mean_first_passage
from demos.langevin.exact.phase_space import Passage, underdamped_passage
from demos.langevin.samplers import OVERDAMPED
from demos.langevin.setup import Setup
from demos.langevin.simulate import step_times

PARTICLES = 1_000
WORK = MOST_WORK  # most gradient evaluations of the study
MEANS = 5.0  # the horizon in mean escape times: exp(−5) = 0.7 % have not escaped by then
DEEP = 30.0  # the kernel's box covers energies up to this many kT
COARSEST = 0.5  # the longest step as h L, or h√(L/m)
OVERSHOOT = 0.5826  # −ζ(½)/√(2π): a barrier observed only at steps acts as if shifted by so many standard deviations


@dataclass(frozen=True)
class Escape:
    """arrivals (n,): escape times, NaN where a particle had not arrived by `horizon`.

    exact: the mean first-passage time in continuous time; kramers: that of Kramers' formula; expected: the mean of
    min(τ, horizon) for this method and step, with the error `floor`; survival: the survival function in continuous time
    (for underdamped dynamics only at late times).
    """

    start: float
    target: float
    arrivals: np.ndarray
    horizon: float
    kramers: float
    barrier: float  # ΔU/kT
    exact: float
    expected: float
    floor: float
    source: str
    survival: Survival
    inertia: bool = False

    @property
    def restricted(self) -> np.ndarray:
        """min(τ, horizon)."""
        return np.where(np.isnan(self.arrivals), self.horizon, self.arrivals)


@dataclass(frozen=True)
class Barrier:
    """A path along x from one well over a barrier to the next: x of bottom, top and bottom, at y = level."""

    start: float
    top: float
    target: float
    level: float
    profile: Profile

    @property
    def height(self) -> float:
        return float(self.profile(np.array([self.top]))[0] - self.profile(np.array([self.start]))[0])

    @property
    def curvatures(self) -> tuple[float, float]:
        """U'' at the first bottom and at the top."""
        bottom, top = self.profile.second_derivative(np.array([self.start, self.top]))
        return float(bottom), float(top)


def barrier_of(landscape: Landscape) -> Barrier | None:
    """The barrier between the leftmost well and its neighbour along x; None where there is no such path."""
    if landscape.separable is None or len(landscape.minima) < 2 or not landscape.saddles:
        return None
    first = min(landscape.minima, key=lambda place: place.position)
    in_line = lambda place: abs(place.position[1] - first.position[1]) < 1e-6
    wells = [place for place in landscape.minima if in_line(place) and place is not first]
    if not wells:
        return None
    start, level = first.position
    target = min(place.position[0] for place in wells)
    tops = [place.position[0] for place in landscape.saddles if in_line(place) and start < place.position[0] < target]
    return Barrier(start, tops[0], target, level, landscape.separable[0]) if tops else None


@demo_run
def escape_study(config: LangevinConfig, progress: Progress | None = None) -> Escape:
    """Follow particles from the first well to the bottom of the second.

    Raises ValueError where the potential has no such path, or where the escape would take too long to follow.
    """
    return measure_escapes(Setup.of(config), progress)


def measure_escapes(setup: Setup, progress: Progress | None = None) -> Escape:
    """As `escape_study`, for a setup."""
    config, kT, h = setup.config, setup.kT, setup.config.step
    barrier = barrier_of(setup.landscape)
    if barrier is None or config.method == "hmc" or not setup.is_constant:
        raise ValueError(
            "Escape times need a constant temperature, a method with a clock, and a potential with two "
            "wells along x: double well, tilted double well or egg-carton."
        )
    overdamped = config.method in OVERDAMPED
    well, top = barrier.curvatures
    longest = COARSEST / well if overdamped else COARSEST / np.sqrt(well / config.mass)
    if h > longest:
        raise ValueError(
            f"Escape times need a step of at most {longest:.3g} here, a quarter of the stability limit: a "
            f"longer one leaps over the barrier instead of climbing it."
        )
    height, ends = barrier.height / kT, (barrier.start, barrier.target)
    with np.errstate(over="ignore"):  # at low temperature the time overflows to inf
        if overdamped:
            kramers = eyring_kramers(well, top, height * kT, kT)
            exact = mean_first_passage(barrier.profile, *ends, kT)
        else:
            rate = kramers_rate(well, top, height * kT, kT, config.friction, config.mass)
            kramers = exact = float(1 / np.float64(max(rate, 1e-300)))
    _check_work(setup, exact if overdamped else kramers / 2)  # underdamped escape is at most about twice as fast
    passage = None
    if not overdamped:
        derivative = barrier.profile.derivative
        passage = underdamped_passage(barrier.profile, derivative, *ends, kT, config.friction, config.mass)
        exact = passage.mean
        _check_work(setup, exact)
    steps = int(np.ceil(MEANS * exact / h))
    arrivals = _arrivals(setup, barrier, steps, progress)
    horizon = steps * h
    if passage is None:
        survival = first_passage(barrier.profile, *ends, kT)
        expected, floor = _expected(setup, barrier, exact, survival, horizon)
        source = "mean first-passage quadrature, for this step and horizon"
    else:
        survival = Survival(np.array([passage.rate]), np.array([passage.amplitude]))
        source = "Kramers–Fokker–Planck equation in phase space, for this step and horizon"
        expected, floor = _expected_underdamped(setup, passage, max(abs(well), abs(top)), horizon)
    return Escape(
        *ends, arrivals, horizon, kramers, height, exact, expected, floor, source, survival, inertia=not overdamped
    )


def _check_work(setup: Setup, mean: float) -> None:
    config = setup.config
    work = MEANS * mean / config.step * config.step_work(config.method, PARTICLES)
    if not work <= WORK:
        takes = f"takes {mean:.3g} on average" if mean < 1e100 else "takes longer than anyone can wait"
        raise ValueError(
            f"An escape {takes}: to follow {PARTICLES:,} particles for {MEANS:g} times as long is "
            f"{work / WORK:.2g} × what is allowed; raise the temperature or the step size."
        )


def _arrivals(setup: Setup, barrier: Barrier, steps: int, progress: Progress | None) -> np.ndarray:
    """The time of the first step at which each particle is beyond the target, (PARTICLES,); NaN without one."""
    config = setup.config
    arrivals = torch.full((PARTICLES,), float("nan"), dtype=torch.float64)

    def observe(x: Tensor, t: float) -> float:
        arrivals[(x[:, 0] >= barrier.target) & arrivals.isnan()] = t
        return 0.0

    solve(
        setup.flow,
        torch.tensor((barrier.start, barrier.level)).repeat(PARTICLES, 1),
        step_times(steps, config.step),
        config.method,
        seed=config.seed,
        record=steps + 1,
        observe=observe,
        progress=progress,
        **config.options_of(config.method),
    )
    return arrivals.numpy()


def _expected(setup: Setup, barrier: Barrier, exact: float, survival: Survival, horizon: float) -> tuple[float, float]:
    """The expected mean of min(τ, horizon) for this method, and the size of the neglected terms.

    It differs from the exact mean for three reasons: a crossing is observed only at steps, as if the target were
    0.5826 √(2kT h) farther (Siegmund 1979; Broadie, Glasserman & Kou, Math. Finance 7 (1997) 325); the method's rate
    differs from λ₁ by its step-size error (from the kernel); and the horizon cuts the tail.
    """
    kT, h, method = setup.kT, setup.config.step, setup.config.method
    start, target, profile = barrier.start, barrier.target, barrier.profile
    later = mean_first_passage(profile, start, target + OVERSHOOT * np.sqrt(2 * kT * h), kT)
    s = np.linspace(start - 2.5, target + 2.5, 2001)
    height = profile(s) - profile(s).min()
    low, high = s[height < DEEP * kT][[0, -1]]
    try:
        own = kernel.relaxation_rate(method, profile.derivative, kT, h, low, high)
        finer = kernel.relaxation_rate(method, profile.derivative, kT, h / 2, low, high)
        slower = (2 * finer - own) / own  # Richardson extrapolation: λ₁ at step 0 over λ₁ at this step
        neglected = abs(slower - 1) ** 2 + 2e-3
    except ValueError:
        slower, neglected = 1.0, h * abs(barrier.curvatures[0]) / 2
    cut = float(survival.survival(np.array([horizon / slower]))[0]) / survival.tail_rate * slower
    return later * slower - cut, later * neglected


def _expected_underdamped(setup: Setup, passage: Passage, curvature: float, horizon: float) -> tuple[float, float]:
    """The same for underdamped dynamics. A crossing is observed at the end of its step, half a step late on average.
    Neglected are the error of the grid and that of the splitting, of the order h² L/4m as in a quadratic well."""
    h, mass = setup.config.step, setup.config.mass
    cut = passage.amplitude * np.exp(-passage.rate * horizon) / passage.rate
    neglected = passage.error + h**2 * curvature / mass / 4
    return passage.mean + h / 2 - float(cut), passage.mean * neglected


def escape_checks(escape: Escape) -> list[Check]:
    """The row of the measured mean against the expected one; its note gives the difference of Kramers' formula."""
    restricted = escape.restricted
    error = float(restricted.std(ddof=1) / np.sqrt(len(restricted)))
    formula = "Kramers' formula" if escape.inertia else "the formula of Eyring and Kramers"
    return [
        Check(
            "mean time to reach the next well",
            float(restricted.mean()),
            escape.expected,
            error,
            escape.floor,
            source=escape.source,
            note=f"Seen up to t = {escape.horizon:.4g}; followed for ever: {escape.exact:.4g}; {formula}, the limit "
            f"of a high barrier{' at moderate or strong friction' if escape.inertia else ''}, gives "
            f"{escape.kramers:.4g} ({escape.kramers / escape.exact - 1:+.0%}, with "
            f"ΔU/kT = {escape.barrier:.3g}).",
        )
    ]

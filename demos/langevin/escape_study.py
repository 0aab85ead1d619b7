"""Escape over a barrier: each particle is followed from its well to the bottom of the next one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.demo import Check, Progress
from demos.gradient_flow import solve
from demos.landscapes import Landscape, Profile
from demos.langevin.config import MOST_WORK, LangevinConfig, landscape_of, options_of, step_work
from demos.langevin.exact import kernel
from demos.langevin.exact.escape import Survival, eyring_kramers, first_passage, kramers_rate, mean_first_passage
from demos.langevin.simulate import flow_of
from demos.langevin.truth import OVERDAMPED

PARTICLES = 1_000
WORK = MOST_WORK  # gradient evaluations of the study
MEANS = 5.0  # followed so many mean escape times: exp(−5) = 0.7 % are still in
DEEP = 30.0  # kT: the kernel's box holds what is not higher
COARSEST = 0.5  # h L, or h√(L/m)
OVERSHOOT = 0.5826  # −ζ(½)/√(2π): a walk seen only at its steps crosses late by so many of their standard deviations


@dataclass(frozen=True)
class Escape:
    """arrivals (n,) in time units, NaN where a particle had not arrived by `horizon`.

    exact: the mean first-passage time by quadrature; kramers: the formula; law: the exact law of the arrival times
    (overdamped methods only, then also `expected`: the mean up to the horizon for this method, step and horizon).
    """

    start: float
    target: float
    arrivals: np.ndarray
    horizon: float
    kramers: float
    barrier: float  # ΔU/kT
    exact: float | None = None
    law: Survival | None = None
    expected: float | None = None
    floor: float = 0.0

    @property
    def restricted(self) -> np.ndarray:
        """min(τ, horizon)."""
        return np.where(np.isnan(self.arrivals), self.horizon, self.arrivals)


def places(landscape: Landscape) -> tuple[float, float, float] | None:
    """Bottom of the first well, top of the barrier, bottom of the next one, along x; None where x is no such path."""
    if landscape.separable is None or len(landscape.minima) < 2 or not landscape.saddles:
        return None
    first = min(landscape.minima, key=lambda place: place.position)
    level = [p for p in landscape.minima if abs(p.position[1] - first.position[1]) < 1e-6 and p is not first]
    if not level:
        return None
    second = min(level, key=lambda place: place.position[0])
    between = [p for p in landscape.saddles if first.position[0] < p.position[0] < second.position[0]
               and abs(p.position[1] - first.position[1]) < 1e-6]
    return (first.position[0], between[0].position[0], second.position[0]) if between else None


def escape_study(config: LangevinConfig, progress: Progress | None = None) -> Escape:
    """Follow particles from the first well to the bottom of the second.

    Raises ValueError where the potential has no such path, or where the escape would take too long to follow.
    """
    landscape = landscape_of(config)
    path = places(landscape)
    if path is None or config.method == "hmc" or config.schedule != "constant":
        raise ValueError("Escape times need a constant temperature, a method with a clock, and a potential with two "
                         "wells along x: double well, tilted double well or egg-carton.")
    start, top, target = path
    level = min(landscape.minima, key=lambda place: place.position[0]).position[1]
    profile, kT, h = landscape.separable[0], config.temperature, config.step
    barrier = float(profile(np.array([top]))[0] - profile(np.array([start]))[0]) / kT
    bend = [float(profile.bend(np.array([s]))[0]) for s in (start, top)]
    overdamped = config.method in OVERDAMPED
    longest = COARSEST / bend[0] if overdamped else COARSEST / np.sqrt(bend[0] / config.mass)
    if h > longest:
        raise ValueError(f"Escape times need a step of at most {longest:.3g} here, a quarter of the stability limit: a "
                         f"longer one leaps over the barrier instead of climbing it.")
    with np.errstate(over="ignore"):  # a cold particle never leaves
        if overdamped:
            kramers = eyring_kramers(bend[0], bend[1], barrier * kT, kT)
        else:
            kramers = float(1 / np.float64(max(
                kramers_rate(bend[0], bend[1], barrier * kT, kT, config.friction, config.mass), 1e-300)))
        exact = mean_first_passage(profile, start, target, kT)
    mean = exact if overdamped else kramers
    work = MEANS * mean / h * step_work(config.method, config, PARTICLES)
    if not work <= WORK:
        takes = f"takes {mean:.3g} on average" if mean < 1e100 else "takes longer than anyone can wait"
        raise ValueError(f"An escape {takes}: to follow {PARTICLES:,} particles for {MEANS:g} times as long is "
                         f"{work / WORK:.2g} × what is allowed; raise the temperature or the step size.")
    steps = int(np.ceil(MEANS * mean / h))
    arrivals = _follow(config, (start, level), target, steps, progress)
    horizon = steps * h
    if not overdamped:
        return Escape(start, target, arrivals, horizon, kramers, barrier)
    law = first_passage(profile, start, target, kT)
    expected, floor = _expected(config, profile, (start, target), exact, law, horizon)
    return Escape(start, target, arrivals, horizon, kramers, barrier, exact, law, expected, floor)


def _follow(config: LangevinConfig, start: tuple[float, float], target: float, steps: int,
            progress: Progress | None) -> np.ndarray:
    arrivals = torch.full((PARTICLES,), float("nan"), dtype=torch.float64)

    def look(x: Tensor, t: float) -> float:
        new = (x[:, 0] >= target) & arrivals.isnan()
        arrivals[new] = t
        return 0.0

    begin = torch.tensor(start).repeat(PARTICLES, 1)
    solve(flow_of(config), begin, torch.arange(steps + 1, dtype=torch.float64) * config.step, config.method,
          seed=config.seed, record=steps + 1, observe=look, progress=progress, **options_of(config.method, config))
    return arrivals.numpy()


def _expected(config: LangevinConfig, profile: Profile, ends: tuple[float, float], exact: float, law: Survival,
              horizon: float) -> tuple[float, float]:
    """The mean up to the horizon that this method should show, and what is neglected.

    Three things separate it from the continuous mean: a walk seen at its steps crosses late, as if the target lay
    0.5826 √(2kT h) farther (Siegmund 1979; Broadie, Glasserman & Kou, Math. Finance 7 (1997) 325); the method's own
    rate differs from λ₁ by its step-size error (kernel); and the horizon cuts the tail.
    """
    kT, h = config.temperature, config.step
    start, target = ends
    later = mean_first_passage(profile, start, target + OVERSHOOT * np.sqrt(2 * kT * h), kT)
    s = np.linspace(start - 2.5, target + 2.5, 2001)
    height = profile(s) - profile(s).min()
    low, high = s[height < DEEP * kT][[0, -1]]
    try:
        own = kernel.relaxation_rate(config.method, profile.slope, kT, h, low, high)
        finer = kernel.relaxation_rate(config.method, profile.slope, kT, h / 2, low, high)
        slower = (2 * finer - own) / own  # Richardson: λ₁ without a step over λ₁ with it
        neglected = abs(slower - 1) ** 2 + 2e-3
    except ValueError:
        slower, neglected = 1.0, h * abs(float(profile.bend(np.array([start]))[0])) / 2
    cut = float(law.survival(np.array([horizon / slower]))[0]) / law.tail_rate * slower
    return later * slower - cut, later * neglected


def escape_checks(found: Escape) -> list[Check]:
    restricted = found.restricted
    error = float(restricted.std(ddof=1) / np.sqrt(len(restricted)))
    name = f"mean escape time, seen up to t = {found.horizon:.4g}"
    if found.exact is None:
        # Kramers' formula neglects the return after a crossing and energy diffusion: right to a factor of this order
        neglected = found.kramers * min(0.5, 1 / found.barrier + 0.2)
        return [Check(name, float(restricted.mean()), found.kramers, error, neglected,
                      source="Kramers' formula for this friction")]
    return [
        Check(name, float(restricted.mean()), found.expected, error, found.floor,
              source="mean first-passage quadrature, for this step and horizon",
              note=f"Followed for ever in continuous time: {found.exact:.5g}."),
        Check("Kramers' formula for it", found.kramers, found.exact, 0.0, found.exact / found.barrier,
              source="mean first-passage quadrature",
              note="The formula is the limit of low temperature: off by an order of kT/ΔU."),
    ]

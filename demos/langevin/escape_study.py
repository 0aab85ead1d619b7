"""Escape over a barrier: each particle is followed from its well to the bottom of the next one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.contract import Check
from demos.gradient_flow import solve
from demos.landscapes import Landscape, Profile
from demos.langevin.config import MOST_WORK, LangevinConfig, landscape_of, options_of, step_work
from demos.langevin.exact import kernel
from demos.langevin.exact.escape import Survival, eyring_kramers, first_passage, kramers_rate, mean_first_passage
from demos.langevin.exact.phase_space import Passage, underdamped_passage
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

    exact: the mean first-passage time in continuous time; kramers: the formula's; expected: the mean up to the horizon
    for this method, step and horizon, right to `floor`; law: of the arrival times, exact in continuous time (with
    inertia: of the late ones only).
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
    law: Survival
    inertia: bool = False

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
    between = [
        p
        for p in landscape.saddles
        if first.position[0] < p.position[0] < second.position[0] and abs(p.position[1] - first.position[1]) < 1e-6
    ]
    return (first.position[0], between[0].position[0], second.position[0]) if between else None


def escape_study(config: LangevinConfig, progress: Progress | None = None) -> Escape:
    """Follow particles from the first well to the bottom of the second.

    Raises ValueError where the potential has no such path, or where the escape would take too long to follow.
    """
    landscape = landscape_of(config)
    path = places(landscape)
    if path is None or config.method == "hmc" or config.schedule != "constant":
        raise ValueError(
            "Escape times need a constant temperature, a method with a clock, and a potential with two "
            "wells along x: double well, tilted double well or egg-carton."
        )
    start, top, target = path
    level = min(landscape.minima, key=lambda place: place.position[0]).position[1]
    profile, kT, h = landscape.separable[0], config.temperature, config.step
    barrier = float(profile(np.array([top]))[0] - profile(np.array([start]))[0]) / kT
    bend = [float(profile.bend(np.array([s]))[0]) for s in (start, top)]
    overdamped = config.method in OVERDAMPED
    longest = COARSEST / bend[0] if overdamped else COARSEST / np.sqrt(bend[0] / config.mass)
    if h > longest:
        raise ValueError(
            f"Escape times need a step of at most {longest:.3g} here, a quarter of the stability limit: a "
            f"longer one leaps over the barrier instead of climbing it."
        )
    with np.errstate(over="ignore"):  # a cold particle never leaves
        if overdamped:
            kramers = eyring_kramers(bend[0], bend[1], barrier * kT, kT)
            exact = mean_first_passage(profile, start, target, kT)
        else:
            rate = kramers_rate(bend[0], bend[1], barrier * kT, kT, config.friction, config.mass)
            kramers = exact = float(1 / np.float64(max(rate, 1e-300)))
    _check_work(config, exact if overdamped else kramers / 2)  # no friction lets it leave twice as fast
    if not overdamped:
        passage = underdamped_passage(profile, profile.slope, start, target, kT, config.friction, config.mass)
        exact = passage.mean
        _check_work(config, exact)
    steps = int(np.ceil(MEANS * exact / h))
    arrivals = _follow(config, (start, level), target, steps, progress)
    horizon = steps * h
    if overdamped:
        law = first_passage(profile, start, target, kT)
        expected, floor = _expected(config, profile, (start, target), exact, law, horizon)
        source = "mean first-passage quadrature, for this step and horizon"
    else:
        law = Survival(np.array([passage.rate]), np.array([passage.amplitude]))
        source = "Kramers–Fokker–Planck equation in phase space, for this step and horizon"
        expected, floor = _expected_underdamped(config, passage, max(map(abs, bend)), horizon)
    return Escape(
        start, target, arrivals, horizon, kramers, barrier, exact, expected, floor, source, law, inertia=not overdamped
    )


def _check_work(config: LangevinConfig, mean: float) -> None:
    work = MEANS * mean / config.step * step_work(config.method, config, PARTICLES)
    if not work <= WORK:
        takes = f"takes {mean:.3g} on average" if mean < 1e100 else "takes longer than anyone can wait"
        raise ValueError(
            f"An escape {takes}: to follow {PARTICLES:,} particles for {MEANS:g} times as long is "
            f"{work / WORK:.2g} × what is allowed; raise the temperature or the step size."
        )


def _follow(
    config: LangevinConfig, start: tuple[float, float], target: float, steps: int, progress: Progress | None
) -> np.ndarray:
    arrivals = torch.full((PARTICLES,), float("nan"), dtype=torch.float64)

    def look(x: Tensor, t: float) -> float:
        new = (x[:, 0] >= target) & arrivals.isnan()
        arrivals[new] = t
        return 0.0

    begin = torch.tensor(start).repeat(PARTICLES, 1)
    solve(
        flow_of(config),
        begin,
        torch.arange(steps + 1, dtype=torch.float64) * config.step,
        config.method,
        seed=config.seed,
        record=steps + 1,
        observe=look,
        progress=progress,
        **options_of(config.method, config),
    )
    return arrivals.numpy()


def _expected(
    config: LangevinConfig, profile: Profile, ends: tuple[float, float], exact: float, law: Survival, horizon: float
) -> tuple[float, float]:
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


def _expected_underdamped(config: LangevinConfig, passage: Passage, bend: float, horizon: float) -> tuple[float, float]:
    """The same with inertia. A crossing is seen at the end of its step, half a step late; nobody turns back so soon.
    Neglected: the grid, and the splitting's own error, of the order h² L/4m as in a quadratic well."""
    cut = passage.amplitude * np.exp(-passage.rate * horizon) / passage.rate
    neglected = passage.error + config.step**2 * bend / config.mass / 4
    return passage.mean + config.step / 2 - float(cut), passage.mean * neglected


def escape_checks(found: Escape) -> list[Check]:
    """The measured mean beside the expected one; how far Kramers' formula is from it stands in the note."""
    restricted = found.restricted
    error = float(restricted.std(ddof=1) / np.sqrt(len(restricted)))
    formula = "Kramers' formula" if found.inertia else "the formula of Eyring and Kramers"
    return [
        Check(
            f"mean escape time, seen up to t = {found.horizon:.4g}",
            float(restricted.mean()),
            found.expected,
            error,
            found.floor,
            source=found.source,
            note=f"Followed for ever in continuous time: {found.exact:.5g}; {formula}, the limit of a high "
            f"barrier{' at moderate or strong friction' if found.inertia else ''}, gives "
            f"{found.kramers:.5g} ({found.kramers / found.exact - 1:+.0%}, with "
            f"ΔU/kT = {found.barrier:.3g}).",
        )
    ]

"""Checks of planar spins at T > 0 against equilibrium: vortices and their partners, energy and temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.common.numbers import number
from demos.contract import Check
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.equilibrium import forgets, known, missing_waves, scatter, separate_frames
from demos.physics.xy_magnet.helicity import modulus_check
from demos.physics.xy_magnet.monte_carlo import NEAR
from demos.physics.xy_magnet.partners import MOST_MATCHED, partner_distances
from demos.physics.xy_magnet.simulate import SpinPath, rugh_temperature, stability_limit

MONTE_CARLO = "a long Monte Carlo run (equilibrium.json)"
BIAS = 0.3  # factor of (hL/4)² in the bias of Leimkuhler–Matthews, in units of kT
SETTLED = 1.0  # 1/J: time after which neighbours are in equilibrium with the noise
RARE = 12.0  # least number of independent pairs in all compared frames: that of fewer is not normally distributed
LONG = 0.1  # step above which the small-step error estimate does not hold


@dataclass(frozen=True)
class Partners:
    """The vortex pairs of the second half of the frames: distances between partners, number of frames and of pairs."""

    distances: np.ndarray
    frames: int
    crowded: bool

    @property
    def pairs(self) -> float:
        """The mean number in a frame."""
        return len(self.distances) / max(self.frames, 1)

    @property
    def far(self) -> float:
        """The share that is farther than NEAR sites from its partner."""
        return float((self.distances > NEAR + 1e-6).mean()) if len(self.distances) else 0.0

    @property
    def farthest(self) -> float:
        return float(self.distances.max(initial=0.0))


def second_half(run: SpinPath) -> np.ndarray:
    """The frames of the second half of the time."""
    return np.flatnonzero(run.times >= run.times[-1] / 2)


def partners(run: SpinPath) -> Partners:
    """The pairs of each frame of the second half; frames with more than MOST_MATCHED pairs are not matched."""
    frames = second_half(run)
    crowded = bool((run.pairs[frames] > MOST_MATCHED).any())
    found = [] if crowded else [partner_distances(*run.vortices[i], run.model.size) for i in frames]
    return Partners(np.concatenate(found) if found else np.zeros(0), len(frames), crowded)


def warm_checks(config: XYMagnetConfig, run: SpinPath) -> list[Check]:
    """Rows of the second half of the run, with standard errors from independent replicas."""
    trouble = unsettled(config, run)
    rows = [energy(config, run, trouble), temperature(config, run)]
    stiffness = [modulus_check(config, run, second_half(run), trouble)]
    return (
        [*vortex_rows(config, run, trouble), *rows, *stiffness]
        if config.kT >= 0.5
        else [*rows, *stiffness, *vortex_rows(config, run, trouble)]
    )


def unsettled(config: XYMagnetConfig, run: SpinPath) -> str:
    """Why the second half of a run is not in equilibrium; "" where it is."""
    if run.status.diverged or not np.isfinite(run.recorder.energies).all():
        return run.status.message if run.status.diverged else "the run diverged"
    past, half = run.step / stability_limit(), run.times[-1] / 2
    if run.step > LONG:
        return f"the step is {number(past)} × the stability limit, too long for equilibrium"
    needed = forgets(config.start, config.side, config.kT)
    if np.isinf(needed):
        return "a twist stays: no noise this weak undoes it"
    if half < needed:
        return f"start not yet forgotten: that takes about t = {number(2 * needed, digits=2)}"
    return ""


def energy(config: XYMagnetConfig, run: SpinPath, trouble: str) -> Check:
    """The row of the mean energy per spin. The energy that long waves still lack after an aligned start is subtracted
    from the expected value."""
    half = len(run.recorder.times) // 2
    energies, side, kT = run.recorder.energies[half:, 0] / config.side**2, config.side, config.kT
    found = known("energy", side, kT)
    since, until = float(run.recorder.times[half]), float(run.recorder.times[-1])
    late = config.start == "aligned" and not trouble and until > since
    missing = missing_waves(side, kT, since, until) if late else 0.0
    error = scatter("energy", side, kT, run.step, len(energies))
    return Check(
        "energy a spin",
        float(energies.mean()),
        None if found is None else found.value - missing,
        uncertainty=error if found is None else float(np.hypot(error, found.error)),
        floor=0.0 if found is None else found.floor + BIAS * kT * (2 * run.step) ** 2,
        unit="J",
        source=MONTE_CARLO,
        incomparable=trouble,
        why="the Monte Carlo table begins at kT = 0.05",
    )


def temperature(config: XYMagnetConfig, run: SpinPath) -> Check:
    """The row of T = ⟨|∇E|²⟩/⟨∇²E⟩ over the second half of the steps, ∇²E = −2E; its error from independent replicas.

    The floor is the bias of order h² of Leimkuhler–Matthews. This row needs only that neighbours are in equilibrium
    with the noise, which they are long before the start has lost its influence.
    """
    half = len(run.recorder.times) // 2
    trouble = ""
    if run.status.diverged or not np.isfinite(run.recorder.energies).all():
        trouble = run.status.message if run.status.diverged else "the run diverged"
    elif run.step > LONG:
        trouble = f"the step is {number(run.step / stability_limit())} × the stability limit"
    elif run.times[-1] / 2 < SETTLED:
        trouble = "too short for neighbours to feel the noise"
    squares, energies = run.recorder.rates[half:, 0], run.recorder.energies[half:, 0]
    return Check(
        "temperature that the states tell",
        rugh_temperature(squares, energies),
        config.kT,
        uncertainty=scatter("temperature", config.side, config.kT, run.step, len(energies)),
        floor=BIAS * config.kT * (2 * config.step) ** 2,
        unit="J",
        source="⟨|∇E|²⟩ = T⟨∇²E⟩, Rugh 1997",
        incomparable=trouble,
    )


def vortex_rows(config: XYMagnetConfig, run: SpinPath, trouble: str) -> list[Check]:
    """Rows of the number of pairs, and of pairs far apart, per 100 spins."""
    side, kT, frames = config.side, config.kT, second_half(run)
    scale, apart = 100 / side**2, float(np.diff(run.times[frames]).mean()) if len(frames) > 1 else 1.0
    met = partners(run)
    far = float((met.distances > NEAR + 1e-6).sum()) / max(len(frames), 1)
    rows = []
    for name, key, value in (
        ("pairs farther apart than two sites, for 100 spins", "far", far),
        ("pairs for 100 spins", "pairs", float(run.pairs[frames].mean())),
    ):
        found = known(key, side, kT)
        if key == "far" and met.crowded:
            rows.append(Check(name, float("nan"), None, why=f"more than {MOST_MATCHED} pairs have no clear partners"))
            continue
        error = scatter(key, side, kT, apart, len(frames))
        if found is not None:
            error = skewed(error, found.value, above=scale * value > found.value)
        separate = separate_frames(key, kT, apart, len(frames))  # frames in which no pair is seen for the second time
        few = 0.0 if found is None else max(0.0, RARE * scale - found.value * separate) / separate
        rows.append(
            Check(
                name,
                scale * value,
                None if found is None else found.value,
                uncertainty=error if found is None else float(np.hypot(error, found.error) + few / 4),
                floor=0.0 if found is None else found.floor,
                source=MONTE_CARLO,
                incomparable=trouble,
                why="the Monte Carlo table begins at kT = 0.05",
            )
        )
    return rows


def skewed(error: float, expected: float, above: bool) -> float:
    """The error bar of a count of rare things that last, on the side above or below the expected number.

    Their time in sight is a compound Poisson number, whose tail falls as exp(−K(√(measured/expected) − 1)²) for K
    expected things: its square root is normal, with the error error/(2√expected). Four of these end at
    expected ± 4 error + 4 error²/expected, whatever was measured.
    """
    if expected <= 0:
        return error
    if above:
        return error * (1 + error / expected)
    return error * (1 - error / expected) if error < expected / 2 else expected / 4

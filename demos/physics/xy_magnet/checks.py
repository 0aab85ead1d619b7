"""Planar spins beside what is known: twisted states and the waves on them, neutrality, dissipation, temperature."""

from __future__ import annotations

from math import log, pi

import numpy as np
import torch

from demos.common.statistics import correlated_mean_error
from demos.contract import Check
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.vortices import winding_numbers
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.model import XYModel
from demos.physics.xy_magnet.reference import twisted_energy, wave_rates
from demos.physics.xy_magnet.simulate import FINER, LARGEST, SpinPath, rugh_temperature, stability_limit

MEETING = 80.0  # by then a pair ten sites apart has met: in 49 on 32² spins, in 72 on 64²
MOST_TWIST = 0.5  # of a link, beside the even twist: past it waves are not linear


def checks(config: XYMagnetConfig, run: SpinPath) -> tuple[Check, ...]:
    states = torch.from_numpy(run.thetas)[:, None]
    results = list(invariant_checks(run.system, states))
    if config.kT > 0:
        return (*results, temperature(config, run))
    stable = run.step <= stability_limit()
    if stable and run.recorder.energies[0, 0] > run.recorder.energies[-1, 0]:
        results.append(dissipation_identity(config, run))
    if stable and config.start == "pair" and config.side <= 64 and run.times[-1] >= MEETING:
        results.append(
            Check(
                "vortices left of the pair",
                float(2 * run.pairs[-1]),
                0.0,
                source="opposite charges attract by 2πJ/r, Kosterlitz & Thouless 1973",
            )
        )
    end = spin_waves(config, run) if stable else None
    return tuple(results) if end is None else (*results, end)


def dissipation_identity(config: XYMagnetConfig, run: SpinPath) -> Check:
    """The dissipation identity. An Euler step of h loses hL/2 of it at most, L = 8J. A step that is chosen grows with
    the tolerance to the power 1/5, and the error of Simpson's rule over uneven steps with its third power."""
    floor = run.step / stability_limit() if run.step else 1e-3 * max(1.0, config.tolerance / 1e-5) ** 0.6
    return Check(
        "dissipation identity",
        float(run.recorder.balance.residual[-1, 0]),
        0.0,
        floor=floor,
        source="E(0) − E(t) = ∫|∇E|² dt",
        note="the share of the energy that the path's clock lost",
    )


def spin_waves(config: XYMagnetConfig, run: SpinPath) -> Check | None:
    """Without vortices spins end in an even twist, whose energy is known, and what is above it are waves that decay as
    e^(−ωₖt).

    From the first state of the second half that has no vortices; None where there is none, or it is too uneven. The
    floor is the first order that linear waves leave out (a link twisted by δ is softer by δ²/2), and what the tolerance
    of the steps, on every spin, adds to waves that are still there.
    """
    half = np.searchsorted(run.times, run.times[-1] / 2)
    free = [i for i in range(half, len(run.times)) if len(run.vortices[i][0]) == 0]
    if not free:
        return None
    first, model = free[0], run.model
    theta = run.thetas[first].astype(np.float64)
    along_x, along_y = winding_numbers(torch.from_numpy(theta)[None])
    turns = int(along_x), int(along_y)
    if max(abs(n) for n in turns) >= model.size / 4:
        return None
    waves, twist = waves_on(theta, turns, model)
    if twist > MOST_TWIST:
        return None
    rates, span = wave_rates(model.size, turns, model.coupling), run.times[-1] - run.times[first]
    decay = np.exp(-2 * rates * span) if run.step == 0 else np.abs(1 - run.step * rates) ** (2 * span / run.step)
    before, left = 0.5 * float((rates * waves).sum()), 0.5 * float((rates * waves * decay).sum())
    exact = twisted_energy(model.size, turns, model.coupling)
    rounding = 1e-12 * abs(exact)
    noise = 0.0 if run.step else FINER * config.tolerance * model.size * (2 * LARGEST * model.coupling * left) ** 0.5
    floor = rounding + noise + twist**2 * left * (1 + log(max(before, rounding) / max(left, rounding)))
    return Check(
        "energy at the end",
        float(run.recorder.energies[-1, 0]),
        exact + left,
        floor=floor,
        unit="J",
        source=f"{turns[0]} and {turns[1]} turns: −JL²(cos 2πn/L + cos 2πm/L), and spin waves",
        note="linear waves do not describe what is left",
    )


def waves_on(theta: np.ndarray, turns: tuple[int, int], model: XYModel) -> tuple[np.ndarray, float]:
    """|θₖ|² (n, n) of what a state (n, n) without vortices is beside its even twist, and the largest uneven twist."""
    places = 2 * pi * np.arange(model.size) / model.size
    rest = theta - np.add.outer(turns[1] * places, turns[0] * places)
    rest = np.angle(np.exp(1j * rest) / np.exp(1j * rest).mean())
    links = [np.angle(np.exp(1j * (rest - np.roll(rest, 1, axis)))) for axis in (0, 1)]
    return np.abs(np.fft.fft2(rest)) ** 2 / model.size**2, float(max(np.abs(link).max() for link in links))


def temperature(config: XYMagnetConfig, run: SpinPath) -> Check:
    """T = ⟨|∇E|²⟩/⟨∇²E⟩ over the second half of the steps, ∇²E = −2E; its error from their autocorrelation.

    The floor is the bias of order h² of Leimkuhler–Matthews, (hL/4)² of the temperature.
    """
    half = len(run.recorder.times) // 2
    energies = run.recorder.energies[half:, 0]
    squares = run.recorder.rates[half:, 0]
    measured = rugh_temperature(squares, energies)
    deviations = (squares + 2 * measured * energies) / (-2 * energies.mean())
    return Check(
        "temperature of the states",
        measured,
        config.kT,
        uncertainty=correlated_mean_error(deviations),
        floor=config.kT * (2 * config.step) ** 2,
        unit="J",
        source="⟨|∇E|²⟩ = T⟨∇²E⟩, Rugh 1997",
        note="not yet in equilibrium, or the step is too large",
    )

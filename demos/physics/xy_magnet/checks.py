"""What is known of planar spins: exact twisted states and the waves on them, neutrality, the books, the temperature."""

from __future__ import annotations

from math import log, pi

import numpy as np
import torch

from demos.contract import Check
from demos.physics.bench.vortices import winding_numbers
from demos.physics.config import EnergyConfig
from demos.physics.xy_magnet.field_run import rugh_temperature, standard_error
from demos.physics.xy_magnet.model import XYModel
from demos.physics.xy_magnet.run import FINER, LARGEST, SpinPath, stability_limit

MEETING = 80.0  # by then a pair ten sites apart has met: in 49 on 32² spins, in 72 on 64²
MOST_TWIST = 0.5  # of a link, beside the even twist: past it waves are not linear


def checks(config: EnergyConfig, run: SpinPath) -> list[Check]:
    states = torch.from_numpy(run.thetas)[:, None]
    found = list(run.system.invariant_checks(states))
    if config.kT > 0:
        return found + [temperature(config, run)]
    stable = run.step <= stability_limit()
    if stable and run.ledger.energies[0, 0] > run.ledger.energies[-1, 0]:
        found.append(identity(config, run))
    if stable and config.start == "pair" and config.side <= 64 and run.times[-1] >= MEETING:
        found.append(
            Check(
                "vortices left of the pair",
                float(2 * run.pairs[-1]),
                0.0,
                source="opposite charges attract by 2πJ/r, Kosterlitz & Thouless 1973",
            )
        )
    at_rest = resting(config, run) if stable else None
    return found if at_rest is None else [*found, at_rest]


def identity(config: EnergyConfig, run: SpinPath) -> Check:
    """The dissipation identity. An Euler step of h loses hL/2 of it at most, L = 8J. A step that is chosen grows with
    the tolerance to the power 1/5, and the error of Simpson's rule over uneven steps with its third power."""
    floor = run.step / stability_limit() if run.step else 1e-3 * max(1.0, config.tolerance / 1e-5) ** 0.6
    return Check(
        "dissipation identity",
        float(run.ledger.residual[-1, 0]),
        0.0,
        floor=floor,
        source="E(0) − E(t) = ∫|∇E|² dt",
        note="the share of the energy that the path's clock lost",
    )


def resting(config: EnergyConfig, run: SpinPath) -> Check | None:
    """Without vortices spins end in an even twist of n and m turns, E = −JL²(cos 2πn/L + cos 2πm/L), and what is above
    it are waves that decay as e^(−ωₖt), ωₖ = J cos(2πn/L)(2 − 2 cos kₓ) + J cos(2πm/L)(2 − 2 cos k_y).

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
    turns = tuple(int(n) for n in winding_numbers(torch.from_numpy(theta)[None]))
    if max(abs(n) for n in turns) >= model.size / 4:
        return None
    waves, twist = waves_on(theta, turns, model)
    if twist > MOST_TWIST:
        return None
    rates, span = wave_rates(turns, model), run.times[-1] - run.times[first]
    decay = np.exp(-2 * rates * span) if run.step == 0 else np.abs(1 - run.step * rates) ** (2 * span / run.step)
    before, left = 0.5 * float((rates * waves).sum()), 0.5 * float((rates * waves * decay).sum())
    exact = twisted_energy(model, turns)
    rounding = 1e-12 * abs(exact)
    noise = 0.0 if run.step else FINER * config.tolerance * model.size * (2 * LARGEST * model.coupling * left) ** 0.5
    floor = rounding + noise + twist**2 * left * (1 + log(max(before, rounding) / max(left, rounding)))
    return Check(
        "energy at the end",
        float(run.ledger.energies[-1, 0]),
        exact + left,
        floor=floor,
        unit="J",
        source=f"{turns[0]} and {turns[1]} turns: −JL²(cos 2πn/L + cos 2πm/L), and spin waves",
        note="linear waves do not describe what is left",
    )


def twisted_energy(model: XYModel, turns: tuple[int, int]) -> float:
    """−JL²(cos 2πn/L + cos 2πm/L) for n turns along x and m along y."""
    return model.twisted_energy(turns[0]) + model.twisted_energy(turns[1]) - model.ground_state


def wave_rates(turns: tuple[int, int], model: XYModel) -> np.ndarray:
    """ωₖ (n, n), rows along y"""
    bend = 2 - 2 * np.cos(2 * pi * np.arange(model.size) / model.size)
    stiff = [model.coupling * np.cos(2 * pi * n / model.size) for n in turns]
    return np.add.outer(stiff[1] * bend, stiff[0] * bend)


def waves_on(theta: np.ndarray, turns: tuple[int, int], model: XYModel) -> tuple[np.ndarray, float]:
    """|θₖ|² (n, n) of what a state (n, n) without vortices is beside its even twist, and the largest uneven twist."""
    places = 2 * pi * np.arange(model.size) / model.size
    rest = theta - np.add.outer(turns[1] * places, turns[0] * places)
    rest = np.angle(np.exp(1j * rest) / np.exp(1j * rest).mean())
    links = [np.angle(np.exp(1j * (rest - np.roll(rest, 1, axis)))) for axis in (0, 1)]
    return np.abs(np.fft.fft2(rest)) ** 2 / model.size**2, float(max(np.abs(link).max() for link in links))


def temperature(config: EnergyConfig, run: SpinPath) -> Check:
    """T = ⟨|∇E|²⟩/⟨∇²E⟩ over the second half of the steps, ∇²E = −2E; its error from their autocorrelation.

    The floor is the bias of order h² of Leimkuhler–Matthews, (hL/4)² of the temperature.
    """
    half = len(run.ledger.times) // 2
    energies = run.ledger.energies[half:, 0]
    squares = run.ledger.rates[half:, 0]
    measured = rugh_temperature(squares, energies)
    off = (squares + 2 * measured * energies) / (-2 * energies.mean())
    return Check(
        "temperature of the states",
        measured,
        config.kT,
        uncertainty=standard_error(off),
        floor=config.kT * (2 * config.step) ** 2,
        unit="J",
        source="⟨|∇E|²⟩ = T⟨∇²E⟩, Rugh 1997",
        note="not yet in equilibrium, or the step is too large",
    )

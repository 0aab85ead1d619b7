"""Checks of planar spins at T = 0: meeting time of a vortex pair, twisted states and their waves, energy balance."""

from __future__ import annotations

from dataclasses import replace
from math import log, pi

import numpy as np
import torch

from demos.common.numbers import number
from demos.contract import Check
from demos.physics.bench.flow_checks import clock_check
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.vortices import winding_numbers
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.independent import LARGEST_ANGLE, independent_rows, own_energy
from demos.physics.xy_magnet.meeting import LOOK, meeting, meeting_by_euler
from demos.physics.xy_magnet.model import XYModel
from demos.physics.xy_magnet.monte_carlo import windings
from demos.physics.xy_magnet.reference import twisted_energy, wave_rates
from demos.physics.xy_magnet.simulate import FINER, LARGEST, SpinPath, stability_limit
from demos.physics.xy_magnet.warm_checks import warm_checks

MOST_TWIST = 0.5  # rad: largest deviation of a link from the uniform twist at which waves are linear
PINNED = 1e-6  # J: largest torque of spins that no longer move
FEWEST = 12  # adaptive steps: Simpson's rule misses up to 0.4 % of the fall on fewer
DRAWN = 1e-5  # J per spin: error of the energy of float32 angles
MEASURED = 2e-3  # relative error of the meeting time: digits of the table, tolerance of the steps
EULER = 2e-3  # relative error of the work by Simpson's rule on straight steps
FLIPPED = 4e-6  # share of links so near to half a turn that rounding decides their direction
RESTS = 1e-9  # relative to the energy: a smaller fall counts as none
BALANCE = 2e-3  # share of the fall: Simpson's rule misses up to 0.14 % in the first steps of a pair on many sites
STRAY = 0.014  # tolerances: twice what angles stray by in adaptive steps at the edge of stability
LOUD = 0.1  # share of the fall that strays may dissipate for the clock to be compared


def checks(config: XYMagnetConfig, run: SpinPath) -> tuple[Check, ...]:
    """The rows about the picture, the most informative first, then the self-tests."""
    rows = warm_checks(config, run) if config.kT > 0 else cold_checks(config, run)
    states = torch.from_numpy(run.thetas)[:, None]
    return (*rows, *frame_checks(run), *invariant_checks(run.system, states))


def cold_checks(config: XYMagnetConfig, run: SpinPath) -> list[Check]:
    rows = []
    if config.start == "pair":
        rows.append(meeting_row(config, run))
    rows += independent_rows(config, run, unstable(run))
    rows.append(rest_energy(config, run))
    clock = clock_row(config, run)
    return rows if clock is None else [*rows, clock]


def unstable(run: SpinPath) -> str:
    """Why nothing can be compared, where the step is above the stability limit; else ""."""
    past = run.step / stability_limit()
    return f"the step is {number(past)} × the stability limit 2/L" if past > 1 else ""


def meeting_row(config: XYMagnetConfig, run: SpinPath) -> Check:
    """The row of the time at which the pair meets, between two frames; before it, of whether the pair still exists."""
    exact, end, trouble = meeting(config.side), float(run.times[-1]), unstable(run)
    source = "SciPy's DOP853 at 1e-9, from the same start"
    gone = np.flatnonzero(run.pairs == 0)
    if not len(gone) or gone[0] == 0:
        return Check(
            "pairs left",
            float(run.pairs[-1]),
            float(end < exact * (1 + MEASURED)),
            source=f"{source}: they meet at t = {number(exact)}",
            incomparable=trouble,
        )
    before, after = float(run.times[gone[0] - 1]), float(run.times[gone[0]])
    row = Check(
        "the pair meets at t",
        (before + after) / 2,
        exact,
        floor=(after - before) / 2 + MEASURED * exact,
        source=source,
        note=f"in units of 1/J; between the frames at {number(before)} and {number(after)}",
        incomparable=trouble,
    )
    if not run.step or trouble or row.meets_truth:
        return row
    predicted = meeting_by_euler(config.side, run.step)
    if predicted is None:
        return replace(row, incomparable="what steps of this size do to the time would take too long to compute")
    return replace(row, predicted=predicted, predicted_by="this step", floor=row.floor + LOOK * run.step)


def clock_row(config: XYMagnetConfig, run: SpinPath) -> Check | None:
    """The row of the energy balance. An adaptive step grows as the tolerance to the power 1/5, and the error of
    Simpson's rule over uneven steps as the third power of the step. When little moves, the steps grow to the edge of
    stability, where every angle strays by a part of the tolerance: |∇E|² then has N(Lδ)² too much. The residual of
    Euler's steps is predicted. None where the spins were at rest from the start."""
    energies = run.recorder.energies[:, 0]
    trouble = unstable(run)
    if trouble:
        return clock_check(float("nan"), incomparable=trouble)
    if not energies[0] - energies[-1] > RESTS * abs(energies[0]):
        if run.recorder.rates[0, 0] < PINNED**2:
            return None
        return clock_check(-1.0)  # there is a torque, but nothing moves
    share = float(run.recorder.balance.residual[-1, 0])
    steps = len(energies) - 1
    if run.work_done is None and steps < FEWEST:
        few = f"the run took only {steps} step{'' if steps == 1 else 's'}: too few to integrate what they dissipate"
        return clock_check(share, incomparable=few)
    if run.work_done is None:
        strays = (STRAY * config.tolerance * 2 / stability_limit()) ** 2 * run.thetas[0].size * float(run.times[-1])
        strays /= energies[0] - energies[-1]
        loud = f"steps at this tolerance may stray by {number(100 * strays, digits=2)} % of the fall"
        floor = max(BALANCE, 1e-3 * max(1.0, config.tolerance / 1e-5) ** 0.6) + min(strays, LOUD)
        return clock_check(share, floor=floor, incomparable=loud if strays > LOUD else "")
    predicted = 1 - float(run.recorder.balance.dissipated[-1, 0]) / run.work_done
    return clock_check(share, floor=EULER, predicted=predicted, by="this step")


def rest_energy(config: XYMagnetConfig, run: SpinPath) -> Check:
    """The row of the final energy without vortices: that of a uniform twist, which is exact, plus that of waves, which
    decay as e^(−ωₖt) from the first state of the second half that has no vortices.

    The floor is the first nonlinear correction (a link twisted by δ is softer by δ²/2), plus the effect of the steps'
    tolerance on the remaining waves.
    """
    end, name = float(run.recorder.energies[-1, 0]), "energy at the end"
    trouble = unstable(run) or ("" if np.isfinite(run.thetas).all() else "some angles are no numbers")
    if trouble:
        return Check(name, end, run.model.ground_state, unit="J", incomparable=trouble)
    unknown = lambda why: Check(name, end, None, unit="J", why=why)
    half = np.searchsorted(run.times, run.times[-1] / 2)
    free = [i for i in range(half, len(run.times)) if len(run.vortices[i][0]) == 0]
    left = int(run.pairs[-1])
    if not free or left:
        return unknown(f"{'1 pair is' if left == 1 else f'{left:,} pairs are'} left, and their energy is in no formula")
    first, model = free[0], run.model
    theta = run.thetas[first].astype(np.float64)
    along_x, along_y = winding_numbers(torch.from_numpy(theta)[None])
    turns = int(along_x), int(along_y)
    if max(abs(n) for n in turns) >= model.size / 4:
        return unknown("so tight a twist is no minimum")
    waves, twist = waves_on(theta, turns, model)
    if twist > MOST_TWIST:
        return unknown("the vortices have only just gone: the waves they leave are too steep for linear theory")
    rates, span = wave_rates(model.size, turns, model.coupling), run.times[-1] - run.times[first]
    decay = np.exp(-2 * rates * span) if run.step == 0 else np.abs(1 - run.step * rates) ** (2 * span / run.step)
    before, left = 0.5 * float((rates * waves).sum()), 0.5 * float((rates * waves * decay).sum())
    exact = twisted_energy(model.size, turns, model.coupling)
    rounding = 1e-12 * abs(exact)
    strays, stiff = LARGEST_ANGLE * FINER * config.tolerance * model.size, LARGEST * model.coupling
    noise = 0.0 if run.step else strays * (2 * stiff * left) ** 0.5 + 0.5 * stiff * strays**2
    floor = rounding + noise + twist**2 * left * (1 + log(max(before, rounding) / max(left, rounding)))
    return Check(
        name,
        end,
        exact + left,
        floor=floor,
        unit="J",
        source=f"{turns[0]} and {turns[1]} turns: −JL²(cos 2πn/L + cos 2πm/L), and spin waves",
        note="linear waves do not describe what is left",
    )


def waves_on(theta: np.ndarray, turns: tuple[int, int], model: XYModel) -> tuple[np.ndarray, float]:
    """|θₖ|² (n, n) of the deviation of a state (n, n) without vortices from its uniform twist, and the largest
    deviation of a link."""
    places = 2 * pi * np.arange(model.size) / model.size
    rest = theta - np.add.outer(turns[1] * places, turns[0] * places)
    rest = np.angle(np.exp(1j * rest) / np.exp(1j * rest).mean())
    links = [np.angle(np.exp(1j * (rest - np.roll(rest, 1, axis)))) for axis in (0, 1)]
    return np.abs(np.fft.fft2(rest)) ** 2 / model.size**2, float(max(np.abs(link).max() for link in links))


def frame_checks(run: SpinPath) -> list[Check]:
    """Rows that compare frames with the run: the energy of the drawn angles against that of the steps; and the number
    of marked vortices against an independent count."""
    n = run.model.size
    drawn = np.concatenate([own_energy(part.astype(np.float64)) for part in np.array_split(run.thetas, 8)])
    off = (drawn - run.energies) / n**2
    worst = int(np.abs(off).argmax())
    own = sum(int(np.abs(windings(theta.astype(np.float64))).sum()) for theta in run.thetas)
    marked = sum(len(charges) for _, charges in run.vortices)
    return [
        Check(
            "energy of the frames, beside the curve",
            float(off[worst]),
            0.0,
            floor=DRAWN,
            unit="J a spin",
            source="the angles that are drawn, summed by other code",
        ),
        Check(
            "vortices marked in all frames",
            marked,
            own,
            floor=2 + FLIPPED * 2 * run.thetas.size,
            source="an own count of the angles that are drawn",
        ),
    ]

"""The frames of a picture of a run of particles or rods, and its live numbers (readouts)."""

from __future__ import annotations

from typing import Literal, TypedDict

import numpy as np
import torch

from demos.contract import Check
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.own_energy import own_energy_check
from demos.physics.bench.panels import dissipation_readout
from demos.picture import Picture, Readout


def frame_positions(run: MethodRun, frames: int = 100) -> np.ndarray:
    """(frames,) the fractional indices, from 0 to F − 1, of the states that a picture shows.

    Three quarters of them are spread evenly over the path's length, one quarter evenly over its steps: a flow is so
    fast at first that frames evenly spaced in time would show almost no motion.
    """
    states = run.states
    good = int(torch.isfinite(states).flatten(1).all(1).sum())  # a diverged path is shown up to there
    if good < 2:
        return np.zeros(frames)
    lengths = (states[1:good] - states[: good - 1]).flatten(1).norm(dim=1).clamp_max(1e3).numpy()
    share = np.r_[0.0, np.cumsum(lengths)] / max(lengths.sum(), 1e-300)
    clock = 0.75 * share + 0.25 * np.linspace(0, 1, good)
    return np.interp(np.linspace(0, clock[-1], frames), clock, np.arange(good))


def interpolated(values: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """values (F, …) at `positions`, linearly between the states."""
    values = np.asarray(values)
    low = np.minimum(positions.astype(int), len(values) - 1)
    high = np.minimum(low + 1, len(values) - 1)
    rest = (positions - low).reshape(-1, *[1] * (values.ndim - 1))
    return np.where(rest == 0, values[low], (1 - rest) * values[low] + rest * values[high])


def dissipation_readouts(run: MethodRun, positions: np.ndarray) -> tuple[Readout, ...]:
    """The readout of the residual of the energy balance at each of `positions`, in per cent; none for an optimizer."""
    if run.balance is None:
        return ()
    share = np.nan_to_num(run.balance.residual[:, 0], posinf=0.0, neginf=0.0)
    return (dissipation_readout(interpolated(share, positions)),)


def frame_checks(run: MethodRun, picture: Picture, above: float = 0.0, readout: str = "E") -> list[Check]:
    """Rows of the energies that a picture shows: `curve_check`, and where the system has its energy by other code too,
    the recorded states against that."""
    rows = [curve_check(run, picture, above, readout)]
    if run.system.own_energy is not None:
        rows.append(own_energy_check(run.system.own_energy, run.finite_states.numpy(), run.finite_energies))
    return rows


def curve_check(run: MethodRun, picture: Picture, above: float = 0.0, readout: str = "E") -> Check:
    """The row of the energies that a picture shows, less those that were booked while the flow's dissipation was added
    up (of an optimizer: computed anew from the recorded states). above: what the picture has subtracted from them.
    readout: how the label of the run's energy begins, where a picture shows several."""
    booked = run.system.energy(run.states).numpy() if run.balance is None else run.balance.energies[:, 0]
    own = interpolated(booked, frame_positions(run, picture.frames))
    shown = next(x.values for x in picture.readouts if x.label.startswith(readout)) + above
    both = np.isfinite(own) & np.isfinite(shown)
    off = np.where(both, np.where(both, shown, 0.0) - np.where(both, own, 0.0), 0.0)
    unlike = bool((np.isfinite(own) != np.isfinite(shown)).any())
    return Check(
        "energy of the frames, beside the curve",
        np.inf if unlike else float(off[np.abs(off).argmax()]),
        0.0,
        floor=1e-9 * max(1.0, float(np.abs(own[np.isfinite(own)]).max(initial=0.0))),
        source="the energy of the recorded states" if run.balance is None else "the energy in the run's own balance",
    )


class ClockAxis(TypedDict):
    """The label and the scale of the axis of time, as `time_panel` takes them."""

    x_label: str
    x_scale: Literal["", "log"]


def clock_axis(run: MethodRun, positions: np.ndarray) -> tuple[np.ndarray, ClockAxis]:
    """The coordinates of the frames on an axis, and the axis: iterations, or a logarithmic one of time for a flow."""
    x = interpolated(run.x, positions)
    if run.iterates:
        return x, {"x_label": "iteration", "x_scale": ""}
    first = x[x > 0].min(initial=max(float(run.x[-1]), 1e-9))
    shown = np.log10(np.where(x > 0, x, first / 2))  # the start, t = 0, a little before the first frame
    return shown, {"x_label": "t", "x_scale": "log"}


def clock_readout(run: MethodRun, positions: np.ndarray) -> Readout:
    """The readout of the picture's clock: time or iterations."""
    x = interpolated(run.x, positions)
    return Readout("iteration", np.rint(x), digits=6) if run.iterates else Readout("t", x)

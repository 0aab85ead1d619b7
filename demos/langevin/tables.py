"""Tables in long form for the static charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from demos.langevin.checks_free_energy import gaussians, is_gaussian
from demos.langevin.comparison import Comparison
from demos.langevin.exact.fokker_planck import kl_bound
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.cloud_energy import cloud_energy
from demos.langevin.reference.density_evolution import DensityEvolution
from demos.langevin.reference.distribution import Marginal
from demos.langevin.reference.gaussian import FREE, sample_free_energy
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

if TYPE_CHECKING:
    import pandas as pd

BINS = 60
CURVE = 201  # points of an exact marginal
FEWEST = 10  # least number of particles for a covariance
FLOOR = "sampling floor"

Part = dict[str, str | float | np.ndarray]
"""Some rows of a table: arrays of one length, and constants."""


def tables(
    setup: Setup,
    runs: list[MethodRun],
    comparisons: list[Comparison],
    evolution: DensityEvolution | None,
) -> dict[str, pd.DataFrame]:
    bars, curves = marginals(setup, runs, comparisons)
    return {"bars": bars, "curves": curves, "free_energy": free_energy(setup, runs, evolution)}


def _frame(columns: Sequence[str], parts: Sequence[Part]) -> pd.DataFrame:
    """One table of all parts, built at once: several times faster than joining a table for each part."""
    import pandas as pd  # not above: the first picture of a new server does not wait for it, 0.3 s

    sizes = [max(np.size(values) for values in each.values()) for each in parts]
    joined = {}
    for column in columns:
        values = [each[column] for each in parts]
        if any(isinstance(value, str) for value in values):
            joined[column] = pd.array(np.repeat(np.array(values, dtype=object), sizes), dtype="str")
        else:
            joined[column] = (
                np.concatenate(
                    [
                        np.full(size, value) if np.ndim(value) == 0 else value
                        for size, value in zip(sizes, values, strict=True)
                    ]
                )
                if parts
                else []
            )
    return pd.DataFrame(joined, columns=columns)


def marginals(setup: Setup, runs: list[MethodRun], comparisons: list[Comparison]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Histograms of x and y over the compared frames, and the exact curves: Boltzmann's, that at the time of the frame,
    and that of the discretised dynamics."""
    limit = boltzmann(setup.landscape, setup.kT) if setup.is_constant and setup.is_confined else None
    bars: list[Part] = []
    curves: list[Part] = []
    for axis, name in enumerate("xy"):
        edges = np.linspace(*setup.landscape.view[axis], BINS + 1)
        for run, comparison in zip(runs, comparisons, strict=True):
            values = run.states[comparison.first :, :, axis].ravel()
            values = values[np.isfinite(values)]
            density = np.histogram(values, edges)[0] / (max(len(values), 1) * np.diff(edges))
            bars.append({"axis": name, "left": edges[:-1], "right": edges[1:], "density": density, "series": run.label})
            if comparison.predicted is not None:
                curves.append(_curve(comparison.predicted.marginals[axis], edges, name, f"exact for {run.label}"))
        first = comparisons[0]
        now = first.truth or first.predicted
        if now is not None and not (first.incomparable or first.long_run or setup.config.start == "equilibrium"):
            if limit is None or now.source != limit.source:
                curves.append(_curve(now.marginals[axis], edges, name, "exact, at this moment"))
        if limit is not None:
            curves.append(_curve(limit.marginals[axis], edges, name, "Boltzmann"))
    return (
        _frame(("axis", "left", "right", "density", "series"), bars),
        _frame(("axis", "x", "density", "series"), curves),
    )


def _curve(marginal: Marginal, edges: np.ndarray, axis: str, series: str) -> Part:
    x = np.linspace(edges[0], edges[-1], CURVE)
    return {"axis": axis, "x": x, "density": np.interp(x, *marginal, left=0.0, right=0.0), "series": series}


def free_energy(setup: Setup, runs: list[MethodRun], evolution: DensityEvolution | None) -> pd.DataFrame:
    """F above equilibrium over time: the exact one (Fokker–Planck), the bound for convex U, that of the cloud (from its
    histogram; on a quadratic potential from its covariance, with the exact one of each method and step), and the floor,
    the bias of F for this number of particles."""
    parts = []
    if evolution is not None and setup.is_constant and setup.config.start != "equilibrium":
        parts += _evolving(setup, runs, evolution)
    for run in runs:
        if is_gaussian(setup, run) and setup.config.particles >= FEWEST:
            parts += _gaussian(setup, run)
    lowest = min([float(np.min(part["F"])) / 10 for part in parts if part["series"] == FLOOR], default=1e-6)
    seen = [part for part in (_above(lowest, each) for each in parts) if np.size(part["t"])]
    frame = _frame(("t", "F", "series"), seen)
    return frame.drop_duplicates(["t", "series"]) if len(runs) > 1 else frame  # the floor is common to all runs


def _above(lowest: float, part: Part) -> Part:
    """The rows of a part whose F is finite and above `lowest`."""
    energy = np.broadcast_to(part["F"], np.shape(part["t"]))
    good = (energy > lowest) & np.isfinite(energy)
    return {**part, "t": np.asarray(part["t"])[good], "F": energy[good]}


def _evolving(setup: Setup, runs: list[MethodRun], evolution: DensityEvolution) -> list[Part]:
    times, values = evolution.times[1:], evolution.free_energy[1:]
    parts: list[Part] = [{"t": times, "F": values, "series": "exact (Fokker–Planck)"}]
    for run in runs:
        if run.is_overdamped and not is_gaussian(setup, run) and not run.lost:
            cloud = cloud_energy(setup.landscape, run.states, evolution)
            at = run.times[cloud.frames]
            parts.append({"t": at, "F": cloud.values, "series": run.label})
            parts.append({"t": at, "F": cloud.floor, "series": FLOOR})
    if setup.landscape.convexity is not None:
        bound = setup.kT * kl_bound(values[0] / setup.kT, setup.landscape.convexity, times)
        parts.append({"t": times, "F": bound, "series": "Bakry–Émery bound"})
    return parts


def _gaussian(setup: Setup, run: MethodRun) -> list[Part]:
    times, kT = run.times[1:], setup.kT
    measured = [sample_free_energy(cloud, setup.hessian, kT) for cloud in run.states[1:]]
    exact = [gaussian.free_energy for gaussian in gaussians(setup, run)]
    return [
        {"t": times, "F": np.array(measured), "series": run.label},
        {"t": times, "F": np.array(exact), "series": f"exact for {run.label}"},
        {"t": times, "F": FREE * kT / (2 * setup.config.particles), "series": FLOOR},
    ]

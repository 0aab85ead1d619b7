"""Tidy tables for the charts that stand still."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.langevin.cloud_energy import cloud_energy
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.convex import FREE, is_gaussian, law_after, measured
from demos.langevin.exact.fokker_planck import kl_bound
from demos.langevin.laws import boltzmann, confined
from demos.langevin.motion import Motion
from demos.langevin.simulate import Run
from demos.langevin.truth import OVERDAMPED, Truth

BINS = 60
FLOOR = "sampling floor"


def tables(
    config: LangevinConfig, runs: list[Run], truths: list[Truth | None], motion: Motion | None
) -> dict[str, pd.DataFrame]:
    bars, curves = marginals(config, runs, truths)
    return {"bars": bars, "curves": curves, "free_energy": free_energy(config, runs, motion)}


def marginals(config: LangevinConfig, runs: list[Run], truths: list[Truth | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Histograms of x and y over the frames that are compared, and the exact curves: Boltzmann's, the law at that
    moment, and that of the discretised dynamics."""
    landscape = landscape_of(config)
    rests = config.schedule == "constant" and confined(landscape, config.temperature)
    limit = boltzmann(landscape, config.temperature) if rests else None
    bars, curves = [], []
    for axis, name in enumerate("xy"):
        low, high = landscape.view[axis]
        edges = np.linspace(low, high, BINS + 1)
        for run, truth in zip(runs, truths, strict=True):
            first = truth.first if truth else len(run.path.times) - 1
            values = run.states[first:, :, axis].ravel()
            values = values[np.isfinite(values)]
            density = np.histogram(values, edges)[0] / (max(len(values), 1) * np.diff(edges))
            bars.append(
                pd.DataFrame(
                    {"axis": name, "left": edges[:-1], "right": edges[1:], "density": density, "series": run.row.label}
                )
            )
            if truth is not None and truth.continuous is not None:
                curves.append(_curve(truth.law.marginals[axis], edges, name, f"exact for {run.row.label}"))
        first = next((truth for truth in truths if truth is not None), None)
        if first is not None and not first.long_run:
            law = first.continuous or first.law
            if (limit is None or law.source != limit.source) and config.start != "equilibrium":
                curves.append(_curve(law.marginals[axis], edges, name, "exact, at this moment"))
        if limit is not None:
            curves.append(_curve(limit.marginals[axis], edges, name, "Boltzmann"))
    return pd.concat(bars), pd.concat(curves) if curves else pd.DataFrame(columns=["axis", "x", "density", "series"])


def _curve(side: tuple[np.ndarray, np.ndarray], edges: np.ndarray, axis: str, name: str) -> pd.DataFrame:
    x = np.linspace(edges[0], edges[-1], 201)
    return pd.DataFrame({"axis": axis, "x": x, "density": np.interp(x, *side, left=0.0, right=0.0), "series": name})


def free_energy(config: LangevinConfig, runs: list[Run], motion: Motion | None) -> pd.DataFrame:
    """F above equilibrium over time: exact (Fokker–Planck), the convex bound, the cloud's own (from its histogram; on a
    quadratic from its covariance, beside the exact one of each method with its step), and the floor below which no
    such number of particles can see."""
    landscape, kT = landscape_of(config), config.temperature
    parts = []
    if motion is not None and config.schedule == "constant" and config.start != "equilibrium":
        times, values = motion.times[1:], motion.free_energy[1:]
        parts.append(pd.DataFrame({"t": times, "F": values, "series": "exact (Fokker–Planck)"}))
        for run in runs:
            if run.method in OVERDAMPED and not is_gaussian(config, run) and not run.path.status.diverged:
                cloud = cloud_energy(landscape, run.states, motion)
                at = run.path.times.numpy()[cloud.frames]
                parts.append(pd.DataFrame({"t": at, "F": cloud.values, "series": run.row.label}))
                parts.append(pd.DataFrame({"t": at, "F": cloud.floor, "series": FLOOR}))
        if landscape.convexity is not None:
            bound = kT * kl_bound(values[0] / kT, landscape.convexity, times)
            parts.append(pd.DataFrame({"t": times, "F": bound, "series": "Bakry–Émery bound"}))
    for run in runs:
        if not is_gaussian(config, run) or config.particles < 10:
            continue
        times, label = run.path.times[1:].numpy(), run.row.label
        exact = [law_after(config, run.method, round(t / config.step)).free_energy for t in times]
        parts.append(
            pd.DataFrame({"t": times, "F": [measured(cloud, config) for cloud in run.states[1:]], "series": label})
        )
        parts.append(pd.DataFrame({"t": times, "F": exact, "series": f"exact for {label}"}))
        parts.append(pd.DataFrame({"t": times, "F": FREE * kT / (2 * config.particles), "series": FLOOR}))
    if not parts:
        return pd.DataFrame(columns=["t", "F", "series"])
    frame = pd.concat(parts).drop_duplicates(["t", "series"])
    floor = frame.loc[frame["series"] == FLOOR, "F"].min() / 10 if FLOOR in set(frame["series"]) else 1e-6
    return frame[(frame["F"] > floor) & np.isfinite(frame["F"])]
